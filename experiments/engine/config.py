"""From a command line to one validated run: Hydra composes plain YAML, pydantic checks it.

Nothing is computed or written here.
"""

import hashlib
import importlib
import inspect
import os
import re
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from yaml import YAMLError

from experiments.engine.errors import LONGEST, UserError, nearest, no_such
from experiments.engine.experiment import (
    Count,
    Data,
    Distinct,
    Experiment,
    Frozen,
    OneOf,
    Quantity,
    Seed,
    param,
)

M = TypeVar("M", bound=Frozen)

SIZES = ("smoke", "quick", "medium", "paper")
"""Presets, the smallest first. A figure without a preset's file uses the next larger preset;
"medium" exists only with a file."""

GROUPS = ("panels", "checks")
"""Groups of experiments in a run. Panels are drawn, checks are only computed."""

SHARED = ("seeds", "data")
"""Parameters of the run that experiments with randomness, or with a data set, take over."""

# Parameters that change no picture: where and how to compute.
NOT_THE_PRESET = (
    "compute",
    "results_dir",
    "name",
    "runtime",
    "runtime.platform",
    "runtime.compilation_cache",
    "data.folder",
    "data.download",
)

LONGEST_NAME = 80
"""Characters of a name; file systems allow 255, with the figure's name and suffixes."""
UNSAFE = re.compile(r"[^\w.,=+-]", re.ASCII)
PLAIN = re.compile(r"[A-Za-z0-9_\-/.:+%*@?| ]*")
"""Texts that Hydra reads without quotes."""
TEXT = re.compile(r"[^\[\]{}(),$\\]+")
"""A text in a value: between the characters of lists, mappings, functions and sweeps."""
HYDRAS = re.compile(r"hydra/(launcher|sweeper)|hydra\.(launcher|sweeper)\.(?!params\b)\w[\w.]*")
"""Settings of Hydra's that a user may change."""
LISTED = "make params-N lists every parameter of figure N"

# ValueError, OverflowError: a number of more digits than Python reads, or a float holds.
REFUSALS = HydraException, OmegaConfBaseException, YAMLError, ValueError, OverflowError
"""Errors that Hydra and OmegaConf raise while they compose."""


# Places of figures.


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

    root: Path = Path(__file__).resolve().parents[2]
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

    def experiment(self, name: str) -> type[Experiment]:
        """Return the experiment of a name, such as "loop_integral"; its module is imported."""
        for room in self.rooms:
            for path in room.chapters.glob(f"*/{name}.py"):
                return schema_in(f"{room.experiments}.{path.parent.name}.{name}")
        places = ", ".join(f"{room.chapters}/*/{name}.py" for room in self.rooms)
        raise UserError(f"there is no experiment {name}", name, f"one of the files {places}")


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


# Parameters of every run.


class Runtime(Frozen):
    """Where and how precisely to compute."""

    platform: Literal["cpu", "gpu"] = param("cpu", "device to compute on")
    x64: bool = param(True, "compute in double precision")
    compilation_cache: bool = param(True, "keep compiled code in the user's cache folder")


class DataSet(Frozen):
    """The data set of a run; experiments with a data set take their parameters from here."""

    name: str = param("fixture", "name of a data set in docs/data.md")
    folder: str = param("", "folder of its files; empty for the default")
    download: bool = param(False, "allow a download of the published set")
    n_classes: Annotated[int, Field(ge=2)] = param(20, "number of classes of your own data")
    n_channels: Annotated[int, Field(ge=1, le=2**16 - 1)] = param(
        700, "number of channels of your own data"
    )
    n_train: Annotated[int, Field(ge=2)] | None = param(
        None, "utterances for training and validation; null for all"
    )
    n_test: Count | None = param(None, "utterances for testing; null for all")
    seed: Seed = param(0, "seed for the generated data and the split")


