"""Figure 11, supplement: limits at short time steps, and learning of spike times."""

import matplotlib.pyplot as plt
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
from figures.panels import Data

KINDS = {"intensity": "probability follows the intensity", "fixed": "fixed probability per step"}
TITLES = {
    "active": "target times,\nfrom an active network",
    "silent": "target times,\nfrom a silent network",
    "first_spikes": "classes by first spikes",
}


def render(data: Data) -> Figure:
    """Draw gradients against the time step, and losses of training on spike times."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 5.2))
    above, below = style.rows(figure, (2.5, 2.7))
    *steps, pairs = above.subplots(1, 3)
    for axes, (kind, words) in zip(steps, KINDS.items(), strict=True):
        if drawable(axes, "steps_high_noise" in data):
            draw_steps(axes, data["steps_high_noise"], -1, kind)
            axes.set_title(words, size=7)
            axes.set_ylabel("derivative of mean loss" if axes is steps[0] else "", size=7)
    if "steps_high_noise" in data:
        style.name_looks(steps[0], step_looks(), fontsize=6)
    learned = {name: data[name] for name in TASKS if name in data}
    if drawable(pairs, bool(learned)):
        draw_pairs(pairs, learned)
    courses = below.subplots(1, 3)
    for axes, (name, words) in zip(courses, TITLES.items(), strict=True):
        if drawable(axes, name in data):
            axes.set_title(words, size=7)
            draw = draw_right if name == "first_spikes" else draw_courses
            draw(axes, data[name])
    if learned:
        name_arms(below, next(iter(learned.values())))
    style.name_panels("abcde", (steps[0], pairs, *courses))
    return figure
