"""What is written in a picture: texts too small or faint, beyond the canvas, or on something."""

from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.text import Annotation, Text
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


class Written(NamedTuple):
    """A drawn figure, whose texts were drawn last.

    Attributes:
        texts: Texts with their boxes and that of the canvas, points.
        ground: Colours before the texts, from 0 to 255, ``(height, width, 3)``.
        letters: Where the texts changed a colour, ``(height, width)``.
    """

    texts: dict
    ground: np.ndarray
    letters: np.ndarray


def written(figure):
    """Lay a figure out, if it has an engine that does so, and draw it with its texts on top."""
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    with postponed() as last:
        canvas.draw()
    dots = np.asarray(canvas.buffer_rgba())
    ground = dots.copy()
    with recorded() as texts:
        for text, renderer in last:
            text.draw(renderer)
    # The four bytes of a dot are compared as one number.
    now, before = (colors.view(np.uint32)[..., 0] for colors in (dots, ground))
    return Written(texts, ground[..., :3], now != before)


@contextmanager
def postponed():
    """Collect texts and their renderers, instead of drawing the texts."""
    last = []

    def later(draw):
        def called(text, renderer):
            # An arrow alone is an annotation without words, and part of the ground.
            words = text.get_text().strip()
            last.append((text, renderer)) if words else draw(text, renderer)

        return called

    with pytest.MonkeyPatch.context() as patch:
        for kind in (Text, Annotation):
            patch.setattr(kind, "draw", later(kind.draw))
        yield last


def unreadable(drawn, touched_most=TOUCHED):
    """Name texts that are too small, too faint on their ground, or lie on lines or markers."""
    height, width = drawn.letters.shape
    for text, (box, _) in drawn.texts.items():
        if text.get_fontsize() < LEAST:
            yield f"{text.get_text()!r} has {text.get_fontsize():g} points"
        x0, y0, x1, y1 = box.extents * DPI / 72
        left, right = (int(np.clip(x, 0, width)) for x in (x0 - NEAR, x1 + NEAR))
        up, down = (int(np.clip(height - y, 0, height)) for y in (y1 + NEAR, y0 - NEAR))
        near = grown(drawn.letters[up:down, left:right])
        if not near.any():  # Beyond the plane, as a headline is.
            continue
        base, strange = common(drawn.ground[up:down, left:right][near])
        if (touched := strange.sum() * (72 / DPI) ** 2) > touched_most:
            yield f"{text.get_text()!r} lies on something: {touched:.1f} square points"
        if (actual := style.contrast(text.get_color(), base)) < 4.5:
            yield f"{text.get_text()!r} has a contrast of {actual:.1f} on {base}"


def grown(letters):
    """Letters, and all dots near them."""
    # A row of dots grows first, then a column: this is faster than to shift in both directions.
    for _ in range(2):
        padded, n = np.pad(letters.T, ((NEAR, NEAR), (0, 0))), letters.shape[1]
        letters = np.any([padded[i : i + n] for i in range(2 * NEAR + 1)], axis=0)
    return letters


def common(colors):
    """Give the most frequent colour, and where another is very different."""
    coarse = colors // 8 @ np.array([32**2, 32, 1])
    base = np.median(colors[coarse == np.bincount(coarse).argmax()], axis=0)
    return to_hex(base / 255), (np.abs(colors - base) > STRANGE).any(axis=-1)
