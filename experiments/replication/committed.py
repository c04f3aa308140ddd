"""Numbers that follow from a committed figure, where computing it anew takes hours.

The command prints what README, caption and report quote of them.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.engine.base import Data, Quantity
from experiments.engine.errors import reading, run_command
from experiments.engine.quantity import measured
from experiments.engine.registry import Project
from experiments.engine.store import read_arrays
from experiments.replication.goldens import read
from experiments.speech.comparison import Comparison, compare
from experiments.spike_timing import control
from experiments.spike_timing.control import Ratio
from experiments.true_gradient.statements import alignment, trainings
from figures.drawing import unpack

Panels = Mapping[str, Data]


def speech_comparison(project: Project) -> Comparison:
    """Stochastic against deterministic networks, by the committed numbers of figure 7."""
    return compare(numbers(project, "fig7"))


def hidden_weights(project: Project) -> dict[str, Ratio]:
    """Trained over frozen hidden weights, by the committed numbers of figure 6."""
    return control.compare(numbers(project, "fig6"))


def speech(data: Panels) -> dict[str, Quantity]:
    """The comparison that decides figure 7's claims on a larger preset."""
    found = compare(data)
    return {
        "stochastic.minus_deterministic": found.general_quantity,
        "stochastic.minus_deterministic_here": found.quantity,
    }


def spike_timing(data: Panels) -> dict[str, Quantity]:
    """The ratios that decide figure 6's claims on a larger preset."""
    ratios = {f"{name}_ratio": ratio for name, ratio in control.compare(data).items()}
    ratios |= {
        f"{panel}.{name}_after_over_before": control.ratio(
            data[panel][f"last_{name}"], data[panel][f"first_{name}"]
        )
        for panel, name in CHANGES
    }
    return {name: ratio.quantity for name, ratio in ratios.items()}


CHANGES = (
    ("stochastic", "fano_hidden"),
    ("stochastic", "fano_output"),
    ("deterministic", "van_rossum"),
)
"""Of figure 6, panel and what is compared after and before training."""


def true_gradient(data: Panels) -> dict[str, Quantity]:
    """Trainings and alignment, by the numbers of figure 9."""
    trained = {name: panel for name, panel in data.items() if "paired" in panel}
    aligned = {name: panel for name, panel in data.items() if "rank_correlations" in panel}
    return trainings(trained) | alignment(aligned)


DERIVED = {"fig6": spike_timing, "fig7": speech, "fig9": true_gradient}
"""By figure: quantities of its numbers, by "panel.name"."""


def quantities(project: Project) -> dict[str, Quantity]:
    """Every number of this kind, by "figN.panel.name"; empty in a project without the figures."""
    return {
        f"{figure}.{name}": quantity
        for figure, derive in DERIVED.items()
        if _path(project, figure).is_file()
        for name, quantity in derive(numbers(project, figure)).items()
    }


def known(project: Project) -> dict[str, Quantity]:
    """Return every number that may decide a claim, by "figN.panel.name": these, and the goldens."""
    found = quantities(project)
    for figure in project.presets():
        golden = read(project.goldens / f"{figure}.json")
        found |= {f"{figure}.{name}": quantity for name, quantity in golden.quantities.items()}
    return found


def _path(project: Project, figure: str) -> Path:
    return project.root / "figures" / "reference" / f"{figure}.npz"


def numbers(project: Project, figure: str) -> Panels:
    """The committed numbers of a figure."""
    path = _path(project, figure)
    with reading(f"the committed numbers of {figure}", path, f"git checkout {path}"):
        return unpack(read_arrays(path))[0]


def main(arguments: Sequence[str]) -> int:
    """Print them."""
    parser = argparse.ArgumentParser("python -m experiments.replication.committed")
    parser.description = __doc__
    parser.parse_args(arguments)
    project = Project()
    print(f"figure 7, stochastic minus deterministic: {speech_comparison(project)}")
    for name, ratio in hidden_weights(project).items():
        print(f"figure 6, trained hidden weights over {name}: {ratio}: {ratio.verdict}")
    for name, quantity in true_gradient(numbers(project, "fig9")).items():
        print(f"fig9.{name}: {measured(quantity)}")
    return 0


if __name__ == "__main__":
    run_command(main)
