"""Numbers that follow from a committed figure, where computing it anew takes hours.

`python -m experiments.replication.committed` prints what README, caption and report quote of them.
"""

from collections.abc import Sequence

import numpy as np

from experiments.engine.base import Quantity
from experiments.engine.errors import run_command
from experiments.engine.registry import Project
from experiments.replication.relations import measured
from experiments.speech.comparison import Comparison, compare
from experiments.spike_timing import control
from experiments.spike_timing.control import Ratio
from experiments.true_gradient.statements import alignment, trainings
from figures.drawing import unpack


def speech_comparison(project: Project) -> Comparison:
    """Stochastic against deterministic networks, by the committed numbers of figure 7."""
    with np.load(project.root / "figures" / "reference" / "fig7.npz") as file:
        return compare(unpack(file)[0])


def hidden_weights(project: Project) -> dict[str, Ratio]:
    """Trained over frozen hidden weights, by the committed numbers of figure 6."""
    with np.load(project.root / "figures" / "reference" / "fig6.npz") as file:
        return control.compare(unpack(file)[0])


def true_gradient(project: Project) -> dict[str, Quantity]:
    """Trainings and alignment, by the committed numbers of figure 9."""
    with np.load(project.root / "figures" / "reference" / "fig9.npz") as file:
        data = unpack(file)[0]
    found = {}
    for panel in data:
        if "paired" in data[panel]:
            of = trainings(data[panel])
        elif "rank_correlations" in data[panel]:
            of = alignment(data[panel])
        else:
            continue
        found |= {f"fig9.{panel}.{name}": quantity for name, quantity in of.items()}
    return found


def quantities(project: Project) -> dict[str, Quantity]:
    """Every number of this kind, by "figN.panel.name"; empty in a project without the figures."""
    found: dict[str, Quantity] = {}
    if _is_committed(project, "fig6"):
        ratios = hidden_weights(project)
        found |= {f"fig6.{name}_ratio": ratio.quantity for name, ratio in ratios.items()}
    if _is_committed(project, "fig7"):
        found["fig7.stochastic.minus_deterministic"] = speech_comparison(project).quantity
    return found | (true_gradient(project) if _is_committed(project, "fig9") else {})


def _is_committed(project: Project, figure: str) -> bool:
    return (project.root / "figures" / "reference" / f"{figure}.npz").is_file()


def main(arguments: Sequence[str]) -> int:
    """Prints them."""
    project = Project()
    print(f"figure 7, stochastic minus deterministic: {speech_comparison(project)}")
    for name, ratio in hidden_weights(project).items():
        print(f"figure 6, trained hidden weights over {name}: {ratio}: {ratio.verdict}")
    for name, quantity in true_gradient(project).items():
        print(f"{name}: {measured(quantity)}")
    return 0


if __name__ == "__main__":
    run_command(main)
