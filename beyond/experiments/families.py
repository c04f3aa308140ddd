"""Families of predictions: the rules that several predictions share, and the names of their panels.

Predictions of a family are corrected together. Rules are committed before any of their numbers.
"""

from typing import Any, NamedTuple

from beyond.experiments.methods import BETAS, HIGH, LOW


class Family(NamedTuple):
    """Rules that several predictions share; they are corrected together.

    Attributes:
        figure: the figure of their panels.
        measured: the measured quantity, in words.
        n: numbers of tasks.
        test: name of the test, a key of `study.TESTS`.
        ratio: whether a difference of logs is reported as a ratio.
        corrected: whether Holm's procedure corrects the tests; if not, intervals decide.
        looks: number of times that the tests were done, by which p-values are multiplied.
        withdrawn: number of tests that the rule has besides, and that are no longer reported. They
            count with a p-value of 1.
        chosen: whether the panels were chosen when their numbers were known.
        given: parameters that the predictions depend on, as {"panel.name": value}.
    """

    figure: str
    measured: str
    n: str
    test: str
    ratio: bool = False
    corrected: bool = True
    looks: int = 1
    withdrawn: int = 0
    chosen: bool = False
    given: tuple[tuple[str, Any], ...] = ()


# Panels.
MAPS = (f"map_{LOW}", f"map_{HIGH}")
PARTS = (f"parts_{LOW}", f"parts_{HIGH}")
LOSS_LOW, LOSS_HIGH, LITERALS = f"loss_{LOW}", f"loss_{HIGH}", "loss_three_literals"
LAMBDA_HIGH, LAMBDA_LOW = f"lambda_{HIGH}", f"lambda_{LOW}"
RESPONSE_HIGH, RESPONSE_LOW = f"response_{HIGH}", f"response_{LOW}"
SLOPES_HIGH, SLOPES_LOW = f"slopes_{HIGH}", f"slopes_{LOW}"
RESETS_HIGH, RESETS_LOW = f"resets_{HIGH}", f"resets_{LOW}"
ENUMERATED_HIGH, ENUMERATED_LOW = f"enumerated_{HIGH}", f"enumerated_{LOW}"
SCALES_HIGH, SCALES_LOW = f"scales_{HIGH}", f"scales_{LOW}"
TERM_ON_SPIKE_TIMES, TERM_ON_FIRST = ("active_term", "silent_term"), ("first_spikes_term",)
STARTS, AGAIN = ("start_random", "start_literals"), ("again_random", "again_literals")
PANELS = (
    *MAPS,
    *PARTS,
    *(LOSS_LOW, LOSS_HIGH, LITERALS),
    *(*STARTS, *AGAIN),
    *(LAMBDA_HIGH, LAMBDA_LOW, "lambda_picture"),
    *(RESPONSE_HIGH, RESPONSE_LOW, "response_picture"),
    *(SLOPES_HIGH, SLOPES_LOW),
    *(RESETS_HIGH, RESETS_LOW, f"trained_{LOW}"),
    *(ENUMERATED_HIGH, ENUMERATED_LOW),
    *(SCALES_HIGH, SCALES_LOW),
    *("active", "silent", "first_spikes"),
    *(*TERM_ON_SPIKE_TIMES, *TERM_ON_FIRST),
)
"""All panels that predictions name."""

SHARES = "difference of shares solved, bootstrap interval"
RATIOS = "ratio of final losses: geometric mean, bootstrap interval"
LOGS = "mean log ratio of final losses, bootstrap interval"
SPIKES = "mean log ratio of final losses in the noisy network, bootstrap interval"
MEASURED = {
    "lost_lead": "lost share of the lead in log loss, bootstrap interval",
    "without_choice": "mean cosine of an update, through minus detached",
}
"""What is measured, in words, by test; for others, what the family states."""
LIF = "32 tasks a regime, 16 others choose rates (LIF, 10-10-5, 40 steps)"


def _betas(low: str, high: str, family: str = "lif") -> tuple[tuple[str, Any], ...]:
    """Return the slopes of the noise of two panels, on which claims depend."""
    return ((f"{low}.beta", BETAS[family, LOW]), (f"{high}.beta", BETAS[family, HIGH]))