class Settings(Frozen):
    """Parameters of a run outside its experiments."""

    runtime: Runtime = Field(default=Runtime())
    data: DataSet = Field(default=DataSet())
    seeds: Distinct[Seed] = param([0], "seeds of every experiment with randomness")
    compute: Literal["auto", "always", "never"] = param(
        "auto", "auto: reuse the cache; always: recompute; never: only redraw"
    )
    results_dir: Annotated[str, Field(min_length=1)] = param(
        "results", "folder for results, from the repository root"
    )
    name: str = param("", "name of the run's folder; if empty, changed parameters name it")


@dataclass(frozen=True)
class Run:
    """A run: its parameters, and its numbers once they are computed or read.

    Attributes:
        figure: As "fig4".
        preset: As "quick".
        overrides: The overrides, without the choice of the figure.
        modified: The overrides that a picture depends on, as "key=value".
        config: The whole configuration, as plain values.
        settings: Parameters outside the experiments.
        panels: Experiments that the figure draws; none in a run that was read from its folder.
        checks: Experiments whose numbers are only reported.
        arrays: Arrays by panel or check, and by name.
        parts: Records of every seed, by panel or check: device, time, settings.
        summary: Quantities by "panel.name", with their errors.
        provenance: Time, commit and packages.
        path: Where the run is published; None for a run that is only in memory.
    """

    figure: str
    preset: str
    overrides: tuple[str, ...]
    modified: tuple[str, ...]
    config: Any
    settings: Settings = Settings()
    panels: dict[str, Experiment] = field(default_factory=dict)
    checks: dict[str, Experiment] = field(default_factory=dict)
    arrays: dict[str, Data] = field(default_factory=dict)
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    summary: dict[str, Quantity] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    path: Path | None = None

    @property
    def experiments(self) -> dict[str, Experiment]:
        """Panels and checks by name."""
        return self.panels | self.checks

    @property
    def places(self) -> dict[str, Experiment]:
        """Panels and checks by key, as "panels.draws"."""
        return {f"{kind}.{name}": x for kind in GROUPS for name, x in getattr(self, kind).items()}

    @property
    def modules(self) -> dict[str, str]:
        """Modules of the experiments of a computed or read run, by panel and check."""
        return {name: seeds[0]["experiment"] for name, seeds in self.parts.items()}

    @property
    def inputs(self) -> dict[str, list[str]]:
        """Hashes of the files that each panel was computed from, by panel; empty without files."""
        return {
            name: sorted({part.get("inputs", "") for part in seeds} - {""})
            for name, seeds in self.parts.items()
        }

    def arrays_of(self, kind: str) -> dict[str, Data]:
        """Return the arrays of one kind: "panels" are drawn, "checks" are not."""
        return {name: x for name, x in self.arrays.items() if name in self.config[kind]}

    def as_dict(self) -> dict[str, Any]:
        """Return all but the arrays, for meta.json."""
        return {
            **{
                x: getattr(self, x) for x in ("figure", "preset", "overrides", "modified", "config")
            },
            **self.provenance,
            "summary": {name: quantity.as_dict() for name, quantity in self.summary.items()},
            **{
                kind: {name: x for name, x in self.parts.items() if name in self.config[kind]}
                for kind in GROUPS
            },
        }

    @property
    def name(self) -> str:
        """The run's name, by default its changed parameters; empty for an unchanged preset."""
        return self.config.get("name") or own_name(self.modified)

    @property
    def title(self) -> str:
        """Figure, preset and name, as "fig5/smoke, published.radius=1.0"."""
        return f"{self.figure}/{self.preset}" + (f", {self.name}" if self.name else "")

    @property
    def stamp(self) -> str:
        """The preset and changed parameters, which the figure prints; empty for plain "paper"."""
        parts = [] if self.preset == "paper" else [f"preset: {self.preset}"]
        if self.modified:
            parts.append("modified: " + ", ".join(self.modified))
        if kept := self.own_seeds:
            parts.append(f"{', '.join(kept)}: the preset's seeds")
        return "   ".join(parts)

    @property
    def own_seeds(self) -> list[str]:
        """Panels and checks with their own seeds in a run with changed seeds."""
        changed = next((item for item in self.modified if item.startswith("seeds=")), "")
        nodes = {
            f"{kind}.{n}": own for kind in GROUPS for n, own in self.config.get(kind, {}).items()
        }
        return [
            name.partition(".")[2]
            for name, own in nodes.items()
            if changed and own.get("seeds", self.config["seeds"]) != self.config["seeds"]
            if not any(x.startswith((f"{name}.seeds=", "all.seeds=")) for x in self.modified)
        ]

    @property
    def folder(self) -> Path:
        """The run's folder below the results."""
        return Path(self.preset) / "-".join(filter(None, (self.figure, self.name)))

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the numbers by dotted name; a panel's seeds only if they differ."""
        shared = self.config.get("seeds")
        return {
            name: value
            for name, value in leaves(self.config).items()
            if name not in NOT_THE_PRESET and not (name.endswith(".seeds") and value == shared)
        }


