"""From command-line overrides to validated plans; nothing is computed or written here.

Hydra composes the preset as it is, and with the overrides; what differs is what was changed.
"""

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from experiments.engine.errors import UserError
from experiments.engine.mistakes import REFUSALS, mistake, unknown_key
from experiments.engine.registry import Project
from experiments.engine.schema import (
    NOT_THE_PRESET,
    Platform,
    Root,
    Settings,
    leaves,
    register,
)
from experiments.engine.store import Store

ALL, EXPERIMENTS = "all.", ("panels.", "checks.")
"""What stands before a parameter of every panel and check that has it, and of one of them."""
SHARED = {"seeds": "randomness", "data": "data set"}
"""What experiments take from the run, if they have it."""
MAX_RUNS = 10_000
"""Of a sweep; each is composed and checked before the first starts."""


@dataclass(frozen=True)
class Plan(Settings):
    """A run whose every value has been checked."""

    root: Root

    def cache(self, project: Project) -> Store:
        """Return where its results are kept."""
        return Store(project.root / self.root.results_dir / "cache")


def plan(project: Project, overrides: Sequence[str]) -> Plan:
    """Compose and validate one run from Hydra overrides, among them figure=figN/PRESET.

    Raises:
        UserError: If anything in them is wrong.
    """
    given = by_key(overrides)
    choice = given.pop("figure", "").partition("=")[2]
    if not choice:
        figures, got = [*project.presets()] or ["figN"], " ".join(overrides) or "nothing"
        expected = "figure=figN/PRESET with one of " + ", ".join(figures)
        raise UserError("no figure was named", got, expected, f"figure={figures[0]}/quick")
    figure, preset = project.figure_choice(choice)
    experiments = project.experiments_of(choice)
    _refuse_unread(project, figure, experiments, given)
    register(project, choice, experiments)
    chosen = [f"figure={choice}", *search_path(project)]
    config, root = _composed(project, chosen)
    known = _values(before := config)
    if given:
        config, root = _composed(project, chosen, _for_each(given, known), before)
    root.check()
    values: Any = OmegaConf.to_container(config, resolve=True, enum_to_str=True)
    for kind, experiments in (("panels", root.panels), ("checks", root.checks)):
        for name, experiment in experiments.items():
            values[kind][name] |= experiment.settle(root.runtime.platform is Platform.cpu)
    return Plan(
        figure=figure,
        preset=preset,
        overrides=tuple(text for key, text in given.items() if not of_hydra(key)),
        modified=_modified(known, _values(config), given),
        root=root,
        config=values,
    )


def expand(overrides: Sequence[str]) -> list[list[str]]:
    """Return the overrides of every run of a multirun, as Hydra's sweeper does.

    Raises:
        UserError: If Hydra cannot read a sweep, or it is of more runs than are checked one by one.
    """
    given = by_key(overrides)
    settings = [text for key, text in given.items() if of_hydra(key)]
    try:
        values = [
            [f"{item.get_key_element()}={value}" for value in _swept(item)]
            if item.is_sweep_override()
            else [str(item.input_line)]
            for item in OverridesParser.create().parse_overrides(
                [text for key, text in given.items() if not of_hydra(key)]
            )
        ]
    except REFUSALS as error:
        raise refused(error, overrides) from error
    if math.prod(map(len, values)) > MAX_RUNS:
        what, got = "a sweep of too many runs", " ".join(overrides)
        raise UserError(what, got, f"at most {MAX_RUNS}", "fewer values")
    return [[*combination, *settings] for combination in itertools.product(*values)]


def _swept(item: Override) -> Iterator[str]:
    return itertools.islice(item.sweep_string_iterator(), MAX_RUNS + 1)


def refused(error: Exception, overrides: Sequence[str]) -> UserError:
    """Return what a user reads where Hydra refuses a sweep."""
    return mistake(error, by_key(overrides))


def by_key(overrides: Sequence[str]) -> dict[str, str]:
    """Return overrides by their keys, without the + of a key that Hydra is to add.

    Raises:
        UserError: If two values are given for one key.
    """
    found: dict[str, str] = {}
    for given in overrides:
        text = given if of_hydra(given.lstrip("+")) else given.lstrip("+")
        key = text.partition("=")[0].lstrip("+~")
        if (other := found.setdefault(key, text)) != text:
            what, got = f"{key} is given twice", f"{other} {text}"
            raise UserError(what, got, "one value for each parameter", f"leave out {text}")
    return found


