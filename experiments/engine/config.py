"""From a command line to one validated run: Hydra composes plain YAML, pydantic checks it.

Nothing is computed or written here.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf
from pydantic import Field, ValidationError

from experiments.engine.errors import UserError
from experiments.engine.experiment import (
    Data,
    Distinct,
    Experiment,
    Frozen,
    Quantity,
    Seed,
    param,
)
from experiments.engine.places import Place as Place
from experiments.engine.places import Project as Project
from experiments.engine.places import schema_in as schema_in
from experiments.engine.refusals import REFUSALS, explained, refused, unknown_key

M = TypeVar("M", bound=Frozen)

SHARED = ("seeds", "data")
"""Parameters of the run that experiments with randomness, or with a data set, take over."""

# Parameters that change no picture: where and how to compute.
NOT_THE_PRESET = (
    "compute",
    "results_dir",
    "runtime",
    "runtime.platform",
    "data.folder",
    "data.download",
)

LONGEST_NAME = 80
"""Characters of a name; file systems allow 255, with the figure's name and suffixes."""
LONGEST_KEY = 200
"""Characters of a key; Hydra looks for a file of that name."""
UNSAFE = re.compile(r"[^\w.,=+-]", re.ASCII)
PLAIN = re.compile(r"[A-Za-z0-9_\-/.:+%*@?| ]*")
"""Texts that Hydra reads without quotes."""
TEXT = re.compile(r"[^\[\]{}(),$\\]+")
"""A text in a value: between the characters of lists, mappings, functions and sweeps."""
HYDRAS = re.compile(r"hydra/(launcher|sweeper)|hydra\.(launcher|sweeper)\.(?!params\b)\w[\w.]*")
"""Settings of Hydra's that a user may change."""


# Parameters of every run.


class Runtime(Frozen):
    """Where and how precisely to compute."""

    platform: Literal["cpu", "gpu"] = param("cpu", "device to compute on")
    x64: bool = param(True, "compute in double precision")


class Settings(Frozen):
    """Parameters of a run outside its experiments."""

    runtime: Runtime = Field(default=Runtime())
    seeds: Distinct[Seed] = param([0], "seeds of every experiment with randomness")
    compute: Literal["auto", "always", "never"] = param(
        "auto", "auto: reuse the cache; always: recompute; never: only redraw"
    )
    results_dir: Annotated[str, Field(min_length=1)] = param(
        "results", "folder for results, from the repository root"
    )


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
        panels: Experiments by panel; none in a run that was read from its folder. A caption names
            the panels that are drawn; the numbers of others are only reported.
        arrays: Arrays by panel, and by name.
        parts: Records of every seed, by panel: device, time, settings.
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
    arrays: dict[str, Data] = field(default_factory=dict)
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    summary: dict[str, Quantity] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    path: Path | None = None

    @property
    def modules(self) -> dict[str, str]:
        """Modules of the experiments of a computed or read run, by panel."""
        return {name: seeds[0]["experiment"] for name, seeds in self.parts.items()}

    def as_dict(self) -> dict[str, Any]:
        """Return all but the arrays, for meta.json."""
        return {
            **{
                x: getattr(self, x) for x in ("figure", "preset", "overrides", "modified", "config")
            },
            **self.provenance,
            "summary": {name: quantity.as_dict() for name, quantity in self.summary.items()},
            "panels": self.parts,
        }

    @property
    def name(self) -> str:
        """The run's name, its changed parameters; empty for an unchanged preset."""
        return own_name(self.modified)

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
        return "   ".join(parts)

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
    joined = "+".join(item.removeprefix("panels.") for item in modified)
    # A list needs no brackets here: a parameter is always a list, or never.
    plain = re.sub(r"=\[([^\[\]]*)\]", r"=\1", joined)
    safe = UNSAFE.sub("_", plain)
    if safe == plain and len(safe) <= LONGEST_NAME:
        return safe
    digest = hashlib.sha256("\n".join(modified).encode()).hexdigest()[:8]
    return f"{safe[: LONGEST_NAME - 9]}-{digest}"


def leaves(config: Any, path: str = "") -> dict[str, Any]:
    """Return the values of a configuration, given as nested dictionaries, by dotted key.

    An empty dictionary is a value.
    """
    values: dict[str, Any] = {}
    for key, value in config.items():
        inner = isinstance(value, dict) and value
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
    figure_of(project, overrides)
    try:
        with initialize_config_dir(str(project.places[0].configs), version_base="1.3"):
            config = compose("config", [*search_path(project), *overrides])
    except REFUSALS as error:
        raise explained(error, overrides) from error
    return checked(project, config, overrides)


@cache
def preset_plan(project: Project, choice: str) -> Run:
    """Return the plan of a preset, as "fig4/quick", composed once a process: do not change it."""
    return plan(project, [f"figure={choice}"])


