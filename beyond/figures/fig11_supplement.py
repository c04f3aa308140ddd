"""Figure 11, supplement: limits at short time steps, and learning of spike times."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from beyond.figures.panels import drawable
from beyond.figures.panels.spike_time_learning import (
    TASKS,
    draw_courses,
    draw_pairs,
    draw_right,
    name_arms,
)
from beyond.figures.panels.spike_times import draw_steps, step_looks
from figures import style
from figures.panels import Data, Panel

KINDS = {"intensity": "probability follows the intensity", "fixed": "fixed probability per step"}

NOISES = {"steps_high_noise": "high", "steps_low_noise": "low"}

TITLES = {
    "active": "target times, from an active network",
    "silent": "target times, from a silent network",
    "first_spikes": "classes by first spikes",
}


def render(data: Data) -> Figure:
    """Draw gradients against the time step, and losses of training on spike times."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 8.45))
    lettered = []
    *parts, trains, last = style.rows(figure, (2.05, 2.05, 2.05, 2.3))
    for part, (name, noise) in zip(parts, NOISES.items(), strict=True):
        axes = part.subplots(1, 4, squeeze=False)[0]
        lettered.append(axes[0])
        if not drawable(axes[0], name in data):
            for other in axes[1:]:
                other.axis("off")
            continue
        panel = data[name]
        places = [(i, kind) for kind in KINDS for i in range(2)]
        for one, (i, kind) in zip(axes, places, strict=True):
            if i >= len(panel["weights"]):
                one.axis("off")
                continue
            draw_steps(one, panel, i, kind)
            one.set_title(f"{KINDS[kind]}\n$w$ = {panel['weights'][i]:g}", size=6.5)
        axes[0].set_ylabel(f"{noise} noise:\nderivative of mean loss", size=7)
        style.name_looks(axes[0], step_looks(), fontsize=6)
    learned = {name: data[name] for name in TASKS if name in data}
    axes = trains.subplots(1, 4, squeeze=False)[0]
    for (first, second), name in zip((axes[:2], axes[2:]), ("active", "silent"), strict=True):
        lettered.append(first)
        if drawable(first, name in data):
            first.set_title(TITLES[name], size=7)
            _draw_losses(first, second, data[name])
        else:
            second.axis("off")
    first, second, right, pairs = last.subplots(1, 4, width_ratios=(1, 1, 1, 1.1))
    lettered += [first, pairs]
    if drawable(first, "first_spikes" in data):
        first.set_title(TITLES["first_spikes"], size=7)
        _draw_losses(first, second, data["first_spikes"])
        draw_right(right, data["first_spikes"])
    else:
        second.axis("off")
        right.axis("off")
    if drawable(pairs, bool(learned)):
        draw_pairs(pairs, learned)
        name_arms(last, next(iter(learned.values())))
    style.name_panels("abcdef", lettered)
    return figure


def _draw_losses(over_updates: Axes, over_runs: Axes, panel: Panel) -> None:
    """Draw losses of a task over updates and over runs of the network."""
    draw_courses(over_updates, panel, per_run=False)
    draw_courses(over_runs, panel, per_run=True)
    over_updates.set_ylabel("mean loss", size=7)
