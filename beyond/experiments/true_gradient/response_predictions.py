"""Predictions on two losses over time, on slopes and on resets: pairs of arms, by family.

Hypotheses R1 to R5, R7, and S1 to S7 of beyond/docs/hypotheses.md.
"""

from typing import NamedTuple

from beyond.experiments.true_gradient.response_arms import EXPECTED, LOSSES, RESPONSE

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


class Predicted(NamedTuple):
    """A prediction on the ratio of two arms' final losses.

    Attributes:
        name: name of the quantity.
        first: the arm in the numerator.
        second: the arm in the denominator.
        loss: the loss that is compared, and chooses the option.
        panels: panels to which the prediction applies.
    """

    name: str
    first: str
    second: str
    loss: str = EXPECTED
    panels: tuple[str, ...] = REGIMES


FREE = ("unbiased_of_response", "unbiased_of_expected")
TRADE = ("broad_of_response", "broad_of_expected")
BY_LOSS = tuple(Predicted(f"unbiased_by_loss_in_{loss}", *FREE, loss) for loss in LOSSES)
TESTED = (
    *BY_LOSS,
    Predicted(f"broad_by_loss_in_{RESPONSE}", *TRADE, RESPONSE),
    Predicted(f"broad_by_loss_in_{EXPECTED}", *TRADE, EXPECTED),
    Predicted("matched_over_unbiased", "matched_of_expected", FREE[1]),
    Predicted("broad_over_matched", TRADE[1], "matched_of_expected"),
)
"""R1 to R5, in order."""
BY_INTERVAL = (*(Predicted(f"reached_in_{loss}", FREE[0], TRADE[1], loss) for loss in LOSSES),)
"""R7."""
PAINTED = tuple(of._replace(panels=(PICTURE,)) for of in (*BY_LOSS, *BY_INTERVAL))
"""R1 and R7 in figure 6's task."""

ARMS = {
    "matched": ("matched_of_expected", "matched_detached_of_expected"),
    "broad": ("broad_of_expected", "broad_detached_of_expected"),
    "super_spike": ("super_spike_through_of_expected", "super_spike_of_expected"),
}
"""Arms of each surrogate derivative, through the reset and detached."""
RESETS = ("through", "detached")


def _by_loss(name: str, loss: str) -> Predicted:
    arms = f"{name}_of_{RESPONSE}", f"{name}_of_{EXPECTED}"
    return Predicted(f"{name}_by_loss_in_{loss}", *arms, loss, SLOPES)


def _at_each_reset(name: str, first: str, second: str, panel: str) -> tuple[Predicted, ...]:
    return tuple(
        Predicted(f"{name}_{reset}", ARMS[first][i], ARMS[second][i], EXPECTED, (panel,))
        for i, reset in enumerate(RESETS)
    )


RESET = tuple(
    Predicted(f"reset_of_{name}", *ARMS[name], EXPECTED, (SLOPES_LOW,))
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
    *(of._replace(name=f"alike_{of.name}", panels=(SLOPES_HIGH,)) for of in RESET),
)
"""S6 and S7."""
FACTORS = {"slope": ("broad", "matched"), "shape": ("broad", "super_spike")}
"""Derivatives of each 2 x 2 with the reset: the first over the second."""
