"""The protocol of all trainings: planted outcomes are found, and every claim can fail."""

from math import log

import numpy as np
import pytest
from scipy import stats

from beyond.experiments import families, predictions, study
from beyond.experiments.predictions import ROWS
from beyond.experiments.study import Outcomes, choose, conclude
from beyond.experiments.tuning import JUDGED, TUNING, tuned
from experiments.replication.relations import above

N, N_TUNING = 32, 16


def planted(levels, n=N, spread=0.05, seed=0, better="less", **changes):
    """Return outcomes of arms with these means, at the second of two options.

    At the first option every arm is worse by 1.
    """
    rng = np.random.default_rng(seed)
    means = np.array(list(levels.values()))[:, None, None]
    worse = np.array([1.0, 0.0])[:, None] * (1 if better == "less" else -1)
    judged = means + worse + spread * rng.normal(size=(len(levels), 1, n))
    score = np.abs(worse) + 0.05 * rng.normal(size=(len(levels), 2, N_TUNING))
    return Outcomes(list(levels), score, judged, better, **changes)


def test_the_best_option_of_the_tuning_tasks_is_chosen():
    chosen = choose(planted({"a": 0.0, "b": 2.0}))
    assert chosen.which.tolist() == [1, 1]
    np.testing.assert_allclose(chosen.end.mean(axis=1), [0, 2], atol=0.05)
    value, low, high = chosen.difference(1, 0)
    assert low < value < high and value == pytest.approx(2, abs=0.05)
    assert chosen.better.tolist() == [[0, N], [0, 0]]
    assert np.isnan(choose(planted({"a": 0.0, "b": 2.0}, n=1)).samples).all()


def test_intervals_contain_the_choice():
    """Where tuning tasks hardly distinguish two options, the interval is wider."""
    clear = planted({"a": 0.0, "b": 2.0})
    doubtful = clear._replace(tuning=clear.tuning - np.array([[[0.99], [0.0]]]))
    widths = [np.ptp(choose(one).difference(0, 1)[1:]) for one in (clear, doubtful)]
    assert widths[1] > 5 * widths[0]


def test_every_test_has_the_p_value_of_its_name():
    chosen = choose(planted({"a": 0.0, "b": 0.02, "c": 0.0}))
    difference = chosen.end[0] - chosen.end[1]
    _, sign = study.by_sign(chosen, 0, 1)
    assert sign == pytest.approx(stats.binomtest((difference < 0).sum(), N).pvalue)
    _, student = study.by_student(chosen, 0, 1)
    assert student == pytest.approx(stats.ttest_1samp(difference, 0).pvalue)
    row, _ = study.without_choice(chosen, 0, 1)
    expected = stats.ttest_1samp(difference, 0).confidence_interval()
    np.testing.assert_allclose(row[1:], [expected.low, expected.high])
    # Both options are ends of a grid of two.
    assert study.by_student_inside(chosen, 0, 1)[1] == 1


def test_the_lost_share_of_a_lead_is_planted():
    chosen = choose(planted({"reference": 0.0, "part": -0.2, "full": -1.0}, reference="reference"))
    (share, low, high), p = study.lost_lead(chosen, 1, 2)
    assert low < share < high and share == pytest.approx(0.8, abs=0.05) and p < 1e-6


def test_equivalence_at_the_margin_is_found_once_in_twenty():
    """Each end of the margin, 2 000 samples: false findings of either kind, at most 5 %."""
    rng, margin = np.random.default_rng(1), predictions.MARGIN
    for mean in (margin, -margin):
        samples = mean + 0.3 * rng.normal(size=(2000, N))
        rejected = [study.equivalence_p(values, margin) < 0.05 for values in samples]
        assert np.mean(rejected) == pytest.approx(0.05, abs=0.015)
    # An ordinary test of no difference would find one in nearly all of these.
    others = stats.ttest_1samp(margin + 0.3 * rng.normal(size=(200, N)), 0, axis=1).pvalue < 0.05
    assert np.mean(others) > 0.9
    for mean in (0.0, 3 * margin):
        assert study.equivalence_p(mean + 0.1 * rng.normal(size=N), margin) < 0.01


