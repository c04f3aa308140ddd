"""Slopes, resets and a second look over time: effects, families of tests, and verdicts."""

import numpy as np
import pytest

from beyond.experiments.lif import claims_of_response, claims_of_slopes
from beyond.experiments.lif.response_options import effects
from beyond.experiments.lif.response_over_time import ResponseOverTime
from beyond.experiments.lif.response_predictions import (
    ARMS,
    HIGH,
    LOW,
    PICTURE,
    SLOPES,
)
from beyond.tests.experiments.lif.test_response_over_time import STATED, planted
from beyond.tests.experiments.verdicts import verdicts

ALL = ["matched", "broad", "super_spike"]
SETTINGS = {"gradients": ["surrogate"], "surrogates": ALL, "crossed": ALL, "resets": True}
HELD = {
    "matched_of_expected": (0.3, 0.0),
    "matched_of_response": (0.5, -0.2),
    "matched_detached_of_expected": (0.35, 0.0),
    "broad_of_expected": (-0.2, 0.0),
    "broad_detached_of_expected": (-0.1, 0.0),
    "super_spike_through_of_expected": (-0.1, 0.0),
    "super_spike_of_expected": (0.0, 0.0),
    "super_spike_of_response": (0.2, -0.2),
}
"""Logs of final losses with which all predictions hold."""
TURNED = {arm: (-5 * x, -y) for arm, (x, y) in HELD.items()}


def slopes(high, low):
    panels = {
        name: planted(levels, **SETTINGS) for name, levels in zip(SLOPES, (high, low), strict=False)
    }
    return ResponseOverTime.conclusions(panels)


def test_verdicts_follow_slopes_and_resets():
    verdict_by_claim = verdicts(claims_of_slopes.CLAIMS, "fig10", slopes(HELD, HELD))
    assert verdict_by_claim.pop("E149") == "fails"
    assert set(verdict_by_claim.values()) == {"holds"} and len(verdict_by_claim) == 11
    verdict_by_claim = verdicts(claims_of_slopes.CLAIMS, "fig10", slopes(TURNED, TURNED))
    assert verdict_by_claim.pop("E149") == "holds"
    assert set(verdict_by_claim.values()) == {"fails"}


def test_a_regime_decides_its_own_claims_alone():
    verdict_by_claim = verdicts(claims_of_slopes.CLAIMS, "fig10", slopes(HELD, TURNED))
    assert verdict_by_claim["E144"] == verdict_by_claim["E150"] == "holds"
    assert verdict_by_claim["E146"] == verdict_by_claim["E140"] == "fails"
    assert slopes(HELD, HELD).keys() > {f"{SLOPES[0]}.slope_reset", f"{SLOPES[1]}.shape_derivative"}
    assert ResponseOverTime.conclusions({SLOPES[0]: planted(HELD, **SETTINGS)}) == {}


def test_effects_of_two_factors_are_told_apart():
    """Derivative, reset and interaction of planted logs: 2 a, 2 b and 4 c."""
    a, b, c = 0.3, -0.2, 0.05
    levels = {
        ARMS["broad"][0]: (a + b + c, 0.0),
        ARMS["broad"][1]: (a - b - c, 0.0),
        ARMS["super_spike"][0]: (-a + b - c, 0.0),
        ARMS["super_spike"][1]: (-a - b + c, 0.0),
    }
    # More tasks, so that the spread that is planted, too, has a mean near 0.
    estimates = effects(planted(levels, n=1000, **SETTINGS), ("broad", "super_spike"), ARMS)
    for name, expected in (("derivative", 2 * a), ("reset", 2 * b), ("interaction", 4 * c)):
        value, low, high = np.log(estimates[name])
        assert value == pytest.approx(expected, abs=2e-3) and low <= value <= high


def test_a_second_look_doubles_p_values():
    low = STATED | {"matched_of_expected": (0.2, 0.2)}
    quantities = ResponseOverTime.conclusions(
        {HIGH: planted(STATED, n=32), LOW: planted(low, n=32)}
    )
    # Twelve tests, all tasks of one sign, two looks.
    p_value = quantities[f"{HIGH}.matched_over_unbiased_p"].value
    assert p_value == pytest.approx(2 * 12 * 2 * 0.5**32, rel=1e-6)
    assert set(verdicts(claims_of_response.CLAIMS, "fig10", quantities).values()) == {"holds"}


def test_the_picture_is_decided_by_intervals():
    quantities = ResponseOverTime.conclusions({PICTURE: planted(STATED, n=16)})
    verdict_by_claim = verdicts(claims_of_slopes.CLAIMS, "fig10", quantities)
    assert verdict_by_claim == dict.fromkeys(("E154", "E155"), "holds")
    near = STATED | {"broad_of_expected": (-0.3, -0.3)}
    quantities = ResponseOverTime.conclusions({PICTURE: planted(near, n=16)})
    assert set(verdicts(claims_of_slopes.CLAIMS, "fig10", quantities).values()) == {"fails"}
