"""Finds experiments, figures and presets in their folders: adding one is adding files."""

import dataclasses
import importlib
import inspect
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import yaml

from experiments.engine.base import Experiment
from experiments.engine.errors import UserError, nearest


@dataclass(frozen=True)
class Project:
    """Where the parts of a project lie.

    Attributes:
        root: The folder from which its packages are imported.
        experiments: Package whose folders are chapters, and their modules experiments.
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

    @cached_property
    def experiments_by_name(self) -> dict[str, str]:
        """The module of every experiment by its name: files CHAPTER/NAME.py with a `compute`."""
        folder = self.root / self.experiments.replace(".", "/")
        found: dict[str, str] = {}
        for path in sorted(folder.glob("*/*.py")):
            if not re.search(r"^def compute\(", path.read_text(), flags=re.MULTILINE):
                continue
            module = f"{self.experiments}.{path.parent.name}.{path.stem}"
            if path.stem in found:
                raise TypeError(f"two experiments of one name: {found[path.stem]}, {module}")
            found[path.stem] = module
        return found

    def schema(self, name: str) -> type[Experiment]:
        """An experiment's schema; only its own module is imported.

        Raises:
            UserError: If there is no such experiment.
        """
        names = self.experiments_by_name
        if name not in names:
            raise UserError(
                f"experiment has no option {name!r}",
                f"experiment={name}",
                "one of " + ", ".join(names),
                f"experiment={nearest(name, names) or next(iter(names), '...')}",
            )
        module = importlib.import_module(names[name])
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

    def experiments_of(self, choice: str) -> set[str]:
        """Names of the experiments that a preset's list of defaults asks for, others' included.

        Args:
            choice: The preset, as "fig4/quick".
        """
        path = self.configs / f"figure/{choice}.yaml"
        # What is not there is named by Hydra, which also lists what is.
        preset = yaml.safe_load(path.read_text()) if path.is_file() else {}
        found = set()
        for entry in preset.get("defaults", []):
            if isinstance(entry, str):
                base = entry.removeprefix("/figure/")
                found |= self.experiments_of(base) if entry != "_self_" else set()
                continue
            for key, option in entry.items():
                if group_of(key) == "experiment":
                    found.add(option)
        return found


def group_of(key: str) -> str:
    """The config group in a default or an override: "override /data@x" gives "data"."""
    return key.split()[-1].partition("@")[0].strip("/")


def default_of(presets: list[str]) -> str:
    """The preset to suggest: not the most expensive one."""
    return "quick" if "quick" in presets else presets[0]


def natural(name: str) -> tuple[str, int]:
    """Sorts fig10 after fig9."""
    letters = name.rstrip("0123456789")
    return letters, int(name[len(letters) :] or 0)