def rows_of(family):
    return [row for row in ROWS if row.family == family]


def arms_of(rows):
    return dict.fromkeys(arm for row in rows for pair in row.pairs for arm in pair)


def test_a_family_that_is_not_whole_concludes_nothing():
    """Neither without a panel nor without an arm: fewer tests would be corrected."""
    rows = rows_of("parts")
    levels = dict.fromkeys(arms_of(rows), 0.0)
    whole = dict.fromkeys(families.PARTS, levels)
    made = lambda levels, measure: planted(levels)  # noqa: E731
    assert conclude(rows, whole, made)
    assert conclude(rows, {families.PARTS[0]: levels}, made) == {}
    less = {name: x for name, x in levels.items() if name != "plus_linear"}
    assert conclude(rows, whole | {families.PARTS[1]: less}, made) == {}


def test_p_values_are_corrected_for_the_family_with_its_withdrawn_tests_and_looks():
    rows = rows_of("losses")
    panels = (families.LOSS_LOW, families.LOSS_HIGH, families.LITERALS)
    data = dict.fromkeys(panels, dict.fromkeys(arms_of(rows), 0.5))
    quantities = conclude(rows, data, lambda levels, _: planted(levels, better="more"))
    assert {q.why for name, q in quantities.items() if name.endswith("_p")} == {"Holm, of 15"}
    # Twelve tests, two looks, and all tasks of one sign.
    rows = rows_of("response")
    levels = dict.fromkeys(arms_of(rows), 0.0) | {"matched_usual": -3.0}
    data = dict.fromkeys((families.RESPONSE_HIGH, families.RESPONSE_LOW), levels)
    quantities = conclude(rows, data, lambda levels, _: planted(levels))
    p = quantities["response.E124_p"].value
    assert p == pytest.approx(12 * 2 * 2 * 0.5**N, rel=1e-6)


STEADY = predictions.Prediction(
    "E0", "A sentence.", (("a", "b"),), ("panel",), "losses_by_interval", above(0)
)


def test_a_verdict_that_one_task_turns_is_undecided():
    def decided(outcomes):
        quantities = conclude([STEADY], {"panel": {}}, lambda data, measure: outcomes)
        return study.verdict(STEADY, quantities), quantities[STEADY.turned_name("panel")].value

    def at(level):
        outcomes = planted({"a": 0.0, "b": 0.0}, n=12, spread=0.3, better="more")
        outcomes.judged[0] += level
        return decided(outcomes)

    assert at(2.0) == (True, 0)
    # Between clear and undecided there are levels where the verdict rests on one task.
    numbers = [at(level) for level in np.linspace(0.05, 0.5, 30)]
    assert any(turned and verdict is None for verdict, turned in numbers)


def test_samples_without_a_task_are_a_bootstrap_of_the_others():
    """Against a new bootstrap of the remaining tasks; a wrong one keeps the task."""
    outcomes = planted({"a": 0.0, "b": 0.3}, n=12, spread=0.3)
    outcomes.judged[0, :, 0] += 3.0
    kept = [one for one in study._reduced(choose(outcomes)) if one.end.shape[1] == 11]
    ours = kept[0].difference(0, 1)
    again = choose(outcomes.without(JUDGED, 0)).difference(0, 1)
    np.testing.assert_allclose(ours[0], again[0])
    np.testing.assert_allclose(ours[1:], again[1:], atol=0.06)
    assert abs(choose(outcomes).difference(0, 1)[2] - again[2]) > 0.2


def test_a_task_left_out_does_not_choose_an_option_that_was_not_trained():
    outcomes = planted({"a": 0.0, "b": 0.3}, n=12)
    outcomes.judged[:, 0] = np.nan
    outcomes = outcomes._replace(tuning=outcomes.tuning * 0)
    trained = study._trained_only(outcomes)
    assert np.isinf(trained.tuning[:, 0]).all() and np.isfinite(trained.tuning[:, 1]).all()
    assert all(np.isfinite(one.end).all() for one in study._reduced(choose(trained)))


