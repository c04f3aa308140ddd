"""Places of figures: this repository, and its folders such as beyond/.

Each place has chapters with experiments, presets, renderers and tests of its own.
"""

import importlib
import inspect
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from experiments.engine.errors import UserError, nearest, no_such
from experiments.engine.experiment import Experiment


@dataclass(frozen=True)
class Place:
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

    def presets(self) -> dict[str, list[str]]:
        """Return the figures with their presets, as {"fig4": ["paper", "quick", "smoke"]}."""
        presets: dict[str, list[str]] = {}
        for path in sorted(self.configs.glob("figure/fig*/*.yaml")):
            presets.setdefault(path.parent.name, []).append(path.stem)
        # The shorter name first: fig9, fig10.
        return dict(sorted(presets.items(), key=lambda item: (len(item[0]), item[0])))

    @cache  # noqa: B019 - a run asks often, and figures are few
    def figures_in(self) -> list[str]:
        """Return the figures with presets in this folder, in order."""
        return list(self.presets())


@dataclass(frozen=True)
class Project:
    """The list of places, and the libraries that their experiments share.

    Attributes:
        root: The folder that contains its packages.
        experiments: Package whose folders are chapters, and their modules experiments.
        figures: Package whose modules render figures.
        libraries: Packages whose source the results depend on.
    """

    root: Path = Path(__file__).resolve().parents[2]
    experiments: str = "experiments"
    figures: str = "figures"
    libraries: tuple[str, ...] = ("snn",)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The root, and its subfolders with presets."""
        beside = sorted(path.parents[1] for path in self.root.glob("*/configs/figure"))
        return (
            Place(self.root, self.experiments, self.figures),
            *(Place(x, f"{x.name}.{self.experiments}", f"{x.name}.{self.figures}") for x in beside),
        )

    def place(self, figure: str) -> Place:
        """Return the place of a figure; by default the root."""
        places = (place for place in self.places if figure in place.figures_in())
        return next(places, self.places[0])

    def reference(self, figure: str) -> Path:
        """Return the file of a figure's committed numbers."""
        return self.place(figure).drawings / "reference" / f"{figure}.npz"

    def golden(self, figure: str) -> Path:
        """Return a figure's golden file."""
        return self.place(figure).folder / "tests" / "goldens" / f"{figure}.json"

    def presets(self) -> dict[str, list[str]]:
        """Return every figure with its presets, as {"fig4": ["paper", "quick", "smoke"]}."""
        return {figure: names for place in self.places for figure, names in place.presets().items()}

    @property
    def groups(self) -> dict[str, list[str]]:
        """Figures that run together: "all" names the root's, "beyond" those in beyond/."""
        names = ["all", *(place.folder.name for place in self.places[1:])]
        return {name: place.figures_in() for name, place in zip(names, self.places, strict=True)}

    def committed_preset(self, figure: str) -> str:
        """Return the preset of the committed numbers: "medium" if the figure has it, or "paper".

        Figures have a medium preset if the paper's takes hours, or data under a licence.
        """
        return "medium" if "medium" in self.presets()[figure] else "paper"

    def refuse_unknown(self, figure: str) -> None:
        """Raise `UserError` if there is no such figure."""
        figures = self.presets()
        if figure not in figures:
            raise no_such(f"there is no figure {figure}", figure, figure, figures, "{}")

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

    def experiment(self, name: str) -> type[Experiment]:
        """Return the experiment of a name, such as "loop_integral"; its module is imported."""
        for place in self.places:
            for path in place.chapters.glob(f"*/{name}.py"):
                return schema_in(f"{place.experiments}.{path.parent.name}.{name}")
        files = [path for place in self.places for path in place.chapters.glob("*/[!_]*.py")]
        close = nearest(name, [path.stem for path in files]) or "..."
        expected = "a module of " + " or ".join(f"{place.chapters}/*/" for place in self.places)
        raise UserError(f"there is no experiment {name}", name, expected, f"experiment: {close}")


def schema_in(module: str) -> type[Experiment]:
    """Return the experiment class of a module.

    Raises:
        ValueError: If the module has none, or two.
    """
    schemas = [
        value
        for value in vars(importlib.import_module(module)).values()
        if inspect.isclass(value)
        and issubclass(value, Experiment)
        and value.__module__ == module
        and not inspect.isabstract(value)
    ]
    if len(schemas) != 1:
        raise ValueError(f"{module} needs one Experiment that is not abstract, has {schemas}")
    return schemas[0]
