"""What is written in a picture: texts too small or faint, beyond the canvas, or on something."""

from contextlib import contextmanager

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from figures import style


@contextmanager
def recorded():
    """Give every text with its box and that of the canvas, in points, as they are drawn last."""
    texts, original = {}, Text.draw

    def draw(self, renderer, *args, **kwargs):
        if self.get_visible() and self.get_text().strip():
            figure = self.get_figure(root=True)
            points = Affine2D().scale(72 / figure.dpi)
            boxes = self.get_window_extent(renderer), figure.bbox
            texts[self] = tuple(box.transformed(points) for box in boxes)
        return original(self, renderer, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", draw)
        yield texts


def covered(texts):
    """Name pairs of texts that share more than a point across and one and a half up."""
    names = list(texts)
    boxes = np.array([box.extents for box, _ in texts.values()]).reshape(-1, 1, 4)
    shared = np.minimum(boxes, boxes.swapaxes(0, 1))[..., 2:]
    shared = shared - np.maximum(boxes, boxes.swapaxes(0, 1))[..., :2]
    for one, other in np.argwhere(np.triu((shared > (1, 1.5)).all(axis=-1), 1)):
        yield f"{names[one].get_text()!r} covers {names[other].get_text()!r}"


def outside(texts):
    """Name texts that leave the canvas by more than a point."""
    for text, (box, canvas) in texts.items():
        beyond = max(canvas.x0 - box.x0, box.x1 - canvas.x1, canvas.y0 - box.y0, box.y1 - canvas.y1)
        if beyond > 1:
            yield f"{text.get_text()!r} leaves the canvas by {beyond:.0f} points"


DPI = 200
LEAST = 6
"""Points, at the printed width."""
NEAR = 2
"""Dots around letters that must be as their ground is."""
STRANGE = 51
"""What differs so much of 255 from the ground is a line, a marker or the edge of a cell."""
TOUCHED = 1.5
"""Square points of that near the letters of a text: as much as a thin line that crosses it."""


def unreadable(figure, touched_most=TOUCHED):
    """Name texts that are too small, too faint on their ground, or lie on lines or markers.

    Two pictures are drawn, with and without texts: where they differ are letters.
    """
    figure.set_dpi(DPI)
    texts = [
        text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()
    ]
    written, boxes = dots(figure), {text: text.get_window_extent() for text in texts}
    for text in texts:
        text.set_visible(False)
    ground = dots(figure)
    for text in texts:
        text.set_visible(True)
    letters = (written != ground).any(axis=-1)
    height, width = letters.shape
    for text, box in boxes.items():
        if text.get_fontsize() < LEAST:
            yield f"{text.get_text()!r} has {text.get_fontsize():g} points"
        left, right = (int(np.clip(x, 0, width)) for x in (box.x0 - NEAR, box.x1 + NEAR))
        up, down = (int(np.clip(height - y, 0, height)) for y in (box.y1 + NEAR, box.y0 - NEAR))
        near, under = grown(letters[up:down, left:right]), ground[up:down, left:right]
        if not near.any():  # Beyond the plane, as a headline is, or not drawn.
            continue
        base, strange = common(under[near])
        if (touched := strange.sum() * (72 / DPI) ** 2) > touched_most:
            yield f"{text.get_text()!r} lies on something: {touched:.1f} square points"
        if (actual := style.contrast(text.get_color(), base)) < 4.5:
            yield f"{text.get_text()!r} has a contrast of {actual:.1f} on {base}"


def dots(figure):
    """Colours of a figure as it is, laid out or not, from 0 to 255."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


def grown(letters):
    """Letters, and all dots near them."""
    padded = np.pad(letters, NEAR)
    shifts = range(2 * NEAR + 1)
    height, width = letters.shape
    return np.any([padded[y : y + height, x : x + width] for y in shifts for x in shifts], axis=0)


def common(colors):
    """Give the most frequent colour, and where another is very different."""
    coarse = colors // 8 @ np.array([32**2, 32, 1])
    base = np.median(colors[coarse == np.bincount(coarse).argmax()], axis=0)
    return to_hex(base / 255), (np.abs(colors - base) > STRANGE).any(axis=-1)
