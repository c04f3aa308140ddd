"""The table of advice in docs/which_gradient.md; see `scripts.which_gradient`."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from figures.looks import LOOKS
from figures.panels.heat_map import Panel

ALL_PATHS = -1
"""Stands among the best estimators for enumeration."""

ANY_DEPTH = "1 to 8 layers"

HOW = {
    "mean_field": ("snn.MeanField()", "more runs add nothing"),
    "surrogate": ("snn.Surrogate()", ""),
    "surrogate_x0.25": ("snn.Surrogate(snn.surrogate.Sigmoid(beta / 4))", "too short"),
    "surrogate_x0.5": ("snn.Surrogate(snn.surrogate.Sigmoid(beta / 2))", "too short"),
    "smoothed_two_sided": ("snn.SmoothedStochasticAD(snn.coupling.TwoSided())", ""),
    "path_sample_analytic": ("snn.PathSampleAnalytic()", ""),
    "score_function": (
        "snn.ScoreFunction(LeaveOneOut())",
        "unbiased; fails where outputs hardly ever change",
    ),
    "stochastic_ad": ("snn.StochasticAD()", "unbiased; a run per neuron and trial"),
    "stochastic_ad_few_flips": ("snn.StochasticAD(n_flips=2)", "unbiased"),
    "disarm": ("snn.DisARM()", "unbiased; a run per layer and trial"),
    "surrogate_x2": ("snn.Surrogate(snn.surrogate.Sigmoid(2 * beta))", "too long"),
    "surrogate_x4": ("snn.Surrogate(snn.surrogate.Sigmoid(4 * beta))", "too long"),
    "surrogate_super_spike": (
        "snn.Surrogate(snn.surrogate.SuperSpike(0.235 * beta))",
        "as wide as the matched one",
    ),
    "surrogate_gaussian": (
        "snn.Surrogate(snn.surrogate.Gaussian(1.497 / beta))",
        "as wide as the matched one",
    ),
    "surrogate_box": (
        "snn.Surrogate(snn.surrogate.Box(3.526 / beta))",
        "as wide as the matched one",
    ),
    "surrogate_deterministic": (
        "snn.Surrogate(snn.surrogate.Sigmoid(beta), forward=snn.threshold)",
        "of the network without noise; more runs add nothing",
    ),
    "smoothed_right": ("snn.SmoothedStochasticAD(snn.coupling.Right())", ""),
    "smoothed_left": ("snn.SmoothedStochasticAD(snn.coupling.Left())", ""),
    "finite_differences": ("snn.FiniteDifferences(0.1)", "two runs per parameter"),
    "evolution_strategies": ("snn.EvolutionStrategies(0.1)", ""),
    "score_function_no_baseline": ("snn.ScoreFunction()", "unbiased"),
}
"""Code and caveat of every estimator of figure 8."""

CLEARLY = 0.1
"""By how much the 10th percentile of a safer one must be larger, and above 0, to be named."""

TRAININGS = "[table of trainings](true_gradient.md#training)"

SUPER_SPIKE = "SuperSpike, slope 10, reset detached"

ENUMERATED = (
    "any program, *n* spikes that may or may not be",
    "any",
    "2^*n*",
    "all paths",
    "`snn.ExactEnumeration()`",
    "1; 1",
    "1.00",
    "exact; ten neurons take 1 024 runs",
)

OVER_TIME = (
    (
        "spikes over time, one hidden layer",
        "slope 10 to 40",
        "32",
        SUPER_SPIKE,
        "`snn.Surrogate(snn.surrogate.SuperSpike(10.0))`",
        "by final loss, not by cosine: 0.12 to 0.64 of unbiased stochastic AD's in six "
        "combinations of slope and recurrence (6 to 15 tasks each, every 95 % interval below 1; "
        f"{TRAININGS})",
        "upper end of an interval 0.81",
        "biased, and a third of the true norm; a quarter of the matched slope, through the reset, "
        "is better still in two of the six, undecided in four",
    ),
    (
        "spikes over time, three recurrent layers",
        "slope 10",
        "1",
        SUPER_SPIKE,
        "the same",
        "not known at this size",
        "three networks",
        "do not match the slope: the first layer's gradient norm at initialisation is "
        "2.5e6, 9.0e6 and 1.7e8 matched, 0.89, 1.7 and 4.2 with SuperSpike (figure 7)",
    ),
)
"""Rows of the table for spiking networks: from figures 7 and 9."""


def advice_table(panel: Panel) -> Iterator[str]:
    """Advice with its numbers, then that for spikes over time."""
    yield row("task", "noise", "runs", "estimator", "code", "mean cosine", "worst", "caveat")
    yield row(*["---"] * 8)
    budgets = list(map(int, panel["budgets"][0]))
    for scope, task in enumerate(("any program", "layers without time")):
        for b, beta in enumerate(panel["betas"]):
            chosen = panel["advised"][scope, b].tolist()
            for place, at in groupby(range(len(budgets)), key=chosen.__getitem__):
                yield advice(panel, (scope, beta, task), place, list(at))
    for entries in (ENUMERATED, *OVER_TIME):
        yield row(*entries)


def advice(panel: Panel, where: tuple[int, float, str], place: int, at: list[int]) -> str:
    """A row: one estimator at one slope of the noise, at neighbouring budgets."""
    scope, beta, task = where
    spent = [thousands(int(panel["budgets"][0][i])) for i in at]
    start = [
        f"{task}, {ANY_DEPTH}",
        f"β = {beta:g}",
        spent[0] if len(at) == 1 else f"{spent[0]} to {spent[-1]}",
    ]
    name = names(panel)[place]
    # Those that enumeration does are left out.
    cells = [
        i
        for i, cell in enumerate(panel["cells"][0])
        if cell[2] == beta and panel["best"][scope, i, at[0]] != ALL_PATHS
    ]
    median, low, least = (
        panel[f"{key}alignment"][place, cells, at[0]] for key in ("", "p10_", "min_")
    )
    code, caveat = HOW[name]
    numbers = (f"{span(median)}; {span(low)}", floored(least.min()))
    safe = int(panel["advised_low"][scope, list(panel["betas"]).index(beta), at[0]])
    safe_low = panel["p10_alignment"][safe, cells, at[0]].min()
    if safe_low > max(low.min(), 0) + CLEARLY:
        said = (
            f"safer: {LOOKS[names(panel)[safe]].label}, 10th percentile {floored(safe_low)} or more"
        )
        caveat = "; ".join(filter(None, (caveat, said)))
    return row(
        *start,
        LOOKS[name].label,
        f"`{code}`",
        *numbers,
        "; ".join(filter(None, (caveat, against(panel, place)))),
    )


def against(panel: Panel, place: int) -> str:
    """In how many networks the mean of an estimator points against the gradient."""
    if LOOKS[names(panel)[place]].family == "unbiased":
        return ""
    count, cells = int(panel["negative"][place].sum()), panel["negative"].shape[1]
    return f"biased; against the gradient in {count} of {cells * int(panel['n_networks'])} networks"


def span(values: np.ndarray) -> str:
    """The smallest and the largest, rounded down."""
    ends = [floored(end) for end in (values.min(), values.max())]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def floored(value: float) -> str:
    """Two digits, never rounded up: 0.999 is not 1."""
    return f"{np.floor(100 * round(float(value), 9)) / 100:.2f}".replace("-", "−")


def names(panel: Panel) -> list[str]:
    """The panel's estimators."""
    return list(map(str, panel["estimators"][0]))


def thousands(number: int) -> str:
    """With a space between thousands."""
    return f"{number:,}".replace(",", " ")


def row(*entries: str) -> str:
    """A row of a table."""
    return "| " + " | ".join(entries) + " |\n"


def spent(budget: int) -> str:
    """A budget in words."""
    return f"{thousands(budget)} run{'s' if budget > 1 else ''}"


def number(value: float) -> str:
    """Two digits; a dash for what was not measured."""
    return "–" if np.isnan(value) else f"{value:.2g}" if value < 100 else f"{value:.0f}"