def own_name(modified: Sequence[str]) -> str:
    """Return a folder name for changed parameters, valid in shells and file systems.

    Other changes give another name: a hash replaces characters that are left out.

    Args:
        modified: Changed parameters, as "panels.published.radius=1.0".

    Returns:
        As "published.radius=1.0".
    """
    joined = "+".join(re.sub(r"^(panels|checks)\.", "", item) for item in modified)
    # A list needs no brackets here: a parameter is always a list, or never.
    plain = re.sub(r"=\[([^\[\]]*)\]", r"=\1", joined)
    safe = UNSAFE.sub("_", plain)
    if safe == plain and len(safe) <= LONGEST_NAME:
        return safe
    digest = hashlib.sha256("\n".join(modified).encode()).hexdigest()[:8]
    return f"{safe[: LONGEST_NAME - 9]}-{digest}"


def leaves(config: Any, path: str = "") -> dict[str, Any]:
    """Return the values of a configuration, given as nested dictionaries, by dotted key."""
    values: dict[str, Any] = {}
    for key, value in config.items():
        inner = isinstance(value, dict)
        values |= leaves(value, f"{path}{key}.") if inner else {f"{path}{key}": value}
    return values


# Composition.


def plan(project: Project, overrides: Sequence[str]) -> Run:
    """Compose and validate one run.

    Args:
        project: The project that has the figure.
        overrides: Hydra overrides, among them figure=figN/PRESET.

    Returns:
        The run, with every value checked.

    Raises:
        UserError: If an override is wrong.
    """
    overrides = [readable(text) for text in overrides]
    for text in overrides:
        if text.startswith("figure="):
            project.figure_choice(text.partition("=")[2])
    # Experiments need JAX. Below Hydra's many calls, Python 3.11 would import it a tenth slower.
    import jax as jax

    try:
        with hydra(project):
            config = compose("config", [*search_path(project), *overrides])
    except REFUSALS as error:
        raise explained(project, error, overrides) from error
    return checked(project, config, overrides)


def checked(project: Project, config: DictConfig, overrides: Sequence[str]) -> Run:
    """Validate what Hydra has composed.

    Args:
        project: The project that has the figure.
        config: The composed configuration.
        overrides: The overrides that it was composed from.

    Returns:
        The run, with every value checked.

    Raises:
        UserError: If a value is wrong, or is not read.
    """
    typed = {
        text.partition("=")[0].lstrip("+"): text.lstrip("+")
        for text in overrides
        if not text.startswith("hydra")
    }
    figure, preset = project.figure_choice(typed.pop("figure").partition("=")[2])
    try:
        values, kinds, places = _completed(project, config, typed, f"{figure}/{preset}")
    except REFUSALS as error:
        raise explained(project, error, overrides) from error
    experiments: dict[str, dict[str, Experiment]] = {}
    for kind in GROUPS:
        nodes = values.pop(kind)
        experiments[kind] = {
            name: validated(kinds[f"{kind}.{name}"], node, f"{kind}.{name}", places)
            for name, node in nodes.items()
        }
    settings = validated(Settings, values, "", places)
    _check_run(settings, experiments)
    plain = settings.model_dump() | {
        kind: {
            name: {"experiment": type(x).__module__.rpartition(".")[2], **x.model_dump()}
            for name, x in each.items()
        }
        for kind, each in experiments.items()
    }
    # Seeds and data change nothing in a figure that reads none.
    unread = [name for name in SHARED if not any(_takes(x, name) for x in kinds.values())]
    changes = {key: text for key, text in typed.items() if key.partition(".")[0] not in unread}
    return Run(
        figure=figure,
        preset=preset,
        overrides=tuple(typed.values()),
        modified=tuple(_modified(changes, {key: place for place, key in places.items()}, plain)),
        config=plain,
        settings=settings,
        panels=experiments["panels"],
        checks=experiments["checks"],
    )


