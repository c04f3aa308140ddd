"""Colours and committed numbers that the explorers take from the figures."""

import base64
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Colormap, to_hex

from explorers.code import caveat, code
from figures import style
from figures.looks import FAMILIES, LOOKS, TRUE
from figures.panels import Data
from figures.panels.spike_training import CONDITIONS

N_SHADES = 11
"""Colours of a map; the page interpolates between them."""


def looks() -> str:
    """Return the figures' colours, by their roles, as properties of the style sheet.

    Plots keep them on a light sheet in the dark scheme, where the page has colours of its own.
    """
    colors = {
        "ink": style.INK,
        "neutral": style.NEUTRAL,
        "branch": style.BRANCH,
        "wrong": str(style.WRONG["color"]),
        **style.MODES,
        # A network's own output is grey, as in figures 4 and 5; its exact gradient a lighter grey.
        "output": str(TRUE["color"]),
        "exact": LOOKS["exact"].color,
        "surrogate": LOOKS["surrogate"].color,
        "surrogate-fill": LOOKS["surrogate"].fill,
        "smoothed": LOOKS["mean_field"].color,
        "unbiased": LOOKS["stochastic_ad"].color,
        **{f"family-{name}": color for name, color in FAMILIES.items()},
        # Outputs as in figures 4 and 5, wrong patterns as in figure 10's supplement.
        "map": _shades(style.OUTPUT),
        "counts": _shades(colormaps["Greys"], 0.85),
    }
    lines = [f"  --{name}: {value};" for name, value in colors.items()]
    head = "/* Written by `python -m explorers` from figures/looks.py and figures/style.py. */"
    return "\n".join([head, ":root, .plots > * {", *lines, "}", ""])


def _shades(shades: Colormap, last: float = 1.0) -> str:
    """Return colours of a map, up to a share of its length."""
    return ", ".join(map(to_hex, shades(np.linspace(0, last, N_SHADES))))


def loop(data: Data) -> dict[str, Any]:
    """Return centres, directions and radii of figure 5's loops."""
    return {
        name: {
            key: data[name][key].tolist()
            for key in ("base", "directions", "radius", "beta_surrogate", "sg_loop")
        }
        for name in ("published", "second")
    }


def escape(data: Data) -> dict[str, Any]:
    """Return origin and unit vectors of figure 10's plane of weights, and the task's answers."""
    return {name: data["escape"][name][0].tolist() for name in ("start", "plane", "targets")}


def atlas(data: Data) -> dict[str, Any]:
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
                # Whether it may be the best: (scope, cell, budget).
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


def spike_timing(data: Data) -> dict[str, Any]:
    """Return curves of figure 6 by seed, and rasters with a bit for each bin."""
    measures = ("van_rossum", "l2", "rate_hidden", "fano_output")
    conditions = [name for group in CONDITIONS.values() for name, _ in group]
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
"""Figure and export function of each data file."""
