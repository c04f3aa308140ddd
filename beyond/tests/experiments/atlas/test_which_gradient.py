"""The page that says which gradient to use: right about what it is told."""

import re

import numpy as np

import snn
from beyond.scripts import which_gradient
from beyond.scripts.which_gradient import (
    Advice,
    decision_table,
    printed_interval,
)
from experiments.engine.config import Project
from experiments.replication.goldens import committed_arrays
from experiments.speech.network import MODES
from experiments.statistics import mean_interval
from experiments.tables import block
from figures.captions import caption
from figures.panels import names_of
from snn.estimators.base import Estimator, Oracle

README = which_gradient.PAGE.parents[2] / "README.md"


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


def test_several_layers_have_the_accuracies_of_figure_7():
    """Of networks trained by the matched SG, too: on the page, in README, and in the caption."""
    data = committed_arrays(Project(), "fig7")
    page = which_gradient.PAGE.read_text()

    def accuracy(panel, mode, surrogate):
        reset = names_of(data[panel], "resets").index("detached")
        row = data[panel]["accuracy_interval"][mode, reset, surrogate]
        return "{:.3f} [{:.3f}, {:.3f}]".format(*row)

    matched, spike = (accuracy("resets_speech", 1, surrogate) for surrogate in (0, 2))
    evidence = f"On synthetic speech it classifies {spike} of the test utterances, the matched SG"
    row = next(line for line in page.splitlines() if "| LIF with noise, several layers" in line)
    assert f"{evidence} {matched} (20 classes, five networks)" in row
    gap = "| −0.420 [−0.658, −0.182] |"
    assert f"5 networks, with noise | {matched} | {spike} {gap}" in page
    assert "was not trained" not in page
    for text in (page, README.read_text()):
        assert f"(ten networks: accuracy {accuracy('resets', 0, 2)}, chance 0.067)" in text
    detached = names_of(data["resets"], "resets").index("detached")
    drawn = caption("fig7_supplement", Project().place("fig7").captions).body
    for mode, spikes in enumerate(MODES):
        pair = (accuracy("resets_speech", mode, surrogate) for surrogate in (0, 2))
        assert " and ".join(pair) in drawn
        matched, _, spike = data["resets"]["test_accuracy"][:, mode, detached].T
        row = "{:.3f} [{:.3f}, {:.3f}]".format(*mean_interval(matched - spike))
        assert f"{row} with {spikes}".replace("-", "−") in drawn


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
