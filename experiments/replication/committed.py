"""Numbers that follow from a committed figure, where computing it anew takes hours.

The command prints what captions, notes and report quote of them.
"""

import argparse
from collections.abc import Mapping, Sequence

from experiments.engine.base import Data, Quantity
from experiments.engine.errors import reading, run_command
from experiments.engine.quantity import measured
from experiments.engine.registry import Project
from experiments.engine.store import read_arrays
from experiments.replication.goldens import read
from experiments.replication.verdicts import conclusions
from experiments.speech.comparison import Comparison, stochastic_minus_deterministic
from experiments.spike_timing import control
from experiments.spike_timing.control import Ratio
from figures.drawing import unpack

Panels = Mapping[str, Data]


def speech_comparison(project: Project) -> Comparison:
    """Compare stochastic with deterministic networks by the committed numbers of figure 7."""
    return stochastic_minus_deterministic(numbers(project, "fig7"))


def hidden_weights(project: Project) -> dict[str, Ratio]:
    """Compare trained with frozen hidden weights by the committed numbers of figure 6."""
    return control.trained_over_frozen(numbers(project, "fig6"))


def quantities(project: Project) -> dict[str, Quantity]:
    """Return every number of this kind; none in a project without the figures."""
    figures = [name for name in project.presets() if project.reference(name).is_file()]
    found = (conclusions(project, name, numbers(project, name)) for name in figures)
    return {name: quantity for of_one in found for name, quantity in of_one.items()}


def known(project: Project) -> dict[str, Quantity]:
    """Return every number that may decide a claim, by "figN.panel.name": these, and the goldens."""
    found = quantities(project)
    for figure in project.presets():
        golden = read(project.golden(figure))
        found |= {f"{figure}.{name}": quantity for name, quantity in golden.quantities.items()}
    return found


def numbers(project: Project, figure: str) -> Panels:
    """Read the committed numbers of a figure."""
    path = project.reference(figure)
    fix = f"git checkout {path}; of a new figure, make references ARGS={figure}"
    with reading(f"the committed numbers of {figure}", path, fix):
        return unpack(read_arrays(path))[0]


def main(arguments: Sequence[str]) -> None:
    """Print them."""
    parser = argparse.ArgumentParser("python -m experiments.replication.committed")
    parser.description = __doc__
    parser.parse_args(arguments)
    project = Project()
    print(f"figure 7, stochastic minus deterministic: {speech_comparison(project)}")
    for name, ratio in hidden_weights(project).items():
        print(f"figure 6, trained hidden weights over {name}: {ratio}: {ratio.verdict}")
    for name, quantity in conclusions(project, "fig9", numbers(project, "fig9")).items():
        print(f"{name}: {measured(quantity)}")


if __name__ == "__main__":
    run_command(main)