def test_tuning_and_judged_tasks_are_trained_where_the_protocol_says():
    calls = []

    def train(arm, role, options):
        calls.append((arm, role, list(options)))
        # The first of each two options is best by the first value, the last by the second value.
        scores = np.array([[0.0, 1.0, 0.0, 1.0], [3.0, 2.0, 1.0, 0.0]])
        return np.tile(scores[:, options, None], (1, 1, 4))

    tuning, judged = tuned({"a": [range(2)]}, train, 4)
    assert calls == [("a", TUNING, [0, 1]), ("a", JUDGED, [0])]
    assert tuning.shape == judged.shape == (2, 1, 2, 4)
    assert np.isfinite(tuning).all() and np.isnan(judged[:, :, 1]).all()
    assert np.isfinite(judged[:, :, 0]).all()
    # Tasks of several seeds are pooled later, and may choose any option.
    tuned({"a": [range(2)]}, train, 0)
    assert calls[-1] == ("a", JUDGED, [0, 1])
    # Each group and each score may choose another option.
    tuned({"a": [[0, 1], [2, 3]]}, train, 4)
    assert calls[-1] == ("a", JUDGED, [0, 2])
    tuning, _ = tuned({"a": [range(4)], "b": [range(2)]}, train, 4, n_scores=2)
    judged_at = {arm: options for arm, role, options in calls[-4:] if role == JUDGED}
    assert judged_at == {"a": [0, 3], "b": [0, 1]}
    assert np.isnan(tuning[:, 1, 2:]).all() and np.isfinite(tuning[:, 0]).all()


HOLDS = {"> 0": 1.0, "< 0": -1.0, "< 1": -1.0, "> 1": 1.0, "< 0.05": -1.0, "> 0.5": 1.0}


def levels_for(row, holds):
    """Return means with which a row holds, or fails."""
    words, (first, second) = row.relation.words, row.pairs[0]
    if words.startswith("= 0"):
        off = 0.0 if holds else 3.0
    elif words == "> 1.25" or words == f"> {log(1.25):g}":
        off = 3.0 if holds else -3.0
    else:
        off = HOLDS[words] * (1 if holds else -1)
    levels = {second: 0.0, first: off}
    if row.test == "lost_lead":
        levels = {"reference": 0.0, first: -0.1 if holds else -0.9, second: -1.0}
    return levels


IDS = sorted({row.id for row in ROWS if row.id})


@pytest.mark.parametrize("id_", IDS)
def test_claims_can_hold_and_can_fail(id_):
    (claim,) = [one for one in study.claims("fig9", "fig10", "fig11") if one.id == id_]
    rows = [row for row in ROWS if row.id == id_]
    verdicts = []
    for holds in (True, False):
        quantities = {}
        for family in dict.fromkeys(row.family for row in rows):
            members = rows_of(family) if families.FAMILIES[family].corrected else rows
            made = {}
            for row in members:
                for panel in row.panels:
                    made.setdefault((panel, row.measure), {}).update(
                        dict.fromkeys([*arms_of([row]), "reference"], 0.0)
                    )
            for row in rows:
                for panel in row.panels if row.family == family else ():
                    for pair in row.pairs:
                        levels = levels_for(row._replace(pairs=(pair,)), holds)
                        made[panel, row.measure] |= levels

            def outcomes(panel, measure, made=made, family=family):
                better = "more" if families.FAMILIES[family].measured == families.SHARES else "less"
                found = planted(
                    made.get((panel, measure), {"none": 0.0}), spread=0.01, better=better
                )
                # A grid of three: the second option lies inside.
                tuning = np.concatenate([found.tuning, found.tuning[:, :1]], axis=1)
                judged = np.concatenate([found.judged, found.judged[:, :1]], axis=1)
                return found._replace(tuning=tuning, judged=judged, reference="reference")

            panels = {panel: panel for panel, _ in made}
            quantities |= conclude(members, panels, outcomes)
        figure = rows[0].rules.figure
        named = {f"{figure}.{name}": quantity for name, quantity in quantities.items()}
        verdicts.append(claim.evaluate(named).verdict)
    assert verdicts == ["holds", "fails"]
