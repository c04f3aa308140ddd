"""Make a run's numbers the committed ones.

Copies results/PRESET/figN/figN.npz to figures/reference. The preset is paper, or that in `SHOWN`.
`make gallery` then draws them.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from experiments.engine.atomic import new_file
from experiments.engine.base import derived
from experiments.engine.compose import plan
from experiments.engine.errors import UserError, run_command
from experiments.engine.registry import Project
from figures.drawing import pack, unpack

SHOWN = {"fig7": "medium", "fig8": "medium"}
"""Presets shown where the paper's takes hours, or data that not everybody has."""


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Copy the numbers, and print their sizes."""
    parser = argparse.ArgumentParser("python -m scripts.references", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="figN", help="all by default")
    project = project or Project()
    total = 0
    for figure in parser.parse_args(arguments).figures or project.presets():
        preset = SHOWN.get(figure, "paper")
        project.figure_choice(f"{figure}/{preset}")
        source = project.root / "results" / preset / figure / f"{figure}.npz"
        if not source.is_file():
            what = f"{figure} has not been computed at preset {preset}"
            fix = f"make figure-{figure.removeprefix('fig')} PRESET={preset}"
            raise UserError(what, "no file", str(source.relative_to(project.root)), fix)
        target = project.root / "figures" / "reference" / source.name
        take(project, f"{figure}/{preset}", source, target)
        size = target.stat().st_size
        total += size
        print(f"{figure}/{preset}: {size / 1024:.0f} KiB")
    print(f"together: {total / 1024:.0f} KiB")
    return 0


def take(project: Project, choice: str, source: Path, target: Path) -> None:
    """Copy numbers; those that follow from several seeds or panels are computed anew.

    Args:
        project: Where experiments lie.
        choice: The figure and its preset, as "fig4/paper".
        source: Numbers of a run.
        target: The file to write.
    """
    with np.load(source, allow_pickle=False) as file:
        data, stamp = unpack(file)
    for panel, arrays in derived(plan(project, [f"figure={choice}"]).root.panels, data).items():
        data[panel] |= arrays
    with new_file(target) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **pack(data, stamp))


if __name__ == "__main__":
    run_command(main)
