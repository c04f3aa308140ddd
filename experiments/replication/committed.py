"""Numbers that follow from a committed figure, where computing it anew takes hours.

`python -m experiments.replication.committed` prints what README, caption and report quote of them.
"""

from collections.abc import Sequence

import numpy as np

from experiments.engine.base import Quantity
from experiments.engine.errors import run_command
from experiments.engine.registry import Project
from experiments.speech.comparison import Comparison, compare
from experiments.spike_timing import control
from experiments.spike_timing.control import Ratio
from figures.drawing import unpack


def speech_comparison(project: Project) -> Comparison:
    """Stochastic against deterministic networks, by the committed numbers of figure 7."""
    with np.load(project.root / "figures" / "reference" / "fig7.npz") as file:
        return compare(unpack(file)[0])


def hidden_weights(project: Project) -> dict[str, Ratio]:
    """Trained over frozen hidden weights, by the committed numbers of figure 6."""
    with np.load(project.root / "figures" / "reference" / "fig6.npz") as file:
        return control.compare(unpack(file)[0])


def quantities(project: Project) -> dict[str, Quantity]:
    """Every number of this kind, by "figN.panel.name"; empty in a project without the figures."""
    found = {}
    if (project.root / "figures" / "reference" / "fig7.npz").is_file():
        found["fig7.stochastic.minus_deterministic"] = speech_comparison(project).quantity
    if (project.root / "figures" / "reference" / "fig6.npz").is_file():
        found |= {
            f"fig6.{name}_ratio": ratio.quantity for name, ratio in hidden_weights(project).items()
        }
    return found


def main(arguments: Sequence[str]) -> int:
    """Prints them."""
    print(f"figure 7, stochastic minus deterministic: {speech_comparison(Project())}")
    for name, ratio in hidden_weights(Project()).items():
        print(f"figure 6, trained hidden weights over {name}: {ratio}: {ratio.verdict}")
    return 0


if __name__ == "__main__":
    run_command(main)