@cache
def preset_plan(project: Project, choice: str) -> Run:
    """Return the plan of a preset, as "fig4/quick", composed once a process: do not change it."""
    return plan(project, [f"figure={choice}"])


@cache
def experiments_of(project: Project, choice: str) -> dict[str, type[Experiment]]:
    """Return the experiments of a preset, as "fig4/quick", by the name of their panel or check."""
    return {name: type(x) for name, x in preset_plan(project, choice).experiments.items()}


@contextmanager
def hydra(project: Project) -> Iterator[None]:
    """Initialise Hydra on the project's configs."""
    register(project)
    with initialize_config_dir(str(project.rooms[0].configs), version_base="1.3"):
        yield


def register(project: Project) -> None:
    """Register presets without a file of their own with Hydra."""
    from hydra.core.config_store import ConfigStore

    store = ConfigStore.instance()
    # Presets of a project that was registered before.
    store.repo.pop("figure", None)
    for figure, presets in project.presets().items():
        for preset in presets:
            choice = f"{figure}/{preset}"
            if (written := project.written(choice)) != choice:
                node = {"defaults": [f"/figure/{written}"]}
                store.store(preset, node, group=f"figure/{figure}", package="_global_")


def search_path(project: Project) -> list[str]:
    """Return the override for Hydra's search path: presets beside the root's."""
    paths = [quoted(f"file://{room.configs}") for room in project.rooms[1:]]
    return [f"hydra.searchpath=[{','.join(paths)}]"]


def readable(override: str) -> str:
    """Return an override in a form that Hydra can read.

    Texts with characters that Hydra's grammar lacks, as in `all.image=Büro.png` and
    `results_dir=~/results`, are quoted. Every parameter gets ++, for the YAML lists only those that
    a preset changes; unknown ones are refused when the run is validated.

    Raises:
        UserError: For a deletion, and for a setting of Hydra's own.
    """
    key, equals, value = override.partition("=")
    key, value = key.strip().lstrip("+"), value.strip()
    if key.startswith("~") or key.endswith(".experiment"):
        what, expected = "a figure's panels are its preset's", "key=value for a parameter"
        raise UserError(what, override, expected, f"leave out {override}")
    if key.startswith("hydra"):
        if not HYDRAS.fullmatch(key) or "_target_" in key:
            what, expected = "Hydra's own settings are the command's", "hydra/launcher=..., "
            expected += "hydra/sweeper=... and their parameters, such as hydra.launcher.n_jobs=2; "
            expected += "a parameter to vary by its own name, such as -m seeds=[1],[2]"
            raise UserError(what, override, expected, f"leave out {override}")
        return override
    if value.startswith("~/"):
        value = os.path.expanduser(value)
    if not set(value) & {"'", '"'}:
        value = TEXT.sub(lambda m: m[0] if PLAIN.fullmatch(m[0]) else quoted(m[0]), value)
    is_choice = key in ("figure", "runtime", "data") and not value.startswith("{")
    return f"{'' if is_choice else '++'}{key}{equals}{value}"


def quoted(text: str) -> str:
    """Return a text in Hydra's quotes."""
    # Only before a quote, and at the end, is a backslash doubled.
    inner = re.sub(r"(\\*)'", r"\1\1\\'", text)
    return "'" + re.sub(r"(\\+)$", r"\1\1", inner) + "'"


