"""Figure 11, supplement: whether gradients have a limit as the time step goes to 0."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from beyond.figures.panels import drawable
from beyond.figures.panels.spike_times import draw_steps, step_looks
from figures import style
from figures.panels import Data

KINDS = {"intensity": "probability follows the intensity", "fixed": "fixed probability per step"}


def render(data: Data) -> Figure:
    """Draw gradients against the time step, in high and low noise."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 4.4))
    lettered = []
    for part, name in zip(
        style.rows(figure, (2.2, 2.2)), ("steps", "steps_low_noise"), strict=True
    ):
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
    style.name_panels("ab", lettered)
    return figure
