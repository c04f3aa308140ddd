"""Write the explorers of the companion page, complete, into a folder.

The pages lie in docs/site/explorers. What they take from elsewhere is written beside them when the
site is built, so that no colour and no number stands in the repository twice: `looks.css` from the
figures' tables of looks, and `data/*.json` from the committed numbers in figures/reference.
"""

import argparse
import base64
import functools
import http.server
import json
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex

from experiments.engine.errors import run_command
from experiments.engine.registry import Project
from experiments.replication.committed import Panels, numbers
from figures import style
from figures.looks import FAMILIES, LOOKS
from figures.panels.spike_training import CONDITIONS
from scripts.code import caveat, code

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "site" / "explorers"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
"""The browser in which tests open them; None if there is none."""
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
N_SHADES = 11
"""Colours of a map; the page interpolates between them."""


def build(folder: Path) -> None:
    """Write the explorers into a folder; what lies there stays, unless it has a page's name."""
    shutil.copytree(PAGES, folder, dirs_exist_ok=True)
    shutil.copy(PAGES.parent / "static" / "files.js", folder / "js")
    if (start := folder.parent / "index.html").is_file():
        head = companion(start.read_text())
        for page in folder.glob("*.html"):
            page.write_text(page.read_text().replace("<main>\n", f"<main>\n{head}\n", 1))
    (folder / "looks.css").write_text(looks())
    (folder / "data").mkdir(exist_ok=True)
    for name, (figure, export) in EXPORTS.items():
        if figure not in Project().presets():
            continue
        data = export(numbers(Project(), figure))
        (folder / "data" / f"{name}.json").write_text(json.dumps(data, separators=(",", ":")))


def companion(start: str) -> str:
    """Return search and contents of the site, from the sidebar of its first page."""
    link = r'"toctree-l1[^"]*"><a class="reference [^"]*" href="([^"]+)">([^<]+)<'
    entry = rf'caption-text">([^<]+)<|{link}'
    parts = []
    for caption, address, title in re.findall(entry, start):
        if caption:
            parts.append(f"<b>{caption}</b><ul>")
        elif parts:
            parts[-1] += f'<li><a href="../{address}">{title}</a></li>'
    contents = "".join(f"{part}</ul>" for part in parts)
    return (
        '<div class="companion"><form role="search" action="../search.html">'
        '<input type="search" name="q" placeholder="Search the companion" aria-label="Search">'
        f"</form><details><summary>All pages</summary>{contents}</details></div>"
    )


def names() -> list[str]:
    """Return names of the explorers whose figures are there."""
    there = {path.stem for path in PAGES.glob("*.html")} - {"index"}
    return sorted(x for x in there if EXPORTS.get(x, ("fig1",))[0] in Project().presets())


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, and give the address."""
    handler = functools.partial(_Silent, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


def looks() -> str:
    """Return the figures' colours as properties of the style sheet."""
    colors = {
        "ink": style.INK,
        "neutral": style.NEUTRAL,
        "branch": style.BRANCH,
        "remark": FAMILIES["smoothed"],
        **style.MODES,
        "exact": LOOKS["exact"].color,
        **{name.replace("_", "-"): LOOKS[name].color for name in ("surrogate", "stochastic_ad")},
        "smoothed": LOOKS["mean_field"].color,
        **{f"family-{name}": color for name, color in FAMILIES.items()},
        "viridis": ", ".join(map(to_hex, colormaps["viridis"](np.linspace(0, 1, N_SHADES)))),
    }
    lines = [f"  --{name}: {value};" for name, value in colors.items()]
    head = "/* Written by scripts/explorers.py from figures/looks.py and figures/style.py. */"
    return "\n".join([head, ":root {", *lines, "}", ""])


def loop(data: Panels) -> dict[str, Any]:
    """Return centres, directions and radii of figure 5's loops."""
    return {
        name: {
            key: data[name][key].tolist()
            for key in ("base", "directions", "radius", "beta_surrogate", "sg_loop")
        }
        for name in ("published", "second")
    }


def escape(data: Panels) -> dict[str, Any]:
    """Return origin and unit vectors of figure 10's plane of weights, and the task's answers."""
    return {name: data["escape"][name][0].tolist() for name in ("start", "plane", "targets")}


def atlas(data: Panels) -> dict[str, Any]:
    """Return what a budget buys in every network of figure 8, by estimator, cell and budget."""
    panel = data["regimes"]
    aligned = np.concatenate(list(panel["aligned"]), axis=2)  # the networks of all seeds
    runs = panel["evaluations"].mean(axis=0)
    estimators = []
    for i, name in enumerate(map(str, panel["estimators"][0])):
        look = LOOKS[name]
        estimators.append(
            {
                "name": name,
                "label": look.label,
                "family": look.family,
                "any_program": bool(panel["any_program"][i]),
                # Cannot be told from the one of the largest median: (scope, cell, budget).
                "rivals": panel["rivals"][:, i].astype(int).tolist(),
                "code": code(name),
                "caveat": caveat(name),
                "runs": runs[i].tolist(),
                "aligned": _rounded(np.moveaxis(aligned[i], 2, 1), 7),
            }
        )
    return {
        "cells": panel["cells"][0].tolist(),
        "sites": panel["sites"][0].tolist(),
        "budgets": panel["budgets"][0].tolist(),
        "estimators": estimators,
    }


def spike_timing(data: Panels) -> dict[str, Any]:
    """Return curves of figure 6 by seed, and its rasters, of which a bit is a bin."""
    measures = ("van_rossum", "l2", "rate_hidden", "fano_output")
    conditions = [name for group in CONDITIONS.values() for name, *_ in group]
    learned, target = data["stochastic"], data["stochastic"]["picture"][0]
    return {
        "epoch": learned["epoch"][0].tolist(),
        "curves": {
            condition: {
                measure: {
                    "first": _rounded(data[condition][f"first_{measure}"], 5),
                    "along": _rounded(data[condition][measure], 5),
                    "last": _rounded(data[condition][f"last_{measure}"], 5),
                }
                for measure in measures
                if measure in data[condition]
            }
            for condition in conditions
        },
        "shape": list(target.shape),
        "target": _bits(target),
        "frame_epoch": learned["frame_epoch"][0].tolist(),
        "frames": {
            mode: [_bits(frame.T) for frame in data[mode]["frames"][0]] for mode in style.MODES
        },
    }


def _rounded(values: Any, digits: int) -> Any:
    """Return nested lists of numbers to some significant digits; NaN becomes null."""
    if np.ndim(values):
        return [_rounded(part, digits) for part in values]
    return float(f"{float(values):.{digits}g}") if np.isfinite(values) else None


def _bits(raster: np.ndarray) -> str:
    return base64.b64encode(np.packbits(raster.astype(bool)).tobytes()).decode()


EXPORTS = {
    "loop": ("fig5", loop),
    "escape": ("fig10", escape),
    "atlas": ("fig8", atlas),
    "spike_timing": ("fig6", spike_timing),
}
"""File: the figure whose numbers it holds, and how they are taken from them."""


def main(arguments: Sequence[str]) -> None:
    """Write them, and say how to open them."""
    parser = argparse.ArgumentParser("python -m scripts.explorers", description=__doc__)
    parser.add_argument("folder", type=Path, help="such as site/explorers")
    folder = parser.parse_args(arguments).folder
    build(folder)
    print(f"{folder}: open it through a file server, for instance python -m http.server")


if __name__ == "__main__":
    run_command(main)
