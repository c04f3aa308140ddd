"""Figure 10, supplement: in spiking networks over time, where a broad surrogate is needed."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from figures import style
from figures.panels.hybrids import (
    Panel,
    draw_counts,
    draw_losses,
    draw_schedules,
    draw_shares,
)

REGIMES = {"spiking_easy": "ample noise", "spiking_steep": "steep noise, recurrent"}
NOT_HERE = "not computed\nby this preset"


def render(data: dict[str, Panel]) -> Figure:
    """Draw the supplement.

    Args:
        data: as figure 10's. Small presets leave some out.
    """
    figure = plt.figure(figsize=(style.FULL_WIDTH, 4.9))
    top, bottom = style.rows(figure, (2.4, 2.5))
    row = top.subplots(1, 4)
    for axes, letter, (name, words) in zip(row[:2], "ab", REGIMES.items(), strict=True):
        if name not in data:
            style.absent(axes, letter, NOT_HERE)
            continue
        draw_losses(axes, data[name])
        axes.set_title(words, size=7)
        style.letter_beside(axes, letter, -0.05)
    drawn = [axes for axes in row[:2] if axes.get_legend_handles_labels()[0]]
    if drawn:
        drawn[0].set_ylabel("loss / first loss")
    counts = {"frozen": "share of trainings frozen", "quiet": "neurons without a spike, of 15"}
    for axes, letter, (name, words) in zip(row[2:], "cd", counts.items(), strict=True):
        if "spiking_steep" in data:
            draw_counts(axes, data["spiking_steep"], name)
            axes.set_ylabel(words)
            style.letter_beside(axes, letter, -0.3)
        else:
            style.absent(axes, letter, NOT_HERE)
    shares, schedules = style.columns(bottom, (3.9, 3.1))
    panels = {REGIMES[name]: data[name] for name in reversed(REGIMES) if name in data}
    for part, letter, draw in ((shares, "e", draw_shares), (schedules, "f", draw_schedules)):
        axes = part.subplots()
        if panels:
            draw(axes, panels)
            style.letter_beside(axes, letter, -0.5)
        else:
            style.absent(axes, letter, NOT_HERE)
    if drawn:
        handles = drawn[0].get_legend_handles_labels()
        figure.legend(*handles, fontsize=6, loc="upper center", ncols=5, handlelength=2.2)
    return figure
