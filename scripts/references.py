"""Make a run's numbers the committed ones.

Copy the panels that captions name from results/PRESET/figN/figN.npz to figures/reference. The
preset is medium if a figure has this preset, else paper. `make gallery` then draws the new numbers.
With --only, some panels of one figure are computed or read from the cache, and only these panels
are replaced in its committed numbers. Use --only for a figure that takes hours to compute
completely.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from experiments.compare import find
from experiments.engine.cache import new_file, read_numbers, write_numbers
from experiments.engine.config import Project, Run, plan
from experiments.engine.errors import no_such, run_command
from experiments.engine.experiment import derived
from experiments.engine.run import collect
from figures.captions import caption
from figures.drawing import pictures


def main(arguments: Sequence[str], project: Project | None = None) -> None:
    """Copy the numbers, and print their sizes."""
    parser = argparse.ArgumentParser("python -m scripts.references", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="figN", help="all by default")
    parser.add_argument("--only", nargs="+", metavar="PANEL", help="of one figure")
    options, project, total = parser.parse_args(arguments), project or Project(), 0
    for figure in options.figures or project.presets():
        choice = f"{figure}/{project.committed_preset(figure)}"
        project.figure_choice(choice)
        target = project.reference(figure)
        if options.only:
            replace_panels(project, choice, options.only, target)
        else:
            take(project, find(project, choice, "make references ARGS={}"), target)
        size = target.stat().st_size
        total += size
        print(f"{choice}: {size / 1024:.0f} KiB")
    print(f"together: {total / 1024:.0f} KiB")


def take(project: Project, run: Run, target: Path) -> None:
    """Copy the numbers of a preset, and compute derived arrays again.

    Derived arrays depend on several seeds or panels.

    Args:
        project: The project.
        run: The run whose numbers are copied.
        target: The committed file.
    """
    drawn = _drawn(project, run.figure)
    data = {panel: x for panel, x in run.arrays.items() if panel in drawn or not drawn}
    preset = plan(project, [f"figure={run.figure}/{run.preset}"])
    experiments = {panel: preset.panels[panel] for panel in data}
    for panel, arrays in derived(experiments, data).items():
        data[panel] |= arrays
    with new_file(target) as temporary:
        write_numbers(temporary, data, run.stamp)


def _drawn(project: Project, figure: str) -> set[str]:
    """Return the panels that a figure's captions name; numbers of others are only reported."""
    place = project.place(figure)
    captions = [caption(picture, place.captions) for picture in pictures(figure, place.figures)]
    return {panel for text in captions for panels in text.panels.values() for panel in panels}


def replace_panels(project: Project, choice: str, names: Sequence[str], target: Path) -> None:
    """Compute some panels of a preset, and replace them in the committed numbers.

    Args:
        project: The project.
        choice: Figure and preset, as "fig7/medium".
        names: Names of the panels.
        target: The committed file.

    Raises:
        UserError: If the preset has no such panel.
    """
    run = plan(project, [f"figure={choice}"])
    if unknown := [name for name in names if name not in run.panels]:
        raise no_such("no such panel", unknown[0], unknown[0], run.panels, "--only {}")
    chosen = {name: run.panels[name] for name in names}
    part = replace(run, panels=chosen)
    computed = collect(project, part).arrays
    # Read after hours of computing, in which another command may have replaced other panels.
    data, stamp = read_numbers(target)
    data |= computed
    # Quantities of several panels follow from all panels, the committed ones included. Another new
    # panel may not have been computed yet.
    for name in run.panels.keys() & data.keys():
        data[name] |= run.panels[name].compared(name, data)
    with new_file(target) as temporary:
        write_numbers(temporary, data, stamp)


if __name__ == "__main__":
    run_command(main)
