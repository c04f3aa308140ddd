"""Pages with tables from the committed numbers are what the command writes."""

import csv
import re

import numpy as np
import pytest

from beyond.experiments import study
from beyond.experiments.families import (
    ENUMERATED_LOW,
    MAPS,
    RESETS_HIGH,
    RESETS_LOW,
    TERM_ON_SPIKE_TIMES,
)
from beyond.experiments.lif.tuned_training import silent
from beyond.experiments.predictions import ROWS
from beyond.scripts import (
    bias_or_variance,
    event_training,
    initial_weights,
    tables,
    true_gradient,
    verdicts,
    why_bias_helps,
)
from beyond.scripts.comparisons import quantities_of_all_figures, statements
from experiments.engine.config import Project
from experiments.engine.experiment import Quantity
from experiments.replication.goldens import committed_arrays
from figures.panels import names_of


@pytest.mark.parametrize("page", tables.PAGES, ids=lambda page: page.PAGE.stem)
def test_a_page_is_not_stale(page):
    assert page.PAGE.read_text() == page.written(), "python -m beyond.scripts.tables"


OUTCOMES = {
    "supported": True,
    "refuted": False,
    "solves more": True,
    "solves fewer": True,
    "undecided": None,
    "as many": None,
    "at most 5 points more": None,
}
"""Verdicts in cells; a claim states what was found, and "more" is not decided by the last two."""


@pytest.mark.parametrize("page", [initial_weights, bias_or_variance, event_training])
def test_a_cell_with_a_verdict_is_a_claim_of_its_own(page):
    claims = {claim.id: claim for claim in study.claims("fig9", "fig10", "fig11")}
    quantities, n_statements = quantities_of_all_figures(), 0
    for line in page.PAGE.read_text().splitlines():
        if name := re.match(r"\| \w+[^|]*\((E\d+)", line):
            cells = [cell for cell in line.split("|")[4:-1] if cell.strip()]
            ids = [id_ for id_ in claims if id_.rstrip("abcd") == name[1]]
            assert len(ids) == len(cells), name[1]
            for id_, cell in zip(ids, cells, strict=True):
                verdict = re.search(r": \**([a-z0-9 ]+)", cell)[1]
                assert OUTCOMES[verdict.strip()] is claims[id_].evaluate(quantities).holds, id_
            n_statements += 1
    assert n_statements >= 12


@pytest.mark.parametrize("page", tables.PAGES, ids=lambda page: page.PAGE.stem)
def test_no_sentence_refutes_a_claim_that_holds(page):
    claims = {claim.id: claim for claim in study.claims("fig9", "fig10", "fig11")}
    quantities = quantities_of_all_figures()
    for line in page.PAGE.read_text().splitlines():
        for sentence in line.split(". ") if not line.startswith("|") else ():
            for id_ in re.findall(r"E\d+[a-d]?", sentence) if "refuted" in sentence else ():
                assert claims[id_].evaluate(quantities).holds is False, sentence


def row_of(table, name):
    rows = (line.split(" | ") for line in table.splitlines())
    return next(cells for cells in rows if cells[0] == f"| {name}")


def test_a_loss_is_the_geometric_mean_at_the_chosen_option_of_enumerable_networks():
    panels = committed_arrays(Project(), "fig9")
    data = panels[ENUMERATED_LOW]
    arm = data["arms"][0].tolist().index("broad")
    tuning, judged = (data[name][0, 0, arm].reshape(16, -1) for name in ("tuning", "log_loss"))
    value = np.exp(judged[np.mean(tuning, axis=1).argmin()].mean())
    assert row_of(bias_or_variance.losses_table(panels), "broad SG")[2].startswith(f"{value:.2f} [")


def test_an_option_at_an_end_of_its_grid_is_bold():
    data = committed_arrays(Project(), "fig9")[ENUMERATED_LOW]
    assert bias_or_variance._option(data, 0) == ("**0.5**", "**0.01**")
    assert bias_or_variance._option(data, 6) == ("1", "0.1")


def test_a_loss_with_the_term_is_the_geometric_mean_at_the_chosen_option():
    panels = committed_arrays(Project(), "fig11")
    data = panels[TERM_ON_SPIKE_TIMES[1]]
    arm = data["methods"][0].tolist().index("broad")
    option = np.nanargmin(data["tuning"][0, arm, :, 1].mean(axis=-1))
    loss = data["loss"][:, arm, option, 1].astype(float)
    value = np.exp(np.log(loss[:, -1] / loss[:, 0]).mean())
    table = event_training.by_task(panels, event_training._loss)
    assert row_of(table, "SG, broad")[4].startswith(f"{value:.2f} [")