_BOOLEAN = Family(
    figure="fig10",
    measured=SHARES,
    n="200 tasks a slope (16, 4), 32 others choose rates, no sampling",
    test="by_sign",
    given=_betas(*MAPS, family="boolean"),
)
_LOSSES = _BOOLEAN._replace(
    n="800 tasks a panel (three literals: 400), 64 others choose rates, no sampling",
    given=_betas(LOSS_LOW, LOSS_HIGH, family="boolean"),
)
_PARTS = _BOOLEAN._replace(
    n="400 tasks a slope (16, 4), 32 others choose rates, no sampling",
    given=_betas(*PARTS, family="boolean"),
)
_STARTS = _BOOLEAN._replace(
    n="600 random functions, 400 of three literals, at slopes 16 and 4; 64 others choose; no "
    "sampling",
    given=(),
)
_LAMBDA = Family(
    figure="fig10",
    measured=RATIOS,
    n=LIF + ", 600 updates",
    test="by_sign",
    ratio=True,
    given=_betas(LAMBDA_LOW, LAMBDA_HIGH),
)
_RESPONSE = _LAMBDA._replace(
    n=LIF + ", 400 updates of 32 passes",
    looks=2,
    given=_betas(RESPONSE_LOW, RESPONSE_HIGH),
)
_SLOPES = _RESPONSE._replace(looks=1, given=_betas(SLOPES_LOW, SLOPES_HIGH))
_RESETS = Family(
    figure="fig9",
    measured=LOGS,
    n=LIF + ", 600 updates",
    test="by_student",
    given=_betas(RESETS_LOW, RESETS_HIGH),
)
_ENUMERATED = Family(
    figure="fig9",
    measured=RATIOS,
    n="40 tasks a slope, 16 others choose scale and rate (2 recurrent neurons, 1 output, 3 steps)",
    test="by_sign",
    ratio=True,
    given=_betas(ENUMERATED_LOW, ENUMERATED_HIGH),
)
_SPIKE_TIMES = Family(
    figure="fig11",
    measured=SPIKES,
    n="32 draws, 16 others choose rates (12-12-3 LIF neurons, 32 ms, slope 10)",
    test="by_student_inside",
)
FAMILIES: dict[str, Family] = {
    "map": _BOOLEAN,
    "map_by_interval": _BOOLEAN._replace(corrected=False),
    "parts": _PARTS,
    "parts_by_interval": _PARTS._replace(corrected=False),
    "losses": _LOSSES._replace(withdrawn=2),
    "losses_by_interval": _LOSSES._replace(corrected=False),
    "literals": _LOSSES._replace(
        n="400 tasks of three literals, 64 others choose rates, no sampling",
        withdrawn=2,
        given=(),
    ),
    "starts": _STARTS,
    "starts_again": _STARTS._replace(
        n="1 000 random functions, 800 of three literals; 256 others choose; no sampling",
        looks=2,
    ),
    "lambda": _LAMBDA,
    "lambda_picture": _LAMBDA._replace(
        n="48 seeds, 16 others choose rates (figure 6's task: 50-50-50, 47 steps), 400 updates",
        given=(),
    ),
    "response": _RESPONSE,
    "response_by_interval": _RESPONSE._replace(corrected=False),
    "picture_by_interval": _SLOPES._replace(
        n="16 seeds, 16 others choose rates (figure 6's task: 50-50-50, 47 steps), 400 updates",
        corrected=False,
        given=(),
    ),
    "slopes": _SLOPES,
    "slopes_by_interval": _SLOPES._replace(measured=LOGS, ratio=False, corrected=False),
    "resets": _RESETS,
    "trained_by_interval": _RESETS._replace(
        measured=RATIOS,
        n="32 tasks and 16 tasks, 16 others choose rates; 32 passes an update, 600 updates",
        ratio=True,
        corrected=False,
        chosen=True,
        given=((f"{RESETS_LOW}.beta", 40.0), (f"{RESETS_LOW}.recurrence", 0.5)),
    ),
    "enumerated": _ENUMERATED,
    "scales": _ENUMERATED._replace(
        n=LIF + ", 600 updates of 32 passes; scale and rate are chosen",
        given=_betas(SCALES_LOW, SCALES_HIGH),
    ),
    "spike_times": _SPIKE_TIMES,
    "first_spikes": _SPIKE_TIMES._replace(
        n="32 draws, 16 others choose rates (12-12-4 LIF neurons, 32 ms, slope 10)",
    ),
    "firing_rates": Family(
        figure="fig11",
        measured=RATIOS,
        n="64 draws of spike times (active, silent), 32 of first spikes; 16 others choose the "
        "options",
        test="by_sign",
        ratio=True,
    ),
    # Comparisons with a reference that pictures show, and that no prediction is about.
    **{
        f"drawn_{test}": Family("", LOGS, "", test)
        for test in ("by_sign", "by_student", "by_student_inside")
    },
}
"""Families by name."""
