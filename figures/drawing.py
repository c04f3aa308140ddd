"""From the plotted numbers to a PDF and a PNG whose bytes depend on nothing else."""

import importlib
import importlib.util
import io
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from figures.captions import caption
from figures.panels import Data

STAMP, TITLES = "stamp", "titles"


@dataclass(frozen=True)
class Words:
    """What a run's pictures say of it.

    Attributes:
        stamp: Preset and changed parameters, below; empty for the paper's own preset.
        titles: By picture, what stands above in place of the headline of its caption.
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


def pictures(figure: str, package: str = "figures") -> list[str]:
    """Return the pictures of a figure: itself, and its supplement where it has one."""
    names = [figure, f"{figure}_supplement"]
    return [name for name in names if importlib.util.find_spec(f"{package}.{name}")]


def draw(
    name: str,
    data: Data,
    words: Words,
    paths: list[Path],
    package: str = "figures",
    dpi: float | None = None,
) -> None:
    """Render a picture below its headline, and save it.

    Args:
        name: The picture, as "fig4" or "fig4_supplement": its renderer is the module of that name.
        data: Arrays by panel and name.
        words: What to print around the figure.
        paths: Files to write; the suffix decides the format.
        package: The package of the renderers.
        dpi: Dots per inch of a PNG, if not the style's.
    """
    # Loaded here: numbers are read without it, and pictures that are not drawn need none.
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    from figures import style

    # Only files are written: no window, no display needed.
    mpl.use("Agg")
    # Embedding a font whose file has no date is nothing to warn of.
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    with style.applied():
        module = importlib.import_module(f"{package}.{name}")
        figure = module.render(data)
        captions = Path(str(module.__file__)).parent / "captions"
        title = words.titles.get(name) or caption(name, captions).headline
        frame = style.frame(figure, title, words.stamp)
        engine = figure.get_layout_engine()
        assert engine, "the style gives every figure one"
        # A layout goes on from the one before: two settle it, and one more for each file would make
        # files differ.
        for _ in range(2):
            engine.execute(figure)
        # With any engine, even "none", a figure is drawn once more before it is saved.
        mpl.rcParams["figure.constrained_layout.use"] = False
        figure.set_layout_engine(None)
        for path in paths:
            content, kind = io.BytesIO(), path.suffix.removeprefix(".")
            resolution = dpi or mpl.rcParams["savefig.dpi"]
            # Without a date the same numbers give the same bytes. By default a PNG takes half as
            # long again to compress, and is at most a tenth smaller.
            options = {
                "pdf": {"metadata": {"CreationDate": None}},
                "png": {"pil_kwargs": {"compress_level": 3}},
            }.get(kind, {})
            # Written at once: Matplotlib's own files stay open, and hide the fault, on a full disk.
            figure.savefig(content, format=kind, dpi=resolution, bbox_inches=frame, **options)
            path.write_bytes(content.getbuffer())
        # pyplot keeps every figure it made until told otherwise.
        plt.close(figure)
