"""Pictures as PDF and PNG from the plotted numbers."""

import importlib
import importlib.util
import io
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from figures.captions import Caption, caption
from figures.panels import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PRESET = re.compile(r"^preset: (\S+)")
"""Beginning of a stamp."""
PARAMETER = re.compile(r"(?<![\w.])panels\.(\w+)\.(\w+)=")
"""Beginning of a changed parameter in a stamp."""


def in_words(stamp: str) -> str:
    """Return the stamp as a reader of the picture alone understands it."""
    words = PRESET.sub(r"computed with preset “\1” instead of “paper”", stamp)
    return PARAMETER.sub(r"\2 of panel \1 = ", words.replace("modified: ", "changed: ", 1))


def headline(stamp: str, about: Caption) -> str:
    """Return the headline of a caption for a run of the preset that it speaks of, else nothing."""
    committed = "" if about.preset == "paper" else f"preset: {about.preset}"
    return about.headline if stamp == committed else ""


def pictures(figure: str, package: str = "figures") -> list[str]:
    """Return the names of a figure's pictures: main picture and, if there is one, supplement."""
    names = figure, f"{figure}_supplement"
    return [name for name in names if importlib.util.find_spec(f"{package}.{name}")]


def draw(
    name: str,
    data: Data,
    stamp: str,
    paths: list[Path],
    package: str = "figures",
    dpi: float | None = None,
    teaser: bool = False,
) -> "Figure":
    """Render a picture and save the files.

    The headline of its caption is a statement about the committed preset: other runs have none.

    The same numbers give the same bytes on one machine, since no date is written.

    Args:
        name: The picture, as "fig4" or "fig4_supplement": its renderer is the module of that name.
        data: Arrays by panel and name.
        stamp: Preset and changed parameters, printed below; empty for the paper's own preset.
        paths: Files to write; the suffix decides the format.
        package: The package of the renderers.
        dpi: Dots per inch of a PNG, if not the style's.
        teaser: The small picture of a figure, which has no headline.
    """
    # Imported here: reading numbers needs no Matplotlib.
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    from figures import letters, style

    # The warning of fontTools about the dates of Matplotlib's fonts is harmless.
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    # Only files are written: no window, no display needed.
    mpl.use("Agg")
    with style.applied():
        module = importlib.import_module(f"{package}.{name}")
        figure = module.teaser(data) if teaser else module.render(data)
        captions = Path(str(module.__file__)).parent / "captions"
        title = headline(stamp, caption(name, captions))
        frame = ("", "") if teaser else (title, in_words(stamp))
        area = style.frame(figure, *frame)
        letters.lay_out(figure)
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
