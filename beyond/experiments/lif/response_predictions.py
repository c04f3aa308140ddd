"""Predictions on two losses over time, on slopes and on resets: pairs of arms, by family.

Hypotheses R1 to R5, R7, and S1 to S7 of beyond/docs/hypotheses.md.
"""

from beyond.experiments.families import Compared
from beyond.experiments.lif.response_arms import EXPECTED, LOSSES, RESPONSE

HIGH, LOW = "response_high_noise", "response_low_noise"
REGIMES = (HIGH, LOW)
PICTURE = "response_picture"
SLOPES_HIGH, SLOPES_LOW = "slopes_high_noise", "slopes_low_noise"
SLOPES = (SLOPES_HIGH, SLOPES_LOW)
LOOKS = 2
"""Times that the tests of the first family are done: earlier on other tasks, and on these."""
REACHED = 1.25
"""Ratio of final losses; if the ratio is lower, the first arm counts as reaching the second."""
ALIKE = 1.25
"""Ratio of final losses; if it and its inverse are lower, both arms end alike."""


def _predicted(
    name: str, first: str, second: str, loss: str = EXPECTED, panels: tuple[str, ...] = REGIMES
) -> Compared:
    """Return the prediction on the ratio of two arms' final losses, in one of the losses."""
    return Compared(name, first, second, panels, "loss", index=LOSSES.index(loss))


FREE = ("unbiased_of_response", "unbiased_of_expected")
TRADE = ("broad_of_response", "broad_of_expected")
BY_LOSS = tuple(_predicted(f"unbiased_by_loss_in_{loss}", *FREE, loss) for loss in LOSSES)
TESTED = (
    *BY_LOSS,
    _predicted(f"broad_by_loss_in_{RESPONSE}", *TRADE, RESPONSE),
    _predicted(f"broad_by_loss_in_{EXPECTED}", *TRADE, EXPECTED),
    _predicted("matched_over_unbiased", "matched_of_expected", FREE[1]),
    _predicted("broad_over_matched", TRADE[1], "matched_of_expected"),
)
"""R1 to R5, in order."""
BY_INTERVAL = (*(_predicted(f"reached_in_{loss}", FREE[0], TRADE[1], loss) for loss in LOSSES),)
"""R7."""
PAINTED = tuple(of._replace(panels=(PICTURE,)) for of in BY_INTERVAL)
"""R7 in figure 6's task."""

ARMS = {
    "matched": ("matched_of_expected", "matched_detached_of_expected"),
    "broad": ("broad_of_expected", "broad_detached_of_expected"),
    "super_spike": ("super_spike_through_of_expected", "super_spike_of_expected"),
}
"""Arms of each surrogate derivative, through the reset and detached."""
BY_RESET = ("through", "detached")


def _by_loss(name: str, loss: str) -> Compared:
    arms = f"{name}_of_{RESPONSE}", f"{name}_of_{EXPECTED}"
    return _predicted(f"{name}_by_loss_in_{loss}", *arms, loss, SLOPES)


def _at_each_reset(name: str, first: str, second: str, panel: str) -> tuple[Compared, ...]:
    return tuple(
        _predicted(f"{name}_{reset}", ARMS[first][i], ARMS[second][i], EXPECTED, (panel,))
        for i, reset in enumerate(BY_RESET)
    )


RESET = tuple(
    _predicted(f"reset_of_{name}", *ARMS[name], EXPECTED, (SLOPES_LOW,))
    for name in ("broad", "super_spike")
)
CROSSED = ("matched", "super_spike")
OF_SLOPES = (
    *RESET,
    *_at_each_reset("broad_over_super_spike", "broad", "super_spike", SLOPES_HIGH),
    *(of for panel in SLOPES for of in _at_each_reset("choice", "broad", "matched", panel)),
    *(_by_loss(name, RESPONSE) for name in CROSSED),
    *(_by_loss(name, EXPECTED) for name in CROSSED),
)
"""S1 to S5, in order: 16 tests."""
SAME = (
    *(of for panel in SLOPES for of in _at_each_reset("alike", "broad", "super_spike", panel)),
    *(of._replace(prediction=f"alike_{of.prediction}", panels=(SLOPES_HIGH,)) for of in RESET),
)
"""S6 and S7."""
FACTORS = {"slope": ("broad", "matched"), "shape": ("broad", "super_spike")}
"""Derivatives of each 2 x 2 with the reset: the first over the second."""
