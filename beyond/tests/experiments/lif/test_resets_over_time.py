"""Through the reset or detached: planted losses and cosines give the verdicts of the rule."""

import numpy as np
import pytest

from beyond.experiments.lif.claims_of_resets import CLAIMS, REGIMES, STATED, TURNED
from beyond.experiments.lif.partial_resets import FOLLOWED, THROUGH
from beyond.experiments.lif.resets_over_time import (
    DIRECTION,
    MARGIN,
    ResetsOverTime,
    _p_value,
)
from beyond.tests.experiments.verdicts import verdicts as verdicts_of

METHODS = list(FOLLOWED)
IDS = [claim.id for claim in CLAIMS]
AS_STATED = {
    "surrogate": -0.5,
    f"{THROUGH}_bounded": -0.4,
    f"{THROUGH}_unsigned": -0.4,
    f"{THROUGH}_more": -0.4,
}
REVERSED = {name: -value for name, value in AS_STATED.items()} | {
    "scaled_sigmoid": 0.8,
    "super_spike": -0.8,
}
"""Log of final losses over that of the matched gradient through the reset."""


def panel(logs, turn=1.0, n=32, spread=0.1):
    """Tasks with these final losses; an update's cosine is higher through the reset by a fifth."""
    rng = np.random.default_rng(0)
    mean = np.array([logs.get(name, 0.0) for name in METHODS])
    logs_of_tasks = -1 + mean + spread * rng.normal(size=(n, len(METHODS)))
    relative = np.exp(logs_of_tasks)
    flat = np.repeat(relative[..., None], 8, 2)
    update = 0.5 + 0.01 * rng.normal(size=relative.shape)
    update[:, METHODS.index(THROUGH)] += 0.2 * turn
    data = {
        "methods": np.array([METHODS] * n),
        "loss": np.concatenate([np.ones((n, len(METHODS), 1)), flat], 2),
        "final": relative,
        "first_spikes": np.full((n, 2), 3.0),
        "cosine": update,
        "cosine_se": np.full_like(update, 0.01),
        "ratio": np.ones_like(update),
        "update_cosine": update,
        "rates": np.full((n, 1), 0.1),
        "tuned_on": np.zeros((n, 16)),
        "tuning": np.zeros((n, len(METHODS), 1, 16)),
        "log_loss": logs_of_tasks[..., None],
    }
    return data | ResetsOverTime().pooled(data)


def verdicts(*arguments, **more):
    panels = {name: panel(*arguments, **more) for name in REGIMES}
    return verdicts_of(CLAIMS, "fig9", ResetsOverTime.conclusions(panels))


def test_claims_hold_where_they_are_planted_fail_where_the_reverse_is_and_can_be_undecided():
    assert len(CLAIMS) == len(STATED) * len(REGIMES) == 14
    turned = {name: "fails" for name in TURNED}
    assert verdicts(AS_STATED) == dict.fromkeys(IDS, "holds") | turned
    turned = {name: "holds" for name in TURNED}
    assert verdicts(REVERSED, turn=-1.0) == dict.fromkeys(IDS, "fails") | turned
    wide = verdicts({}, turn=0.0, spread=1.0)
    assert set(wide.values()) == {"undecided"}


def p_of_scaled(log):
    """The p-value of T1 where through over detached has this mean log."""
    data = panel({"scaled_sigmoid_through": log}, spread=0.15)
    i = list(data["statements"]).index("scaled")
    return data["statement_p"][i], data["stated"][i]


def test_equivalence_is_decided_within_the_margin_and_beyond_it_and_not_at_it():
    for log, side in ((0.0, True), (2 * MARGIN, False), (-2 * MARGIN, False)):
        p, (mean, low, high) = p_of_scaled(log)
        assert p < 0.05 and (abs(mean) < MARGIN) == side
        assert (-MARGIN < low and high < MARGIN) == side
    for log in (MARGIN, -MARGIN):
        assert p_of_scaled(log)[0] > 0.05


