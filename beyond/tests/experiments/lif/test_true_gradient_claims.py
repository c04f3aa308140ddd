"""Claims E12 to E16 hold, and fail where what they are about is broken."""

import jax

from beyond.experiments.lif.claims import CLAIMS
from beyond.tests.experiments.verdicts import verdicts
from experiments.engine.config import Project, plan
from experiments.engine.experiment import Data, Experiment
from experiments.engine.run import collect
from experiments.replication.goldens import read

GOLDEN = read(Project().golden("fig9"))


def measured(experiment: str) -> tuple[Experiment, Data]:
    """Compute one experiment of the smoke preset."""
    run = plan(Project(), ["figure=fig9/smoke"])
    for name in set(run.panels) - {experiment}:
        del run.panels[name]
    with jax.numpy_rank_promotion("allow"):
        arrays = collect(Project(), run, with_cache=False).arrays
    return run.panels[experiment], arrays[experiment]


def failed(name: str, experiment: Experiment, data: Data) -> set[str]:
    """Claims on one experiment that do not hold; what is not measured is as committed."""
    summary = {f"{name}.{key}": quantity for key, quantity in experiment.summary(data).items()}
    committed = {key: q for key, q in GOLDEN.quantities.items() if key.startswith(f"{name}.")}
    found = verdicts(CLAIMS, "fig9", committed | summary)
    return {id_ for id_, verdict in found.items() if verdict != "holds"}


def test_resets_that_are_differentiated_otherwise_are_noticed():
    """One estimator in place of the other has the other's numbers: both see the same noise."""
    experiment, data = measured("noise")
    through, detached = map(experiment.surrogates.index, ("surrogate_through", "surrogate"))
    assert failed("noise", experiment, data) == set()
    for broken, other, caught in (
        (through, detached, {"E12", "E13", "E14"}),
        (detached, through, {"E14", "E15"}),
    ):
        wrong = {name: array.copy() for name, array in data.items()}
        for name in ("cosine", "ratio", "cosine_se", "ratio_se", "variance"):
            wrong[name][:, :, broken] = data[name][:, :, other]
        assert caught <= failed("noise", experiment, wrong)
