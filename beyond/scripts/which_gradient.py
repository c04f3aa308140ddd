"""Write the tables of docs/which_gradient.md from figures 7, 8 and 10, except for lines to write.

Nothing is computed: the numbers are the committed ones, in beyond/figures/reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from beyond.experiments.atlas.choice import ALL_PATHS
from beyond.figures.panels.against_gradient import percent
from beyond.scripts.comparisons import statements
from beyond.scripts.event_training import FIRST_RUN, TASKS
from beyond.scripts.why_bias_helps import SLOPES, slopes_table
from experiments.engine.config import Project
from experiments.replication.goldens import committed_arrays
from experiments.statistics import mean_interval
from experiments.tables import filled, table
from explorers.code import code
from figures.looks import LOOKS
from figures.panels import Panel, names_of

PAGE = Path(__file__).parents[1] / "docs" / "which_gradient.md"
CLEARLY = 0.1
"""Least distance of a safer estimator's 10th percentile above that of the advised, and above 0."""

BINARY = {
    1: "layers (`snn.MLP`)",
    0: "any other wiring",
}
"""Networks of the rows that figure 8 decides, by scope.

Estimators that need layers can be used in scope 1, but not in scope 0.
"""
ALIKE = ("surrogate_x0.5", "surrogate_x2", "surrogate_gaussian", "surrogate_box")
"""Surrogates without a row, since their rows would add nothing; see figure 8's supplement."""
DRAWN = ("smoothed_right", "smoothed_left", "stochastic_ad_few_flips")
DRAWN += ("score_function_no_baseline",)
"""Estimators that no table here advises; figure 8's supplement shows their direction."""

LAYERS = {
    "resets_speech": "synthetic speech, three recurrent layers",
    "resets": "random manifolds, three feed-forward layers",
}
"""Deep networks of figure 7 that were trained by several surrogates, in words, by panel."""
EVENTS_COMPARED = ("E104", "E180a", "E180b", "E181a", "E181b", "E197", "E198", "E129", "E133")
EVENTS_COMPARED += ("E182a", "E182b")
SLOPES_COMPARED = tuple(
    f"E{i}" for i in (144, 146, 145, 147, 142, 148, 143, 149, 150, 140, 151, 141)
)
"""Claims of the tables of statements."""


def written() -> str:
    """Return the page with up-to-date tables."""
    data = committed_arrays(Project(), "fig8")
    regimes = data["regimes"]
    blocks = {
        "events": statements(EVENTS_COMPARED, TASKS | FIRST_RUN),
        "decisions": decision_table(regimes),
        "against the gradient": negative_table(regimes),
        "side by side": property_table(data["depth"]),
        "several layers": layers_table(committed_arrays(Project(), "fig7")),
        "slopes": slopes_table(committed_arrays(Project(), "fig10")),
        "slopes statements": statements(SLOPES_COMPARED, SLOPES),
    }
    return filled(PAGE.read_text(), blocks)


def decision_table(panel: Panel) -> str:
    """Return the table of lines to write, by network, noise and runs.

    Slopes with the same lines share a row.
    """
    rows = []
    betas = [f"{beta:g}" for beta in panel["betas"]]
    for scope, network in BINARY.items():
        at_slopes = zip(betas, (_line(panel, scope, b) for b in range(len(betas))), strict=True)
        for line, group in groupby(at_slopes, key=lambda at_slope: at_slope[1][0]):
            slopes, lows = zip(*((beta, low) for beta, (_, low) in group), strict=True)
            others = [f"β = {beta}: {low}" for beta, low in zip(slopes[1:], lows[1:], strict=True)]
            expected = "; ".join([lows[0], *others])
            rows.append((network, f"β = {' or '.join(slopes)}", line, expected))
    line = "line to write, by forward passes per gradient"
    heads = ("network", "noise", line, "cosine to expect")
    return table(heads, rows)


def _line(panel: Panel, scope: int, slope: int) -> tuple[str, str]:
    """Return the lines to write at a slope of the noise, by runs, and the cosines to expect."""
    at_slope = [Advice(panel, scope, slope, budget) for budget in range(panel["budgets"].shape[1])]
    lines, lows, estimators = [], [], names_of(panel, "estimators")
    for chosen, group in groupby(at_slope, key=lambda advice: advice.chosen):
        alike = list(group)
        runs = int(panel["budgets"][0, alike[0].budget])
        start = f"from {thousands(runs)}: " if lines else ""
        lines.append(f"{start}`{code(estimators[chosen])}`")
        lows.append(span(np.array([advice.low.min() for advice in alike])))
        if estimators[chosen].startswith("score_function"):
            worst = min(advice._of("min_", chosen).min() for advice in alike)
            lows[-1] += f" (worst {floored(worst)})"
    return "; ".join(lines), "; ".join(lows)


