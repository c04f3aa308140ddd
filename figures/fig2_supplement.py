"""Figure 2, supplement: derivatives through the reset, other couplings, every seed."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import style
from figures.looks import EXACT, LOOKS
from figures.panels import Data
from figures.style import INK, NEUTRAL, SMALL

RESETS = ("surrogate", "surrogate_through")
SAMPLED = ("smoothed_right", "surrogate", "stochastic_ad", "score_function_no_baseline")


def render(data: Data) -> Figure:
    """Draw derivatives averaged over pasts, and errors of the late spike's derivative."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 2.7))
    panels = figure.subplot_mosaic("ab")
    _resets(panels["a"], data["lif"])
    _seeds(panels["b"], data["error"])
    return figure


def _resets(axis: Axes, data: dict[str, np.ndarray]) -> None:
    """Draw, by enumeration, the exact derivative and the mean of two surrogate gradients."""
    time = 1e3 * data["averaged_time"][0]
    axis.axhline(0, color=INK, lw=0.5)
    axis.plot(time, data["averaged_exact"][0], **EXACT, label=LOOKS["exact"].label)
    for name in RESETS:
        look = LOOKS[name]
        axis.plot(time, data[f"averaged_{name}"][0], label=look.label, **look.line(4))
    axis.set(xlabel="time (ms)", ylabel="d E$[S[t]]$ / d$w$")
    axis.legend(fontsize=SMALL, loc="upper left")


def _seeds(axis: Axes, data: dict[str, np.ndarray]) -> None:
    """Thin, one line a seed; thick, all seeds."""
    n = data["n_samples"][0]
    for name in SAMPLED:
        look = LOOKS[name]
        axis.plot(n, data[f"{name}_error"].T, color=look.color, lw=0.4, alpha=0.6)
        line = look.line() | {"lw": 1.4, "label": look.label}
        if name == "smoothed_right":
            # Below the surrogate gradient, which has the same mean.
            line |= {"lw": 3.5, "ls": "-"}
        axis.plot(n, data[f"{name}_pooled_error"], **line)
    axis.plot([], [], color=NEUTRAL, lw=0.4, label="single seeds")
    axis.set(xscale="log", yscale="log", xlabel="samples $n$", ylabel="relative error")
    axis.legend(fontsize=SMALL, loc="lower left")
