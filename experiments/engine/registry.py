"""Finds experiments, figures and presets in their folders: adding one is adding files."""

import dataclasses
import importlib
import inspect
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from experiments.engine.base import Experiment
from experiments.engine.errors import UserError, nearest


@dataclass(frozen=True)
class Project:
    """Where the parts of a project lie.

    Attributes:
        root: The folder from which its packages are imported.
        experiments: Package whose folders are experiments.
        figures: Package whose modules render figures.
        libraries: Packages whose source the results depend on.
        engine: The package of this machinery, on which no number depends.
    """

    root: Path = Path(__file__).resolve().parents[2]
    experiments: str = "experiments"
    figures: str = "figures"
    libraries: tuple[str, ...] = ("snn",)
    engine: str = field(default="experiments.engine")

    @property
    def configs(self) -> Path:
        """Folder of the Hydra configuration."""
        return self.root / "configs"

    @property
    def goldens(self) -> Path:
        """Folder of the golden files."""
        return self.root / "tests" / "goldens"

    def presets(self) -> dict[str, list[str]]:
        """Every figure with its presets, as {"fig4": ["paper", "quick", "smoke"]}."""
        folders = sorted(self.configs.glob("figure/fig*/"), key=lambda path: natural(path.name))
        return {
            folder.name: sorted(file.stem for file in folder.glob("*.yaml")) for folder in folders
        }

    def figure_choice(self, choice: str) -> tuple[str, str]:
        """Splits "fig4/quick" into figure and preset.

        Raises:
            UserError: If there is no such figure or preset.
        """
        presets = self.presets()
        valid = [f"{figure}/{preset}" for figure, names in presets.items() for preset in names]
        figure, _, preset = choice.partition("/")
        if figure not in presets:
            number = nearest(figure, presets) or next(iter(presets), "figN")
            raise UserError(
                f"there is no figure {figure}",
                choice,
                "one of " + ", ".join(presets),
                f"figure={number}/{preset or 'quick'}",
            )
        if preset not in presets[figure]:
            close = nearest(choice, [name for name in valid if name.startswith(f"{figure}/")])
            raise UserError(
                f"{figure} has no preset {preset!r}" if preset else "no preset was named",
                choice,
                "one of " + ", ".join(presets[figure]),
                f"figure={close or f'{figure}/{default_of(presets[figure])}'}",
            )
        return figure, preset

    def schemas(self) -> dict[str, type[Experiment]]:
        """Every experiment's schema by the name of its folder."""
        folders = (self.root / self.experiments.replace(".", "/")).glob("*/compute.py")
        return {path.parent.name: self._schema(path.parent.name) for path in sorted(folders)}

    def _schema(self, name: str) -> type[Experiment]:
        module = importlib.import_module(f"{self.experiments}.{name}")
        own = [
            value
            for value in vars(module).values()
            if inspect.isclass(value)
            and issubclass(value, Experiment)
            and value.__module__ == module.__name__
            and dataclasses.is_dataclass(value)
            and not value.__name__.startswith("_")
        ]
        if len(own) != 1:
            raise TypeError(f"{module.__name__} must define one Experiment, found {len(own)}")
        return own[0]

    def compute_module(self, experiment: Experiment) -> ModuleType:
        """The module with the experiment's `compute`; this import is what loads JAX."""
        return importlib.import_module(f"{type(experiment).__module__}.compute")


def default_of(presets: list[str]) -> str:
    """The preset to suggest: not the most expensive one."""
    return "quick" if "quick" in presets else presets[0]


def natural(name: str) -> tuple[str, int]:
    """Sorts fig10 after fig9."""
    letters = name.rstrip("0123456789")
    return letters, int(name[len(letters) :] or 0)