def _completed(
    project: Project, config: DictConfig, typed: Mapping[str, str], typed_figure: str
) -> tuple[dict[str, Any], dict[str, type[Experiment]], dict[str, str]]:
    """Add the defaults of experiments to a configuration, and set each `all.NAME`.

    Returns:
        The values, without interpolations; the experiments by place, as "panels.draws"; and the
        keys "all.NAME" by the places that they set, as "panels.draws.n_trials".
    """
    given = _decoded(OmegaConf.to_container(config))
    assert isinstance(given, dict)
    everywhere = given.pop("all", None) or {}
    if not isinstance(everywhere, dict):
        raise UserError("there is no parameter all", everywhere, "all.NAME=value", "all.NAME=...")
    defaults: dict[str, Any] = Settings().model_dump()
    kinds: dict[str, type[Experiment]] = {}
    for kind in GROUPS:
        defaults[kind] = {}
        for name, node in (given.get(kind) or {}).items():
            if isinstance(node, dict) and "experiment" in node:
                experiment = kinds[f"{kind}.{name}"] = project.experiment(node.pop("experiment"))
                defaults[kind][name] = {
                    key: "${" + shared + "}" if shared else field.get_default()
                    for key, field in experiment.model_fields.items()
                    for shared in [about(field)["shared"]]
                }
    if "figure" in given or not any(given.get(kind) for kind in GROUPS):
        what, expected = (
            f"the preset {typed_figure} has no panels",
            "panels: {NAME: {experiment: ...}}",
        )
        raise UserError(what, f"{[*given]}", f"# @package _global_, then {expected}")
    unknown = [key for key in leaves(given) if not _exists(key, kinds, defaults)]
    valid = [*leaves(defaults), *{f"all.{name}" for x in kinds.values() for name in x.model_fields}]
    places: dict[str, str] = {}
    for name, value in everywhere.items():
        having = [place for place, x in kinds.items() if name in x.model_fields]
        if not having:
            unknown.append(f"all.{name}")
        for place in having:
            if f"{place}.{name}" not in typed:
                kind, _, panel = place.partition(".")
                given[kind][panel][name] = value
                places[f"{place}.{name}"] = f"all.{name}"
    if unknown:
        raise unknown_key(unknown[0], valid)
    merged = OmegaConf.merge(defaults, given)
    values: Any = OmegaConf.to_container(merged, resolve=True)
    return values, kinds, places


def _decoded(node: Any) -> Any:
    """Return a configuration in which variables of the environment may be numbers."""
    if isinstance(node, dict):
        return {name: _decoded(value) for name, value in node.items()}
    is_variable = isinstance(node, str) and node.startswith("${oc.env:")
    return f"${{oc.decode:{node}}}" if is_variable else node


def _exists(key: str, kinds: Mapping[str, type[Experiment]], defaults: Mapping[str, Any]) -> bool:
    """Return whether a dotted key is a parameter, or lies in one that is a mapping."""
    first, *rest = key.split(".")
    if first in GROUPS:
        experiment = kinds.get(".".join([first, *rest[:1]]))
        return experiment is not None and (len(rest) < 2 or rest[1] in experiment.model_fields)
    inner = defaults.get(first)
    return first in defaults and (not isinstance(inner, dict) or not rest or rest[0] in inner)


def validated(
    model: type[M], values: Mapping[str, Any], path: str, places: Mapping[str, str] | None = None
) -> M:
    """Return a model of values; turn what pydantic refuses into a `UserError`.

    Args:
        model: The class of an experiment, or of the run's settings.
        values: Values of parameters by name.
        path: Place of the model in the configuration, as "panels.draws".
        places: The keys "all.NAME" by the places that they set.

    Raises:
        UserError: For the first wrong value.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise refused(model, error, path, places or {}) from error


def _check_run(settings: Settings, experiments: Mapping[str, Mapping[str, Experiment]]) -> None:
    """Raise `UserError` for settings that pydantic cannot check."""
    name = settings.name
    # A name made of changed parameters contains "=".
    if UNSAFE.search(name) or "=" in name or len(name) > LONGEST_NAME or name[:1] in (*"-.",):
        expected = f"at most {LONGEST_NAME} letters, digits and any of _ . , + -, no . or - first"
        safe = UNSAFE.sub("-", name).replace("=", "-").lstrip("-.")[:LONGEST_NAME] or "mine"
        raise UserError("name cannot be part of a folder's name", name, expected, f"name={safe}")
    if both := sorted(experiments["panels"].keys() & experiments["checks"].keys()):
        what, got = "a panel and a check have one name", ", ".join(both)
        expected = "different names, by which their numbers are reported"
        raise UserError(what, got, expected, f"rename checks.{both[0]}")
    for kind, each in experiments.items():
        for panel, experiment in each.items():
            if experiment.NEEDS_X64 and not settings.runtime.x64:
                what = f"{kind}.{panel} has to be computed in double precision"
                raise UserError(what, "runtime.x64=false", "runtime.x64=true", "leave it out")


def _takes(experiment: type[Experiment], name: str) -> bool:
    """Return whether an experiment takes a parameter from the run's "seeds", or "data"."""
    shared = [about(field)["shared"] for field in experiment.model_fields.values()]
    return any(text.partition(".")[0] == name for text in shared)


