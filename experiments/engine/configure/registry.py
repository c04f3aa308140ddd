"""Find experiments, figures and presets in their folders: adding one is adding files."""

import importlib
import importlib.util
import inspect
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from experiments.engine.declare.experiment import Experiment
from experiments.engine.errors import nearest, no_such

SIZES = ("smoke", "quick", "medium", "paper")
"""Presets, the smallest first. A figure without a preset's file uses the next larger preset;
"medium" exists only with a file."""


@dataclass(frozen=True)
class FigureSet:
    """A folder with figures: chapters, renderers, presets and tests. Examples: the root, beyond/.

    Attributes:
        folder: The folder.
        experiments: Package whose folders are chapters, and their modules experiments.
        figures: Package whose modules render figures.
    """

    folder: Path
    experiments: str
    figures: str

    @property
    def configs(self) -> Path:
        """Folder of the Hydra configuration."""
        return self.folder / "configs"

    @property
    def chapters(self) -> Path:
        """Folder of the chapters."""
        return self.folder / self.experiments.rpartition(".")[2]

    @property
    def drawings(self) -> Path:
        """Folder of the renderers, with captions, committed numbers and gallery."""
        return self.folder / self.figures.rpartition(".")[2]

    @property
    def captions(self) -> Path:
        """Folder of the captions."""
        return self.drawings / "captions"

    @property
    def gallery(self) -> Path:
        """Folder of the pictures that show the committed numbers."""
        return self.drawings / "gallery"

    @cache  # noqa: B019 - a run asks often, and figures are few
    def figures_in(self) -> list[str]:
        """Return the figures with presets in this folder, in order."""
        names = {path.parent.name for path in self.configs.glob("figure/fig*/*.yaml")}
        # The shorter name first: fig9, fig10.
        return sorted(names, key=lambda name: (len(name), name))


@dataclass(frozen=True)
class Project:
    """The places of a project's parts.

    Attributes:
        root: The folder that contains its packages.
        experiments: Package whose folders are chapters, and their modules experiments.
        figures: Package whose modules render figures.
        libraries: Packages whose source the results depend on.
    """

    root: Path = Path(__file__).resolve().parents[3]
    experiments: str = "experiments"
    figures: str = "figures"
    libraries: tuple[str, ...] = ("snn",)

    @cached_property
    def rooms(self) -> tuple[FigureSet, ...]:
        """Folders with figures: the root, and subfolders with presets."""
        beside = sorted(path.parents[1] for path in self.root.glob("*/configs/figure"))
        return (
            FigureSet(self.root, self.experiments, self.figures),
            *(
                FigureSet(x, f"{x.name}.{self.experiments}", f"{x.name}.{self.figures}")
                for x in beside
            ),
        )

    def room(self, figure: str) -> FigureSet:
        """Return the folder of a figure; by default the root."""
        rooms = (room for room in self.rooms if figure in room.figures_in())
        return next(rooms, self.rooms[0])

    def reference(self, figure: str) -> Path:
        """Return the file of a figure's committed numbers."""
        return self.room(figure).drawings / "reference" / f"{figure}.npz"

    def golden(self, figure: str) -> Path:
        """Return a figure's golden file."""
        return self.room(figure).folder / "tests" / "goldens" / f"{figure}.json"

    def presets(self) -> dict[str, list[str]]:
        """Return every figure with its presets, as {"fig4": ["paper", "quick", "smoke"]}."""
        presets = {}
        for room in self.rooms:
            for figure in room.figures_in():
                files = room.configs.glob(f"figure/{figure}/*.yaml")
                presets[figure] = sorted(
                    {"smoke", "quick", "paper", *(file.stem for file in files)}
                )
        return presets

    @property
    def groups(self) -> dict[str, list[str]]:
        """Figures that run together: "all" names the root's, "beyond" those in beyond/."""
        names = ["all", *(room.folder.name for room in self.rooms[1:])]
        return {name: room.figures_in() for name, room in zip(names, self.rooms, strict=True)}

    def committed_preset(self, figure: str) -> str:
        """Return the preset of the committed numbers: "medium" if it has a file, or "paper".

        Figures have a medium preset if the paper's takes hours, or data under a licence.
        """
        return "medium" if "medium" in self.presets()[figure] else "paper"

    def written(self, choice: str) -> str:
        """Return the preset with a file for a choice: "fig4/paper" if fig4 has no "quick"."""
        figure, _, preset = choice.partition("/")
        for size in SIZES[SIZES.index(preset) :] if preset in SIZES else ():
            if (self.room(figure).configs / f"figure/{figure}/{size}.yaml").is_file():
                return f"{figure}/{size}"
        return choice

    def figure_choice(self, choice: str) -> tuple[str, str]:
        """Split "fig4/quick" into figure and preset.

        Args:
            choice: A figure and a preset, as "fig4/quick".

        Returns:
            The names of the figure and of the preset.

        Raises:
            UserError: If there is no such figure or preset.
        """
        presets = self.presets()
        figure, _, preset = choice.partition("/")
        if figure not in presets:
            what, fix = f"there is no figure {figure}", f"figure={{}}/{preset or 'quick'}"
            raise no_such(what, choice, figure, presets, fix)
        if preset not in presets[figure]:
            what = f"{figure} has no preset {preset!r}" if preset else "no preset was named"
            # Without a close name, a cheap preset is suggested.
            name = preset if nearest(preset, presets[figure]) else "quick"
            raise no_such(what, choice, name, presets[figure], f"figure={figure}/{{}}")
        return figure, preset


def experiment_modules(package: str, name: str = "[!_]*") -> dict[str, str]:
    """Return modules CHAPTER/NAME.py of a package that define `compute`, by NAME."""
    spec = importlib.util.find_spec(package)
    folders = (spec and spec.submodule_search_locations) or []
    return {
        path.stem: f"{package}.{path.parent.name}.{path.stem}"
        for folder in folders
        for path in sorted(Path(folder).glob(f"*/{name}.py"))
        if "    def compute" in path.read_text()
    }


def schema_in(module: str) -> type[Experiment]:
    """Return the experiment class of a module."""
    (schema,) = [
        value
        for value in vars(importlib.import_module(module)).values()
        if inspect.isclass(value)
        and issubclass(value, Experiment)
        and value.__module__ == module
        and not inspect.isabstract(value)
    ]
    return schema
