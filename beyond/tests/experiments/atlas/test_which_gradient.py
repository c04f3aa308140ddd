"""The page that says which gradient to use: right about what it is told."""

import re

import numpy as np
import pytest

import snn
from beyond.figures.panels.atlas_choice import floored, short
from beyond.scripts import which_gradient
from beyond.scripts.which_gradient import (
    ALIKE,
    PERTURBED,
    Advice,
    decision_table,
    printed_interval,
)
from experiments.engine.config import Project
from experiments.replication.goldens import committed_arrays
from experiments.tables import block
from figures.panels import names_of
from snn.estimators.base import Estimator, Oracle

README = which_gradient.PAGE.parents[2] / "README.md"


def test_the_decisions_have_a_row_for_each_network():
    assert block(which_gradient.PAGE.read_text(), "decisions").count("\n") == 2 + 5


def test_the_advice_on_training_has_the_numbers_of_figure_10():
    data = committed_arrays(Project(), "fig10")
    high, low = data["slopes_high_noise"], data["slopes_low_noise"]
    broad = "broad_usual"

    def ratio(panel, *pair):
        value, low, high = panel["paired"][0, *map(names_of(panel).index, pair)]
        return f"{value:.2f} {printed_interval(np.array([low, high]))}"

    def solved(name):
        shares = []
        for panel in (data["again_random"], data["again_literals"]):
            value, low, high = 100 * panel["own_share"][names_of(panel).index(name)]
            shares.append(f"{value:.0f} [{low:.0f}, {high:.0f}]")
        return shares

    evidence = [
        f"Its final loss is {ratio(high, broad, 'super_spike_through_usual')} times that of",
        f"Its final loss is {ratio(low, broad, 'broad_detached_usual')} times that with",
        "it solves {} % of random Boolean functions and {} % of three literals; the exact gradient "
        "of the loss of the mean response {} and {} %".format(
            *solved("broad_usual"), *solved("exact_of_response")
        ),
    ]
    page, readme = (block(p.read_text(), "training") for p in (which_gradient.PAGE, README))
    rows = page.splitlines()[2:]
    # README has the most frequent rows alone.
    assert set(readme.splitlines()) < set(page.splitlines()) and len(readme.splitlines()) == 4
    assert len(rows) == 6
    for row, words in zip(rows[3:], evidence, strict=True):
        assert words in row


def test_the_page_names_as_many_networks_as_there_are():
    data = committed_arrays(Project(), "fig8")
    each, every = (int(data["regimes"][name]) for name in ("n_networks", "n_draws"))
    words = (
        f"the third worst of {each} random layered networks",
        f"{every} draws of weights, {each} at each of {every // each} depths",
        f"Of {every} draws of weights",
        f"for each of the {every} networks of a slope",
        f"quadratic loss, {int(data['depth']['n_networks'])} networks",
    )
    assert [phrase for phrase in words if phrase not in page()] == []


def test_the_page_counts_trials_and_surrogates_as_figure_8_does():
    regimes = committed_arrays(Project(), "fig8")["regimes"]
    unbiased = np.isnan(regimes["against_any"])
    steep = regimes["cells"][0][:, 2] == 16
    few, z, above = (regimes[key][unbiased] for key in ("few_carry", "max_abs_z", "z_above_5"))
    low, high = ends(regimes["projection"][:, unbiased][:, :, ~steep])
    each = few[:, steep].sum(axis=1)
    at = names_of(regimes, "estimators").index
    alike = {regimes["against_any"][at(name)] for name in ALIKE}
    wide = regimes["projection"][:, unbiased][:, :, steep]
    most = f"{z[:, steep].max():.0e}".replace("e+0", "e")
    never = {which_gradient.share(regimes, "against_any", at(name)) for name in PERTURBED}
    assert never == {"0 (at most 4 %)"}
    assert not few[:, ~steep].any() and above.sum() == 1 and alike == {8}
    words = (
        f"in all 90 (1 in the mean) | {low} to {high} | {ends(wide)[0]} to {ends(wide)[1]} |",
        f"by estimator | 0 | {each.min()} to {each.max()} of 90 |",
        f"of networks with enough trials | {z[:, ~steep].max():.1f} | {most}, in one network (sto",
        "Of four surrogates not listed (slope × 1/2 and × 2, Gaussian, box) it is 8 [4, 17 %] of "
        "the 90 for each",
        "those of finite differences and evolution strategies never point against it (at most 4 %)",
    )
    assert (len(each), len(ALIKE)) == (5, 4)
    assert [phrase for phrase in words if phrase not in page()] == []


def page():
    """The page's words."""
    return " ".join(which_gradient.PAGE.read_text().split())


def ends(values):
    """The smallest and the largest, as the page writes them."""
    return [f"{end:.2f}".replace("-", "−") for end in (values.min(), values.max())]


def test_the_line_to_write_is_the_safer_one_where_there_is_one():
    """At slope 4, mean field fails in the worst networks; from 10 runs on another does not."""
    regimes = committed_arrays(Project(), "fig8")["regimes"]
    one, ten = (Advice(regimes, 0, 1, budget) for budget in (0, 1))
    assert one.chosen == one.place == ten.place != ten.chosen == ten.safer
    assert ten.low.min() > ten._of("p10_", ten.place).min() + 0.1
    rows = decision_table(regimes).splitlines()
    (row,) = [x for x in rows if "any other wiring | β = 4 |" in x]
    assert "`snn.MeanField()`; from 10: `snn.Surrogate()`" in row


def test_readme_gives_the_pages_advice_and_every_line_is_code():
    page = which_gradient.PAGE.read_text().partition("\n**To train")[2]
    page = page.partition("<!-- /decisions")[0]
    readme = block(README.read_text(), "training")
    lines, shorter = (set(re.findall(r"`(snn\.[^`]+\))`", text)) for text in (page, readme))
    assert shorter and shorter <= lines
    assert {"snn.ExactEnumeration()", "snn.TransferMatrix()"} <= lines
    assert {"snn.Surrogate(snn.surrogate.SuperSpike(10.0))", "snn.PathSampleAnalytic()"} <= lines
    for line in lines:
        made = eval(line, {"snn": snn, "beta": 16.0})
        assert isinstance(made, Estimator | Oracle), line


@pytest.mark.parametrize(
    ("value", "page", "figure"),
    [
        (0.999, "0.99", ".99"),
        (-0.281, "−0.29", "−.29"),
        (-0.001, "−0.01", "−.01"),
        (1, "1.00", "1.00"),
    ],
)
def test_page_and_figure_round_alike(value, page, figure):
    """Down, the sign kept: the figure printed -0.281 as -.28, and -0.001 as .00."""
    assert (floored(value), short(value)) == (page, figure)
