"""What is written in a picture, and where: text that covers other text, or leaves the canvas."""

from contextlib import contextmanager

import numpy as np
import pytest
from matplotlib.text import Text
from matplotlib.transforms import Affine2D


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
