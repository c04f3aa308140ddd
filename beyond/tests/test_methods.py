"""Methods by name: what the catalogue makes, and what figures read in a name."""

from beyond.experiments.methods import LIF
from beyond.figures.looks import has_default_budget
from experiments.estimators import CATALOGUE, estimator
from figures.looks import slope_of

RESETS = ("through", "ignored")


def test_the_catalogue_makes_what_a_name_says():
    sloped = [name for name in CATALOGUE if name.startswith("surrogate") and "_x" in name]
    assert len(sloped) > 5
    for name in sloped:
        base = name.rpartition("_x")[0]
        made, matched = (estimator(n, beta=3.0) for n in (name, base))
        assert made.derivative.beta == slope_of(name) * matched.derivative.beta
        assert made.reset is matched.reset
        wanted = next((reset for reset in RESETS if base.endswith(reset)), "detached")
        assert made.reset.__name__ == wanted


def test_figures_read_the_budget_of_a_name():
    other = {name for name in LIF if not has_default_budget(name)}
    assert other == {name for name in LIF if name.endswith(("_one", "_more"))} and len(other) == 3