@pytest.mark.parametrize(
    ("low", "high", "decided", "name"),
    [
        (0.01, 0.2, True, "solves more"),
        (0.01, 0.2, False, "undecided"),
        (-0.2, -0.01, True, "solves fewer"),
        (-0.04, 0.04, False, "as many"),
        (-0.2, 0.04, False, "at most 5 points more"),
    ],
)
def test_outcomes_have_the_names_of_the_rule(low, high, decided, name):
    difference = Quantity((low + high) / 2, "statistical", ci_low=low, ci_high=high)
    assert initial_weights.outcome(decided, difference) == name


def test_a_cell_of_the_slopes_has_the_number_of_its_arm():
    panels = committed_arrays(Project(), "fig10")
    low = panels["slopes_low_noise"]
    value = low["relative"][0, names_of(low).index("broad_detached_usual"), 0]
    table = why_bias_helps.slopes_table(panels)
    row = row_of(table, "sigmoid, a quarter of it (broad)")
    assert row[4].startswith(f"{value:.2f} ["), row
    assert table.splitlines()[0].split(" | ")[4].startswith("low noise, detached")


def test_a_statement_has_its_number_its_verdict_and_the_reasons():
    quantities = quantities_of_all_figures()
    columns = {RESETS_HIGH: "high noise", RESETS_LOW: "low noise"}
    log = quantities["fig9.resets_low_noise.surrogate_through_over_surrogate_log"].value
    written = statements(["E80", "E71"], columns).splitlines()
    undecided, supported = (line.split(" | ") for line in written[2:])
    assert undecided[1] == "" and undecided[2].startswith(f"{np.exp(log):.2f} [")
    assert undecided[3] == "undecided: its interval contains the limit"
    assert supported[2:4] == ["", "**supported**"]


def test_a_statement_on_several_pairs_counts_those_that_support_it():
    columns = dict(zip(MAPS, ("low noise", "high noise"), strict=True))
    assert "| 4 of 4 | 4 of 4 | **supported** |" in statements(["E57"], columns)


def test_a_norm_before_training_is_the_geometric_mean_over_tasks_with_a_known_direction():
    panels = committed_arrays(Project(), "fig9")
    data = panels[RESETS_LOW]
    arm = names_of(data).index("surrogate")
    assert not silent(data).any() and (data["cosine_se"][:, arm] < 0.15).all()
    value = np.prod(data["ratio"][:, arm].astype(float)) ** (1 / 32)
    row = row_of(true_gradient.directions_table(panels), "matched, detached")
    assert float(row[5]) == float(f"{value:.3g}")


def test_a_verdict_follows_from_the_numbers_beside_it():
    lines = list(csv.DictReader(verdicts.PAGE.read_text().splitlines()))
    by_id = {line["id"]: line["verdict"] for line in lines}
    assert by_id.keys() == {row.id for row in ROWS} - {""}
    assert all(line["verdict"] == by_id[line["id"]] for line in lines)
    rules = {
        (row.id, panel, "/".join(pair)): row
        for row in ROWS
        for panel in row.panels
        for pair in row.pairs
    }
    assert len(lines) == len({(x["id"], x["panel"], x["arms"]) for x in lines}) > 200
    may_hold = dict.fromkeys(by_id, True)
    for line in lines:
        row = rules[line["id"], line["panel"], line["arms"]]
        ends = (float(line[name]) for name in ("value", "ci_low", "ci_high"))
        quantity = Quantity(next(ends), "statistical", ci_low=next(ends), ci_high=next(ends))
        assert bool(line["p"]) == bool(line["tests"]) == row.rules.corrected
        clear = line["turned"] == "0" and (not line["p"] or float(line["p"]) < 0.05)
        may_hold[row.id] &= clear and row.relation.holds(quantity) is True
    assert {id_ for id_, holds in may_hold.items() if holds} == {
        id_ for id_, verdict in by_id.items() if verdict == "holds"
    }
    assert set(by_id.values()) <= {"holds", "fails", "undecided"}


def test_a_line_of_the_verdicts_has_the_number_of_its_arms():
    data = committed_arrays(Project(), "fig9")[RESETS_LOW]
    at_chosen = []
    for name in ("super_spike", "stochastic_ad_systematic"):
        arm = names_of(data).index(name)
        rate = np.nanargmin(data["tuning"][0, arm].astype(float).mean(axis=-1))
        at_chosen.append(data["log_loss"][:, arm, rate].astype(float))
    value, lower = np.exp(np.mean(at_chosen[0] - at_chosen[1])), np.less(*at_chosen).sum()
    lines = csv.DictReader(verdicts.PAGE.read_text().splitlines())
    (line,) = (x for x in lines if (x["id"], x["panel"]) == ("E20", RESETS_LOW))
    assert float(line["value"]) == pytest.approx(value, rel=1e-5)
    assert line["tasks"] == f"better in {lower} of 32 tasks, worse in {32 - lower}"