def of_hydra(key: str) -> bool:
    """Return whether an override is one of Hydra's own settings."""
    return key.startswith(("hydra.", "hydra/"))


@contextmanager
def hydra(project: Project) -> Iterator[None]:
    """Initialise Hydra on the project's configs, unless a multirun has done so."""
    if GlobalHydra().is_initialized():
        yield
        return
    with initialize_config_dir(str(project.rooms[0].configs), version_base="1.3"):
        yield


def search_path(project: Project) -> list[str]:
    """Return the override by which Hydra finds presets of rooms beside the root."""
    others = ",".join(f"file://{room.configs}" for room in project.rooms[1:])
    return [f"hydra.searchpath=[{others}]"] if others else []


def _values(config: DictConfig) -> dict[str, Any]:
    """Return the values of a configuration by dotted key, interpolations unresolved."""
    return leaves(OmegaConf.to_container(config, enum_to_str=True))


def _composed(
    project: Project,
    preset: Sequence[str],
    given: Mapping[str, str] = MappingProxyType({}),
    without: DictConfig | None = None,
) -> tuple[DictConfig, Root]:
    """Compose a preset with overrides by key; `without` is the same preset as it is."""
    try:
        with hydra(project):
            config = compose("config", [*preset, *given.values()])
        root = OmegaConf.to_object(config)
    except REFUSALS as error:
        known = _values(without) if without else {}
        raise mistake(error, given, known, without) from error
    # The first of the defaults in configs/config.yaml is the schema.
    assert isinstance(root, Root)
    return config, root


def _refuse_unread(
    project: Project, figure: str, experiments: set[str], given: Mapping[str, str]
) -> None:
    """Refuse other panels than the preset's, and seeds or a data set that no experiment uses."""
    for key, text in given.items():
        of = re.split(r"[.@]", key)[0]
        if of == "experiment" or text.startswith("~"):
            what, expected = "a figure's panels are its preset's", "key=value for a parameter"
            raise UserError(what, text, expected, f"leave out {text}")
        if of in SHARED and not project.have(of, experiments):
            what, expected = f"{figure} has no {SHARED[of]}", f"{of} for a figure that reads it"
            raise UserError(what, text, expected, "leave it out")


def _for_each(given: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, str]:
    """Return overrides by key, `all.NAME` for each panel and check: a panel's own value stands."""
    shared = [key for key in given if _is_shared(key)]
    own = {key: text for key, text in given.items() if key not in shared}
    return {
        name: f"{name}={given[key].partition('=')[2]}"
        for key in shared
        for name in _keys(key, known)
    } | own


def _is_shared(key: str) -> bool:
    return f"{key}.".startswith(ALL)


def _keys(key: str, known: Mapping[str, Any]) -> list[str]:
    """Expand `all.NAME` to that parameter of every panel and check that has it."""
    own = {name: known[name] for name in known if name.startswith(EXPERIMENTS)}
    found = [name for name in own if _parameter(name) == key.removeprefix(ALL)]
    if not found:
        shared = {ALL + _parameter(name): value for name, value in own.items()}
        raise unknown_key(key if key.startswith(ALL) else ALL, shared)
    return found


def _parameter(key: str) -> str:
    """Return a parameter's name within its panel: "n_hidden" for "panels.stochastic.n_hidden"."""
    return key.split(".", 2)[-1]


def _modified(
    before: Mapping[str, Any], after: Mapping[str, Any], given: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what was changed, before interpolation: a seed given once is listed once.

    What was given for all panels, and holds for all, is listed once, too.
    """
    changed = {
        key: value
        for key, value in after.items()
        if key not in NOT_THE_PRESET and before.get(key) != value
    }
    for key in filter(_is_shared, given):
        keys = _keys(key, after)
        if len({str(after[name]) for name in keys}) == 1 and changed.keys() & set(keys):
            value = after[keys[0]]
            changed = {name: v for name, v in changed.items() if name not in keys} | {key: value}
    return tuple(f"{key}={value}".replace(" ", "") for key, value in changed.items())