@cache
def experiments_of(project: Project, choice: str) -> dict[str, type[Experiment]]:
    """Return the experiments of a preset, as "fig4/quick", by the name of their panel."""
    return {name: type(x) for name, x in preset_plan(project, choice).panels.items()}


def search_path(project: Project) -> list[str]:
    """Return the override for Hydra's search path: presets beside the root's."""
    paths = [quoted(f"file://{place.configs}") for place in project.places[1:]]
    return [f"hydra.searchpath=[{','.join(paths)}]"]


def figure_of(project: Project, overrides: Sequence[str]) -> tuple[str, str]:
    """Return the figure and the preset that overrides name.

    Raises:
        UserError: If they name none, two, or one that does not exist.
    """
    choices = [text for text in overrides if text.startswith("figure=")]
    if not choices:
        figures = [*project.presets()] or ["figN"]
        typed = " ".join(text.lstrip("+") for text in overrides) or "nothing"
        expected = "figure=figN/PRESET with one of " + ", ".join(figures)
        raise UserError("no figure was named", typed, expected, f"figure={figures[0]}/quick")
    if len(choices) > 1:
        expected = f"one figure: with make, {choices[0]} is the target's"
        raise UserError("two figures were named", " ".join(choices), expected, "leave out one")
    return project.figure_choice(choices[0].removeprefix("figure="))


def readable(override: str) -> str:
    """Return an override in a form that Hydra can read.

    Texts with characters that Hydra's grammar lacks, as in `all.image=Büro.png` and
    `results_dir=~/results`, are quoted. Every parameter gets ++, for the YAML lists only those that
    a preset changes; unknown ones are refused when the run is validated.

    Raises:
        UserError: For a deletion, a setting of Hydra's own, and a key longer than any.
    """
    key, equals, value = override.partition("=")
    key, value = key.strip().lstrip("+"), value.strip()
    if key.startswith("~"):
        raise not_the_presets(override)
    if len(key) > LONGEST_KEY:
        raise unknown_key(key, ())
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


def not_the_presets(override: str) -> UserError:
    """Return the error for an override that adds, removes or exchanges a panel."""
    what, expected = "a figure's panels are its preset's", "key=value for a parameter"
    return UserError(what, override, expected, f"leave out {override}")


def keys_set(override: str) -> Iterator[tuple[str, str]]:
    """Yield the keys that an override sets, each with its text. A mapping sets several.

    Args:
        override: As "runtime={x64:true}", which sets "runtime.x64".
    """
    key, _, value = override.partition("=")
    if not value.startswith("{"):
        yield key, override
        return
    mapping = OverridesParser.create().parse_override(override).value()
    for inner, x in leaves({key: mapping}).items():
        yield inner, f"{inner}={x}"


def quoted(text: str) -> str:
    """Return a text in Hydra's quotes."""
    # Only before a quote, and at the end, is a backslash doubled.
    inner = re.sub(r"(\\*)'", r"\1\1\\'", text)
    return "'" + re.sub(r"(\\+)$", r"\1\1", inner) + "'"


# Validation.


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
    figure, preset = figure_of(project, overrides)
    texts = [text.lstrip("+") for text in overrides if not text.startswith(("hydra", "figure="))]
    texts = {text.partition("=")[0]: text for text in texts}.values()
    typed = dict(pair for text in texts for pair in keys_set(text))
    for key, text in typed.items():
        if key.endswith(".experiment"):
            raise not_the_presets(text)
    merged, kinds, names = _completed(project, config, typed, f"{figure}/{preset}")
    try:
        values: Any = OmegaConf.to_container(OmegaConf.create(merged), resolve=True)
    except REFUSALS as error:
        raise explained(error, overrides) from error
    values.pop("data", None)  # Experiments have it by now.
    nodes = values.pop("panels")
    panels = {
        name: validated(kind, nodes[name], f"panels.{name}", names) for name, kind in kinds.items()
    }
    settings = validated(Settings, values, "", names)
    _check_run(settings, panels)
    plain = settings.model_dump() | {
        "panels": {
            name: {"experiment": type(x).__module__.rpartition(".")[2], **x.model_dump()}
            for name, x in panels.items()
        }
    }
    # Seeds and data change nothing in a figure that reads none.
    unread = set(SHARED) - taken_over(kinds.values())
    changes = {key: text for key, text in typed.items() if key.partition(".")[0] not in unread}
    return Run(
        figure=figure,
        preset=preset,
        overrides=tuple(texts),
        modified=tuple(_modified(changes, {x: key for key, x in names.items()}, plain)),
        config=plain,
        settings=settings,
        panels=panels,
    )


def fields(kind: type[Frozen]) -> Mapping[str, Any]:
    """Return the declarations of a model's parameters, by name."""
    return kind.model_fields


def shared(declared: Any) -> str:
    """Return the run's own parameter behind a default, such as "seeds"; empty without one."""
    return (declared.json_schema_extra or {}).get("shared", "")


