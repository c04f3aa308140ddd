"""Pictures as PDF and PNG from the plotted numbers."""

import importlib
import importlib.util
import io
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from figures.captions import caption
from figures.panels import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STAMP, TITLES = "stamp", "titles"
PRESET = re.compile(r"^preset: (\S+)")
"""Beginning of a stamp."""


@dataclass(frozen=True)
class Words:
    """Words around the pictures of a run.

    Attributes:
        stamp: Preset and changed parameters, below; empty for the paper's own preset.
        titles: Titles that replace the headline of a caption, by picture.
    """

    stamp: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)


def pack(data: Data, words: Words) -> dict[str, np.ndarray]:
    """Return the contents of a figure's .npz: "panel/array" keys, and the words it must carry."""
    arrays = {
        f"{panel}/{name}": array for panel, named in data.items() for name, array in named.items()
    }
    titles = {TITLES: np.array(json.dumps(words.titles))} if words.titles else {}
    return {**arrays, STAMP: np.array(words.stamp), **titles}


def unpack(arrays: Mapping[str, np.ndarray]) -> tuple[Data, Words]:
    """Return the panels and the words of a figure's .npz: the reverse of `pack`."""
    data: Data = {}
    for key in arrays:
        if key not in (STAMP, TITLES):
            panel, _, name = key.partition("/")
            data.setdefault(panel, {})[name] = arrays[key]
    titles = json.loads(str(arrays[TITLES])) if TITLES in arrays else {}
    return data, Words(str(arrays[STAMP]) if STAMP in arrays else "", titles)


def in_words(stamp: str) -> str:
    """Return the stamp as a reader of the picture alone understands it."""
    return PRESET.sub(r"computed with preset “\1” instead of “paper”", stamp)


FURTHER = ("supplement", "details")
"""Further pictures of a figure; details are shown on the page of the theory alone."""


def pictures(figure: str, package: str = "figures") -> list[str]:
    """Return the names of a figure's pictures: main picture, supplement and details."""
    names = [figure, *(f"{figure}_{further}" for further in FURTHER)]
    return [name for name in names if importlib.util.find_spec(f"{package}.{name}")]


def draw(
    name: str,
    data: Data,
    words: Words,
    paths: list[Path],
    package: str = "figures",
    dpi: float | None = None,
    teaser: bool = False,
) -> "Figure":
    """Render a picture below its headline and save the files.

    The same numbers give the same bytes on one machine, since no date is written.

    Args:
        name: The picture, as "fig4" or "fig4_supplement": its renderer is the module of that name.
        data: Arrays by panel and name.
        words: What to print around the figure.
        paths: Files to write; the suffix decides the format.
        package: The package of the renderers.
        dpi: Dots per inch of a PNG, if not the style's.
        teaser: The small picture of a figure, which has no headline.
    """
    # Imported here: reading numbers needs no Matplotlib.
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    from figures import style

    # The warning of fontTools about the dates of Matplotlib's fonts is harmless.
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    # Only files are written: no window, no display needed.
    mpl.use("Agg")
    with style.applied():
        module = importlib.import_module(f"{package}.{name}")
        figure = module.teaser(data) if teaser else module.render(data)
        captions = Path(str(module.__file__)).parent / "captions"
        title = words.titles.get(name) or caption(name, captions).headline
        frame = ("", "") if teaser else (title, in_words(words.stamp))
        area = style.frame(figure, *frame)
        style.lay_out(figure)
        for path in paths:
            # In memory first: a file that Matplotlib cannot finish on a full disk would stay open.
            content, kind = io.BytesIO(), path.suffix.removeprefix(".")
            figure.savefig(
                content,
                format=kind,
                bbox_inches=area,
                dpi=dpi or mpl.rcParams["savefig.dpi"],
                metadata={"CreationDate": None} if kind == "pdf" else None,
            )
            path.write_bytes(content.getbuffer())
        # pyplot keeps every figure until it is closed.
        plt.close(figure)
    return figure