@dataclass(frozen=True)
class Advice:
    """Estimator to use at a slope of the noise and a budget.

    Scope 0 is any program, scope 1 layers. Slope and budget are indices into ``betas`` and
    ``budgets``.
    """

    panel: Panel
    scope: int
    slope: int
    budget: int

    @property
    def place(self) -> int:
        """Index of the advised estimator."""
        return int(self.panel["advised"][self.scope, self.slope, self.budget])

    @property
    def chosen(self) -> int:
        """Index of the estimator to write: the safer estimator, if there is one."""
        return self.place if self.safer is None else self.safer

    @property
    def low(self) -> np.ndarray:
        """10th percentiles of the estimator to write, in the cells beyond enumeration."""
        return self._of("p10_", self.chosen)

    @property
    def safer(self) -> int | None:
        """Index of an estimator with a clearly larger 10th percentile, if there is one."""
        safe = int(self.panel["advised_low"][self.scope, self.slope, self.budget])
        least, safe_least = (self._of("p10_", place).min() for place in (self.place, safe))
        return safe if safe_least > max(least, 0) + CLEARLY else None

    def _of(self, key: str, place: int) -> np.ndarray:
        """Return numbers of an estimator, in the cells of this slope beyond enumeration."""
        cells = [
            i
            for i, cell in enumerate(self.panel["cells"][0])
            if cell[2] == self.panel["betas"][self.slope]
            and self.panel["best"][self.scope, i, self.budget] != ALL_PATHS
        ]
        return self.panel[f"{key}alignment"][place, cells, self.budget]


def layers_table(panels: Mapping[str, Panel]) -> str:
    """Return test accuracies of deep networks trained by the matched SG and by SuperSpike."""
    rows = []
    for mode, noise in ((1, "with noise"), (0, "without noise")):
        for name, words in LAYERS.items():
            panel = panels[name]
            detached = names_of(panel, "resets").index("detached")
            at = [names_of(panel, "surrogates").index(x) for x in ("Sigmoid", "SuperSpike")]
            pairs = panel["test_accuracy"][:, mode, detached, at]
            both = panel["accuracy_interval"][mode, detached, at]
            numbers = [*both, mean_interval(pairs[:, 0] - pairs[:, 1])]
            cells = map(accuracies, numbers)
            sizes = f"{panel['n_classes'][0]} classes, {len(pairs)} networks"
            rows.append([f"{words}; {sizes}, {noise}", *cells])
    return table(["test accuracy", "matched SG", "SuperSpike", "matched − SuperSpike"], rows)


def accuracies(row: np.ndarray) -> str:
    """Write a mean accuracy, or a difference of accuracies, with its interval."""
    value, low, high = (f"{x:.3f}".replace("-", "−") for x in row)
    return f"{value} [{low}, {high}]"


def share(panel: Panel, key: str, at: Any) -> str:
    """Return a count of draws with a 95 % interval, or an empty text if the count is unknown."""
    count = panel[key][at]
    if np.isnan(count):
        return ""
    ends = panel[f"{key}_interval"][:, *np.atleast_1d(at)]
    interval = f"[{percent(ends)}]" if count else f"(at most {percent(ends[1:])})"
    return f"{int(count)} {interval}"


def span(values: np.ndarray) -> str:
    """Return the smallest and the largest value, rounded down."""
    ends = [floored(end) for end in (values.min(), values.max())]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def floored(value: float, digits: int = 2) -> str:
    """Return a number rounded down."""
    size = 10**digits
    return f"{np.floor(size * round(float(value), 9)) / size:.{digits}f}".replace("-", "−")


def thousands(number: int) -> str:
    """Write a number with a non-breaking space between thousands."""
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


def number(value: float) -> str:
    """Write a number with two digits, or a dash if it was not measured."""
    if np.isnan(value):
        return "–"
    return f"{value:.2g}" if value < 100 else f"{value:.0f}" if value < 1e4 else f"{value:.0e}"


def printed_interval(ends: np.ndarray, digits: int = 2) -> str:
    """Write two ends, rounded outwards."""
    high = np.ceil(10**digits * round(float(ends[1]), 9)) / 10**digits
    return f"[{floored(ends[0], digits)}, {high:.{digits}f}]".replace("-", "−")


def negative_table(panel: Panel) -> str:
    """For how many draws the mean of an estimator points against the gradient."""
    rows = []
    for i, name in enumerate(names_of(panel, "estimators")):
        if name in ALIKE or np.isnan(panel["against_any"][i]):
            continue
        worst = int(panel["min_cosine"][i].argmin())
        depth, _, beta, _ = panel["cells"][0][worst]
        cells = [
            LOOKS[name].label,
            share(panel, "against_any", i),
            floored(panel["min_cosine"][i, worst]),
            f"{depth:g}, {beta:g}",
        ]
        rows.append(cells)
    return table(["estimator", "draws", "smallest cosine", "hidden layers, β"], rows)


def property_table(panel: Panel) -> str:
    """Bias, variance and runs of the estimators at the base point."""
    cell = int(np.argmax(panel["cells"][0][:, 0] == 2))
    bias, variance = panel["median_bias"], panel["typical_variance"]
    heads = ("estimator", "cosine", "10 %", "bias; projection", "variance", "runs")
    rows = []
    for i, name in enumerate(names_of(panel, "estimators")):
        if name in ALIKE + DRAWN:
            continue
        keys = ("median_cosine", "p10_cosine")
        if np.isnan(panel["median_cosine"][i, cell]):
            cosines = ["–"] * len(keys)
            off = printed_interval(panel["projection_interval"][:, i, cell], 3)
        else:
            cosines = [floored(panel[key][i, cell], 3) for key in keys]
            cosines[0] += f" {printed_interval(panel['median_cosine_interval'][:, i, cell], 3)}"
            off = number(bias[i, cell])
        cells = [
            LOOKS[name].label,
            *cosines,
            off,
            number(variance[i, cell]),
            f"{panel['runs'][i, cell]:g}",
        ]
        rows.append(cells)
    return table(heads, rows)