def taken_over(kinds: Iterable[type[Experiment]]) -> set[str]:
    """Return those of `SHARED` that experiments read."""
    return {shared(x).partition(".")[0] for kind in kinds for x in fields(kind).values()}


def _completed(
    project: Project, config: DictConfig, typed: Mapping[str, str], choice: str
) -> tuple[dict[str, Any], dict[str, type[Experiment]], dict[str, str]]:
    """Add the defaults of experiments to a configuration, and set `seeds` and each `all.NAME`.

    Returns:
        The values, with interpolations; the experiments by panel; and the keys that set several
        panels, as "all.n_trials" or "data.seed", by the keys that they set.
    """
    given: Any = OmegaConf.to_container(config)
    everywhere = given.pop("all") if isinstance(given.get("all"), dict) else {}
    defaults: dict[str, Any] = Settings().model_dump() | {"panels": {}}
    kinds: dict[str, type[Experiment]] = {}
    names: dict[str, str] = {}
    nodes = given.get("panels")
    for name, node in nodes.items() if isinstance(nodes, dict) else ():
        if not isinstance(node, dict) or "experiment" not in node:
            continue
        kind = kinds[name] = project.experiment(node.pop("experiment"))
        if "seeds" in typed and f"panels.{name}.seeds" not in typed:
            node.pop("seeds", None)
        own = defaults["panels"][name] = {}
        for key, x in fields(kind).items():
            own[key] = x.get_default()
            if place := shared(x):
                group, _, last = place.rpartition(".")
                (defaults.setdefault(group, {}) if group else defaults).setdefault(last, own[key])
                own[key] = f"${{{place}}}"
                if key not in node:
                    names[f"panels.{name}.{key}"] = place
        for key in everywhere.keys() & fields(kind).keys():
            if f"panels.{name}.{key}" not in typed:
                node[key] = everywhere[key]
                names[f"panels.{name}.{key}"] = f"all.{key}"
    if not kinds:
        what, expected = f"the preset {choice} has no panels", "panels: {NAME: {experiment: ...}}"
        raise UserError(what, f"{[*given]}", f"# @package _global_, then {expected}")
    taken = {key for kind in kinds.values() for key in fields(kind)}
    if "data" not in defaults:
        given.pop("data", None)  # A figure without a data set ignores it.
    valid = leaves(defaults)
    values = _merged(defaults, given, valid)
    for key in everywhere:
        if key not in taken:
            raise unknown_key(f"all.{key}", valid)
    return values, kinds, names


def _merged(
    defaults: Mapping[str, Any], changes: Mapping[Any, Any], valid: Iterable[str], path: str = ""
) -> dict[str, Any]:
    """Return defaults with changed values in their place.

    Args:
        defaults: Nested dictionaries.
        changes: Values for some keys, nested likewise.
        valid: All dotted keys, for the message.
        path: Prefix of the keys, such as "panels.draws.".

    Raises:
        UserError: For a key without a default, and for a value in place of a dictionary.
    """
    values = dict(defaults)
    for key, value in changes.items():
        default = defaults.get(key)
        if isinstance(default, dict) and isinstance(value, dict):
            values[key] = _merged(default, value, valid, f"{path}{key}.")
        elif key in defaults and not isinstance(default, dict):
            values[key] = value
        else:
            raise unknown_key(next(iter(leaves({key: value}, path))), valid)
    return values


def validated(
    model: type[M], values: Mapping[str, Any], path: str, names: Mapping[str, str] | None = None
) -> M:
    """Return a model of values; turn what pydantic refuses into a `UserError`.

    Args:
        model: The class of an experiment, or of the run's settings.
        values: Values of parameters by name.
        path: Key of the model in the configuration, as "panels.draws".
        names: The keys that set several panels, as "all.NAME", by the keys that they set.

    Raises:
        UserError: For the first wrong value.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise refused(model, error, path, names or {}) from error


def _check_run(settings: Settings, panels: Mapping[str, Experiment]) -> None:
    """Raise `UserError` for a precision that makes the numbers of a panel meaningless."""
    for panel, experiment in panels.items():
        if experiment.NEEDS_X64 and not settings.runtime.x64:
            what = f"panels.{panel} has to be computed in double precision"
            raise UserError(what, "runtime.x64=false", "runtime.x64=true", "leave it out")


def _modified(
    typed: Mapping[str, str], keys: Mapping[str, str], config: Mapping[str, Any]
) -> Iterator[str]:
    """Yield overrides that a picture depends on, with the values of the configuration.

    Args:
        typed: The overrides by key.
        keys: A key that each key of several panels sets.
        config: The validated values.
    """
    values = leaves(config)
    for key, text in sorted(typed.items()):
        # An empty mapping changes nothing.
        if key not in NOT_THE_PRESET and not text.endswith("={}"):
            name = keys.get(key, key)
            yield (f"{key}={values[name]}" if name in values else text).replace(" ", "")
