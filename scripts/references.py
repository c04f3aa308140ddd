"""Make a run's numbers the committed ones.

Copies results/PRESET/figN/figN.npz to figures/reference. The preset is medium where a figure has
it, else paper. `make gallery` then draws them.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from experiments.engine.atomic import new_file
from experiments.engine.base import derived
from experiments.engine.compose import plan
from experiments.engine.errors import run_command
from experiments.engine.record import Record
from experiments.engine.registry import Project
from experiments.runs.published import find
from figures.drawing import Words, pack


def main(arguments: Sequence[str], project: Project | None = None) -> None:
    """Copy the numbers, and print their sizes."""
    parser = argparse.ArgumentParser("python -m scripts.references", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="figN", help="all by default")
    options, project, total = parser.parse_args(arguments), project or Project(), 0
    for figure in options.figures or project.presets():
        choice = f"{figure}/{project.committed_preset(figure)}"
        project.figure_choice(choice)
        target = project.reference(figure)
        take(project, find(project, choice, "make references ARGS={}"), target)
        size = target.stat().st_size
        total += size
        print(f"{choice}: {size / 1024:.0f} KiB")
    print(f"together: {total / 1024:.0f} KiB")


def take(project: Project, run: Record, target: Path) -> None:
    """Copy a preset's numbers; those that follow from several seeds or panels are computed anew."""
    data = {name: panel.arrays for name, panel in run.of("panels").items()}
    preset = plan(project, [f"figure={run.plan.figure}/{run.plan.preset}"])
    for panel, arrays in derived(preset.root.panels, data).items():
        data[panel] |= arrays
    with new_file(target) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **pack(data, Words(run.plan.stamp)))


if __name__ == "__main__":
    run_command(main)
