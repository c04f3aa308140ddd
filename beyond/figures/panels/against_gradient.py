"""Every network: where an estimator's mean points, and for how many draws against the gradient."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from figures.looks import LOOKS
from figures.panels import Panel
from figures.style import INK, NEUTRAL, WRONG

SHOWN = ("mean_field", "surrogate", "smoothed_two_sided", "path_sample_analytic")
SIZE = 8


def against_gradient(axes: Axes, data: Panel) -> None:
    """Draw a dot for every draw of weights and slope; those against the gradient larger."""
    listed = list(map(str, data["estimators"][0]))
    known = {name for i, name in enumerate(listed) if not np.isnan(data["against_any"][i])}
    shown = [name for name in SHOWN if name in known]
    rng = np.random.default_rng(0)
    axes.axvspan(-1.05, 0, **WRONG)
    for y, name in enumerate(shown):
        i = listed.index(name)
        cosine = data["cosine"][:, i].ravel()
        height = y + rng.uniform(-0.28, 0.28, cosine.size)
        for wrong, size in ((False, 1.6), (True, 3.2)):
            at = (cosine < 0) == wrong
            dot = {"mfc": LOOKS[name].color, "mec": INK, "mew": 0.2 * wrong}
            axes.plot(cosine[at], height[at], "o", ms=size, **dot)
        place = {"va": "center", "size": SIZE, "transform": axes.get_yaxis_transform()}
        axes.text(1.03, y, _share(data, i), **place)
    axes.set(xlim=(-1.05, 1.05), ylim=(max(len(shown), 1) - 0.45, -0.55))
    axes.set_yticks(range(len(shown)), [LOOKS[name].label for name in shown], size=SIZE)
    for label, name in zip(axes.get_yticklabels(), shown, strict=True):
        label.set_color(LOOKS[name].ink)
    axes.tick_params(axis="y", length=0)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    head: dict[str, Any] = {"size": SIZE, "va": "bottom", "color": NEUTRAL}
    above = {**head, "ha": "center", "transform": axes.get_xaxis_transform()}
    axes.text(-0.5, 1.02, "against the gradient", **above)
    axes.text(1.03, 1.02, "draws against it", transform=axes.transAxes, **head)
    axes.set_xlabel("cosine of the estimator's mean and the gradient", size=SIZE)


def _share(data: Panel, i: int) -> str:
    interval = percent(data["against_any_interval"][:, i])
    return f"{int(data['against_any'][i])} of {int(data['n_draws'])} [{interval}]"


def percent(ends: np.ndarray) -> str:
    """Return an interval of shares as figure and page print it."""
    return (
        ", ".join(f"{100 * end:.1g}" if end < 0.01 else f"{100 * end:.0f}" for end in ends) + " %"
    )
