"""Figure 11, supplement: limits at short time steps, and learning of spike times."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from beyond.figures.panels import drawable
from beyond.figures.panels.spike_times import (
    draw_courses,
    draw_steps,
    name_arms,
    step_looks,
)
from figures import style
from figures.panels import Data

KINDS = {"intensity": "probability follows the intensity", "fixed": "fixed probability per step"}

TASKS = {"active": "from an active network", "silent": "from a silent network"}


def render(data: Data) -> Figure:
    """Draw gradients against the time step, and losses of training on spike times."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.6))
    lettered = []
    *parts, last = style.rows(figure, (2.1, 2.1, 2.4))
    for part, name in zip(parts, ("steps", "steps_low_noise"), strict=True):
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
        axes[0].set_ylabel("derivative of mean loss")
        style.name_looks(axes[0], step_looks(), fontsize=6)
    axes = last.subplots(1, 4, squeeze=False)[0]
    for (first, second), name in zip((axes[:2], axes[2:]), TASKS, strict=True):
        lettered.append(first)
        if not drawable(first, name in data):
            second.axis("off")
            continue
        if name == next(task for task in TASKS if task in data):
            name_arms(last, data[name])
        for one, per_run in ((first, False), (second, True)):
            draw_courses(one, data[name], per_run=per_run)
        first.set_title(TASKS[name], size=7)
        first.set_ylabel("mean loss")
    style.name_panels("abcd", lettered)
    return figure
