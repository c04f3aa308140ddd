"""Writing of drawn figures to reproducible files."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import matplotlib as mpl
from fontTools import subset
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from matplotlib.transforms import Bbox

from figures.style import place_letters, write_letters

# The warning of fontTools about the dates of Matplotlib's fonts is harmless.
logging.getLogger("fontTools").setLevel(logging.ERROR)


def save(figure: Figure, frame: Bbox, paths: list[Path], dpi: float | None = None) -> None:
    """Lay a figure out, and write its files.

    Args:
        figure: What to write.
        frame: What of its plane is saved, inches.
        paths: Files to write; the suffix decides the format. A PNG comes first: the layout is made
            at its dots.
        dpi: Dots per inch of a PNG, if not the style's.
    """
    # A figure's canvas is the one that was made for it last.
    _Canvas(figure)
    letters = write_letters(figure)
    # A layout continues from the previous layout: after two it is stable.
    for _ in range(2):
        if engine := figure.get_layout_engine():
            engine.execute(figure)
    _round_places(figure)
    place_letters(letters)
    # With any engine, even "none", a figure is drawn once more before it is saved.
    mpl.rcParams["figure.constrained_layout.use"] = False
    figure.set_layout_engine(None)
    for path in paths:
        content, kind = io.BytesIO(), path.suffix.removeprefix(".")
        # Without a date the same numbers give the same bytes.
        metadata = {"CreationDate": None} if kind == "pdf" else None
        # Written at once: Matplotlib's own files stay open, and hide the fault, on a full disk.
        with _fonts_without_layout():
            figure.savefig(
                content,
                format=kind,
                bbox_inches=frame,
                dpi=dpi or mpl.rcParams["savefig.dpi"],
                metadata=metadata,
            )
        path.write_bytes(content.getbuffer())


def _round_places(figure: Figure) -> None:
    """Round places to 1e-9: the solver of the layout sorts by address, and rounds as it comes."""
    inside = list(figure.subfigs)
    for part in inside:
        part.bbox_relative.set_points(part.bbox_relative.get_points().round(9))
        inside += part.subfigs
    for axes in figure.axes:
        axes.set_position(Bbox(axes.get_position(original=True).get_points().round(9)))


class _Canvas(FigureCanvasAgg):
    """A canvas that parses each formula once, for the layout, the PNG and all figures."""

    _parser = MathTextParser("path")

    def get_renderer(self) -> RendererAgg:
        renderer = super().get_renderer()
        renderer.mathtext_parser = self._parser
        return renderer


@contextmanager
def _fonts_without_layout() -> Iterator[None]:
    """Embed fonts without the tables that lay text out, for the text of a file is laid out.

    Reading those tables takes two thirds of the time of a PDF's fonts.
    """
    options = subset.Options
    dropped = [*options().drop_tables, "GDEF", "GPOS", "GSUB", "MATH"]
    subset.Options = partial(options, drop_tables=dropped)
    try:
        yield
    finally:
        subset.Options = options
