"""From command-line overrides to validated plans; nothing is computed or written here.

Hydra composes the overrides; what was given is what was changed.
"""

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf

from experiments.engine.compute.store import Store
from experiments.engine.configure.hydra_errors import REFUSALS, mistake, unknown_key
from experiments.engine.configure.registry import Project
from experiments.engine.configure.schema import (
    NOT_THE_PRESET,
    Platform,
    Root,
    Settings,
    leaves,
    register,
)
from experiments.engine.declare.experiment import Experiment
from experiments.engine.errors import UserError

ALL = "all."
"""What stands before a parameter of every panel and check that has it."""
SHARED = {"seeds": "randomness", "data": "data set"}
"""What experiments take from the run, if they have it."""
MAX_RUNS = 10_000
"""A sweep has no more; each is composed and checked before the first starts."""


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
    by_place = project.experiments_in(choice)
    _refuse_unread(project, figure, set(by_place.values()), given)
    register(project, choice, by_place.values())
    everywhere = _expanded(given, {key: project.schema(name) for key, name in by_place.items()})
    try:
        config, root = _composed(
            project, [f"figure={choice}", *search_path(project)], given, everywhere
        )
        root.check()
    except UserError as error:
        raise UserError(
            error.what, error.got, error.expected, _for_all(error.fix, given, everywhere)
        ) from error
    values: Any = OmegaConf.to_container(config, resolve=True, enum_to_str=True)
    for place, experiment in root.places.items():
        kind, _, name = place.partition(".")
        values[kind][name] |= experiment.settle(root.runtime.platform is Platform.cpu)
    return Plan(
        figure=figure,
        preset=preset,
        overrides=tuple(text for key, text in given.items() if not of_hydra(key)),
        modified=tuple(_modified(given, everywhere, config)),
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
            [
                f"{item.get_key_element()}={value}"
                for value in itertools.islice(item.sweep_string_iterator(), MAX_RUNS + 1)
            ]
            if item.is_sweep_override()
            else [str(item.input_line)]
            for item in OverridesParser.create().parse_overrides(
                [text for key, text in given.items() if not of_hydra(key)]
            )
        ]
    except REFUSALS as error:
        raise mistake(error, given) from error
    if math.prod(map(len, values)) > MAX_RUNS:
        what, got = "a sweep of too many runs", " ".join(overrides)
        raise UserError(what, got, f"at most {MAX_RUNS}", "fewer values")
    return [[*combination, *settings] for combination in itertools.product(*values)]


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


def _composed(
    project: Project,
    preset: Sequence[str],
    given: Mapping[str, str],
    everywhere: Mapping[str, Sequence[str]],
) -> tuple[DictConfig, Root]:
    """Compose a preset with overrides by key; what is given for all panels, for each of them."""
    each = {
        name: f"{name}={given[key].partition('=')[2]}"
        for key, names in everywhere.items()
        for name in names
    }
    # A panel's own value stands.
    each |= {key: text for key, text in given.items() if key not in everywhere}
    try:
        with hydra(project):
            config = compose("config", [*preset, *each.values()])
        root = OmegaConf.to_object(config)
    except REFUSALS as error:
        # What may be given is known by the preset as it is, unless it is that which is refused.
        raise mistake(
            error, each, _composed(project, preset, {}, {})[0] if each else None
        ) from error
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


def _expanded(
    given: Mapping[str, str], experiments: Mapping[str, type[Experiment]]
) -> dict[str, list[str]]:
    """Return the keys of each `all.NAME`: that parameter of every panel and check that has it."""
    parameters: dict[str, list[str]] = {}
    for place, schema in experiments.items():
        for item in fields(schema):
            parameters.setdefault(ALL + item.name, []).append(f"{place}.{item.name}")
    shared = [key for key in given if f"{key}.".startswith(ALL)]
    if unknown := [key for key in shared if key not in parameters]:
        raise unknown_key(unknown[0] if unknown[0].startswith(ALL) else ALL, parameters)
    return {key: parameters[key] for key in shared}


def _for_all(fix: str, given: Mapping[str, str], everywhere: Mapping[str, Sequence[str]]) -> str:
    """Return a fix that names what was given, all.X, where it names one panel's."""
    for key, names in everywhere.items():
        for name in set(names) - given.keys():
            fix = fix.replace(f"{name}=", f"{key}=")
    return fix


def _modified(
    given: Mapping[str, str], everywhere: Mapping[str, Sequence[str]], config: DictConfig
) -> Iterator[str]:
    """Yield what was given that a figure shows, its values as the configuration has them."""
    values = leaves(OmegaConf.to_container(config, enum_to_str=True))
    for key, text in sorted(given.items()):
        # A mapping may hold more: runtime={x64:true} is not only where to compute.
        if (key not in NOT_THE_PRESET or "={" in text) and not of_hydra(key):
            # A panel's own value is listed by its name.
            name = next((name for name in everywhere.get(key, ()) if name not in given), key)
            yield (f"{key}={values[name]}" if name in values else text).replace(" ", "")