def test_equivalence_at_the_margin_is_found_once_in_twenty():
    """Each end of the margin, 2 000 samples: false findings of either kind, at most 5 %."""
    rng = np.random.default_rng(1)
    for mean in (MARGIN, -MARGIN):
        rejected = [
            _p_value("scaled", mean + 0.3 * rng.normal(size=32)) < 0.05 for _ in range(2000)
        ]
        assert np.mean(rejected) == pytest.approx(0.05, abs=0.015)
    # An ordinary test of no difference would find one in nearly all of these.
    others = [_p_value("matched", MARGIN + 0.3 * rng.normal(size=32)) < 0.05 for _ in range(200)]
    assert np.mean(others) > 0.9


def test_p_values_are_corrected_over_both_regimes():
    panels = {name: panel(AS_STATED) for name in REGIMES}
    one, both = ResetsOverTime.conclusions({"a": panels["resets_easy"]}), panels
    both = ResetsOverTime.conclusions({"a": both["resets_easy"], "b": both["resets_steep"]})
    assert one["a.matched_p"].why == "Holm, of 7" and both["a.matched_p"].why == "Holm, of 14"
    assert both["a.matched_p"].value > one["a.matched_p"].value
    decided = ResetsOverTime().compared("a", {"a": panel(AS_STATED), "b": panel({}, 0.0)})
    assert decided["decided"].all()


def test_cosines_lost_in_noise_are_left_out_of_means_and_silent_tasks_of_all():
    data = panel({})
    data["cosine_se"][:5, 0] = 1.0
    data["first_spikes"][:2] = 0.5
    pooled = ResetsOverTime().pooled(data)
    assert pooled["n_compared"] == 30 and pooled["n_known"].tolist() == [27, *[30] * 9]
    assert pooled["cosine_mean"][0, 0] == pytest.approx(data["cosine"][5:, 0].mean())


def test_intervals_of_ratios_include_the_choice_of_the_rate():
    """A second rate, at which matched ends higher, is as good in the tuning tasks."""
    data = panel({})
    i = METHODS.index(THROUGH)
    other = data["log_loss"].copy()
    other[:, i] += 1.0
    data["log_loss"] = np.concatenate([data["log_loss"], other], axis=-1)
    data["rates"] = np.tile([0.1, 0.3], (len(other), 1))
    scores = np.random.default_rng(2).normal(size=(len(METHODS), 1, 16))
    clear, doubtful = (np.concatenate([scores, scores + off], axis=1) for off in (5.0, 0.0))
    doubtful[i, 1] = -scores[i, 0]
    widths = []
    for tuning in (clear, doubtful):
        data["tuning"] = np.tile(tuning, (len(other), 1, 1, 1))
        pooled = ResetsOverTime().pooled(data)
        _, low, high = pooled["stated"][list(pooled["statements"]).index("matched")]
        widths.append(high - low)
    assert widths[0] < 0.2 and widths[1] > 0.9


def test_statements_without_their_methods_are_left_out():
    keep = [METHODS.index(name) for name in ("super_spike_through", "super_spike")]
    data = {
        name: values[:, keep] if np.shape(values)[1:2] == (len(METHODS),) else values
        for name, values in panel({}).items()
    }
    assert ResetsOverTime().pooled(data)["statements"].tolist() == ["super_spike"]
    assert DIRECTION in panel({})["statements"]


def test_methods_start_alike_and_the_first_update_is_measured():
    config = ResetsOverTime(
        n_hidden=4,
        n_outputs=3,
        n_test=8,
        budget=4,
        n_updates=2,
        chunk=1,
        rates=[0.1],
        seeds=[8000],
        tuning_seeds=[9000],
        n_trials=32,
        n_flips=8,
        methods=[THROUGH, "surrogate"],
    )
    (part,) = config.compute_many([8000])
    assert part["loss"].shape == (2, 3) and len(set(part["loss"][:, 0])) == 1
    assert part["cosine"].shape == part["update_cosine"].shape == (2,)
    assert part["runs"].tolist() == [4, 4]
    # In noise as high as this, both point along the true gradient.
    assert (part["cosine"] > 0.4).all() and part["cosine"][0] != part["cosine"][1]