def _modified(
    typed: Mapping[str, str], places: Mapping[str, str], config: Mapping[str, Any]
) -> Iterator[str]:
    """Yield overrides that a picture depends on, with the values of the configuration."""
    values = leaves(config)
    for key, text in sorted(typed.items()):
        # A mapping may hold more: runtime={x64:true} is not only where to compute.
        if key not in NOT_THE_PRESET or "={" in text:
            name = places.get(key, key)
            yield (f"{key}={values[name]}" if name in values else text).replace(" ", "")


# Messages.


def explained(project: Project, error: Exception, overrides: Sequence[str]) -> UserError:
    """Return the message for an error of Hydra's or OmegaConf's.

    Args:
        project: The project that has the figure.
        error: One of `REFUSALS`.
        overrides: The overrides that were refused.
    """
    typed = " ".join(text.lstrip("+") for text in overrides)
    if not any(text.startswith("figure=") for text in overrides):
        figures = [*project.presets()] or ["figN"]
        expected = "figure=figN/PRESET with one of " + ", ".join(figures)
        fix = f"figure={figures[0]}/quick"
        return UserError("no figure was named", typed or "nothing", expected, fix)
    if isinstance(error, MissingConfigException):
        missing: Any = error
        group, _, option = (missing.missing_cfg_file or "").rpartition("/")
        what, options = f"{group} has no option {option!r}", map(str, missing.options or [])
        return no_such(what, option, option, options, f"{group}={{}}")
    message = "; ".join(str(error.__cause__ or error).replace("++", "").splitlines())[:LONGEST]
    if "hydra." in message:
        page = "docs/running.md shows a command for each launcher"
        return UserError(message, typed, "a setting of the launcher or sweeper", page)
    return UserError(message, typed, "key=value, as Hydra reads it", LISTED)


def refused(
    model: type[Frozen], error: ValidationError, path: str, places: Mapping[str, str]
) -> UserError:
    """Return the message for values that pydantic refused.

    Args:
        model: The class of the experiment, or of the run's settings.
        error: The error.
        path: Place of the model in the configuration, as "panels.draws".
        places: The keys "all.NAME" by the places that they set.
    """
    first = error.errors()[0]
    kind, where, got = first["type"], list(first["loc"]), first["input"]
    if not where:
        sentence = str(first["ctx"]["error"]) if "ctx" in first else first["msg"]
        fix = "change one of them; make params-N explains each"
        return UserError(f"parameters of {path} do not fit together", sentence, "", fix)
    field = model.model_fields[str(where[0])]
    while len(where) > 1 and field.annotation in (Runtime, DataSet):
        inner: Any = field.annotation
        field = inner.model_fields[str(where[1])]
        path, where = f"{path}.{where[0]}".lstrip("."), where[1:]
    place = f"{path}.{where[0]}".lstrip(".")
    key, meaning = places.get(place, place), f" ({field.description})" if field.description else ""
    words, ctx = limits(field.annotation, field.metadata), first.get("ctx", {})
    example: object = ctx.get("ge", ctx.get("le", "..."))
    is_list = typing.get_origin(_bare(field.annotation)) is list
    if kind == "value_error":
        problem, expected = "is out of range", str(ctx["error"])
        example = expected.partition("[")[2].rpartition("]")[0] or "..."
    elif kind == "literal_error":
        names = words.removeprefix("one of ").split(", ")
        problem, expected = "has no such option", words
        example = nearest(str(got), names) or names[0]
    elif kind.endswith(("_type", "_parsing")):
        problem, expected = "has the wrong type", type_name(field.annotation)
        example = got if is_list and isinstance(got, int | float) else "..."
    elif "too_" in kind:
        problem = "has the wrong length"
        expected = words if "values" in words else first["msg"].partition("should have ")[2]
    else:
        problem, expected = "is out of range", words or first["msg"]
    text = f"[{example}]" if is_list else example
    return UserError(f"{key} {problem}", got, expected + meaning, f"{key}={text}".replace(" ", ""))


