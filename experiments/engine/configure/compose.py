"""From Hydra overrides to one validated run; nothing is computed or written here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from experiments.engine.configure import experiment_source
from experiments.engine.configure.grammar import quoted, readable
from experiments.engine.configure.hydra_errors import REFUSALS, translate_error, unknown_key
from experiments.engine.configure.registry import Project
from experiments.engine.configure.schema import (
    NOT_THE_PRESET,
    Platform,
    Root,
    RunRequest,
    leaves,
    register,
)
from experiments.engine.declare.experiment import Experiment
from experiments.engine.errors import UserError

SHARED = ("seeds", "data")
"""Parameters of the run that experiments with randomness, or with a data set, take over."""


@dataclass(frozen=True)
class Plan(RunRequest):
    """A run whose every value has been checked."""

    root: Root


def plan(project: Project, overrides: Sequence[str]) -> Plan:
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


def checked(project: Project, config: DictConfig, overrides: Sequence[str]) -> Plan:
    """Validate what Hydra has composed.

    Args:
        project: The project that has the figure.
        config: The composed configuration; `all.NAME` is moved into the panels.
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
    for key, text in typed.items():
        if key.startswith(("~", "experiment")):
            what, expected = "a figure's panels are its preset's", "key=value for a parameter"
            raise UserError(what, text, expected, f"leave out {text}")
    places: dict[str, str] = {}
    try:
        places |= _spread(config, typed)
        root: Any = OmegaConf.to_object(config)
        root.check()
    except REFUSALS as error:
        raise explained(project, error, overrides) from error
    except UserError as error:
        # The fix names the key that was typed: all.X, not panels.PANEL.X.
        place, _, value = error.fix.partition("=")
        fix = f"{places[place]}={value}" if place in places else error.fix
        raise UserError(error.what, error.got, error.expected, fix) from error
    # Seeds and data change nothing in a figure that reads none.
    unread = [name for name in SHARED if not _reads(root, name)]
    changes = {key: text for key, text in typed.items() if key.partition(".")[0] not in unread}
    values: Any = OmegaConf.to_container(config, resolve=True, enum_to_str=True)
    for place, experiment in root.places.items():
        kind, _, name = place.partition(".")
        values[kind][name] |= experiment.resolve_auto(root.runtime.platform is Platform.cpu)
    return Plan(
        figure=figure,
        preset=preset,
        overrides=tuple(typed.values()),
        modified=tuple(_modified(changes, {key: place for place, key in places.items()}, config)),
        root=root,
        config=values,
    )


@cache
def preset_plan(project: Project, choice: str) -> Plan:
    """Return the plan of a preset, as "fig4/quick", composed once a process: do not change it."""
    return plan(project, [f"figure={choice}"])


@cache
def experiments_of(project: Project, choice: str) -> dict[str, type[Experiment]]:
    """Return the experiments of a preset, as "fig4/quick", by the name of their panel or check."""
    places = preset_plan(project, choice).root.places
    return {place.rpartition(".")[2]: type(experiment) for place, experiment in places.items()}


@contextmanager
def hydra(project: Project) -> Iterator[None]:
    """Initialise Hydra on the project's configs."""
    register(project)
    with initialize_config_dir(str(project.rooms[0].configs), version_base="1.3"):
        yield


def search_path(project: Project) -> list[str]:
    """Return the override for Hydra's search path: experiments, and presets beside the root."""
    paths = [f"file://{room.configs}" for room in project.rooms[1:]]
    scheme = experiment_source.ExperimentSource.scheme()
    paths += [f"{scheme}://{room.experiments}" for room in project.rooms]
    return [f"hydra.searchpath=[{','.join(map(quoted, paths))}]"]


def explained(project: Project, error: Exception, overrides: Sequence[str]) -> UserError:
    """Return the message for an error of Hydra's or OmegaConf's.

    Args:
        project: The project that has the figure.
        error: One of `REFUSALS`.
        overrides: The overrides that were refused.
    """
    choices = [text.partition("=")[2] for text in overrides if text.startswith("figure=")]
    if not choices:
        figures, got = [*project.presets()] or ["figN"], " ".join(overrides) or "nothing"
        expected = "figure=figN/PRESET with one of " + ", ".join(figures)
        return UserError("no figure was named", got, expected, f"figure={figures[0]}/quick")
    try:
        project.figure_choice(choices[-1])
        # The unchanged preset has the valid keys.
        preset = _composed_preset(project, choices[-1])
    except UserError as unknown:
        return unknown
    except REFUSALS:
        preset = None
    return translate_error(error, overrides, preset)


@cache
def _composed_preset(project: Project, choice: str) -> DictConfig:
    """Return the composed configuration of a preset: do not change it."""
    with hydra(project):
        return compose("config", [*search_path(project), f"figure={choice}"])


def _spread(config: DictConfig, typed: Mapping[str, str]) -> dict[str, str]:
    """Set each `all.NAME` in all panels and checks with NAME, unless the panel has an override.

    Returns:
        The keys "all.NAME" by the places that were set, as "panels.draws.NAME".
    """
    sources: dict[str, str] = {}
    valid: dict[str, list[str]] = {}
    for kind in ("panels", "checks"):
        for panel, node in config[kind].items():
            for name in node:
                valid.setdefault(f"all.{name}", []).append(f"{kind}.{panel}.{name}")
    values: Any = OmegaConf.to_container(config.all)
    for name, value in values.items():
        if f"all.{name}" not in valid:
            raise unknown_key(f"all.{name}", valid)
        for place in valid[f"all.{name}"]:
            if place not in typed:
                OmegaConf.update(config, place, value)
                sources[place] = f"all.{name}"
    config.all = {}
    return sources


def _reads(root: Root, name: str) -> bool:
    """Return whether an experiment of a run takes a parameter from the run's "seeds", or "data"."""
    taken = re.compile(rf"\$\{{{name}\b")
    declared = [item.default for x in root.experiments.values() for item in fields(x)]
    return any(taken.match(str(default)) for default in declared)


def _modified(
    typed: Mapping[str, str], places: Mapping[str, str], config: DictConfig
) -> Iterator[str]:
    """Yield overrides that a picture depends on, with the values of the configuration."""
    values = leaves(OmegaConf.to_container(config, enum_to_str=True))
    for key, text in sorted(typed.items()):
        # A mapping may hold more: runtime={x64:true} is not only where to compute.
        if key not in NOT_THE_PRESET or "={" in text:
            name = places.get(key, key)
            yield (f"{key}={values[name]}" if name in values else text).replace(" ", "")