def unknown_key(key: str, valid: Iterable[str]) -> UserError:
    """Return the error for an unknown key, with the nearest valid key.

    Args:
        key: The key, as "panels.draws.n_trial".
        valid: All valid keys.
    """
    parent, _, last = key.rpartition(".")
    tails = {name: name.rpartition(".")[2] for name in valid if not name.startswith("all.")}
    # The last part alone is compared, too: n_trial is near panels.draws.n_trials.
    nearest_tail = nearest(last, tails.values())
    alike = [name for name, tail in tails.items() if tail == nearest_tail]
    siblings = [name for name in tails if name.startswith(f"{parent}.")]
    longer = [name for name, tail in tails.items() if tail.startswith(last)]
    listed = siblings or longer or alike
    everywhere = f"all.{nearest_tail}" if len(alike) > 1 else "".join(alike)
    close = everywhere if parent in ("", "all") else nearest(key, tails) or everywhere
    expected = "one of " + ", ".join(listed) if listed else "a parameter of this figure"
    fix = f"{close}=..." if close else LISTED
    return UserError(f"there is no parameter {key}", key, expected, fix)


def about(field: Any) -> dict[str, str]:
    """Return what `param` declares of a parameter: its unit, and the parameter of the run."""
    return {"unit": "", "shared": "", **(field.json_schema_extra or {})}


NAMES = {int: "integer", float: "number", str: "text", bool: "true or false"}
SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def type_name(annotation: Any) -> str:
    """Return a type in words, such as "a list of integers"."""
    bare = _bare(annotation)
    if bare is bool:
        return NAMES[bool]
    if typing.get_origin(bare) is list:
        return f"a list of {NAMES[_bare(typing.get_args(bare)[0])]}s"
    name = NAMES[bare]
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def limits(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    """Return the limits of a type in words, such as "> 0" or "one of a, b"; empty without limits.

    Args:
        annotation: The type. The limits of a list are those of its elements, and its length.
        metadata: What pydantic has taken from the type's annotations.
    """
    words, ends = [], {}
    for item in metadata:
        if isinstance(item, FieldInfo):
            words.append(limits(None, item.metadata))
        elif isinstance(item, OneOf):
            words.append("one of " + ", ".join(item.names))
        elif hasattr(item, "max_length"):
            words.append(f"{item.max_length} values")
        ends |= {name: getattr(item, name) for name in SIGNS if hasattr(item, name)}
    if ends.keys() >= {"ge", "le"}:
        words.append(f"{ends.pop('ge')} to {ends.pop('le')}")
    words += [f"{SIGNS[name]} {value}" for name, value in ends.items()]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        words.append(limits(arguments[0], arguments[1:]))
    elif origin is Literal:
        words.append("one of " + ", ".join(_written(value) for value in arguments))
    elif arguments:
        words += [limits(argument) for argument in arguments]
    return " and ".join(filter(None, words))


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bare(annotation: Any) -> Any:
    """Return a type without limits and without None."""
    if typing.get_origin(annotation) is Annotated:
        return _bare(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) is Literal:
        return type(typing.get_args(annotation)[-1])
    others = [x for x in typing.get_args(annotation) if x is not type(None)]
    is_union = type(None) in typing.get_args(annotation)
    return _bare(others[0]) if is_union else annotation
