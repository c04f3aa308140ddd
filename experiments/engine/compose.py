"""From command-line overrides to a validated plan; nothing is computed or written here."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from hydra import compose, initialize_config_dir
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.engine.errors import UserError
from experiments.engine.registry import Project, group_of
from experiments.engine.schema import Root, register
from experiments.engine.translate import flatten, translated, unknown_key

# These choose where and how to run, and do not change what the figure shows.
NOT_THE_PRESET = ("compute", "results_dir", "runtime.platform", "data.folder", "data.download")


@dataclass(frozen=True)
class Plan:
    """A run whose every value has been checked.

    Attributes:
        figure: Name of the figure, as "fig4".
        preset: Name of its preset, as "quick".
        overrides: What was asked for beside the figure.
        modified: Every "key=value" that differs from the preset.
        root: The typed configuration.
        config: The same as plain values, for the record.
    """

    figure: str
    preset: str
    overrides: tuple[str, ...]
    modified: tuple[str, ...]
    root: Root
    config: dict[str, Any]

    @property
    def stamp(self) -> str:
        """What the rendered figure must say of itself; nothing for the paper's own preset."""
        parts = [] if self.preset == "paper" else [f"preset: {self.preset}"]
        if self.modified:
            parts.append("modified: " + ", ".join(self.modified))
        return "   ".join(parts)


def plan(project: Project, overrides: Sequence[str]) -> Plan:
    """Composes and validates one run.

    Args:
        project: Where experiments, figures and configs lie.
        overrides: Hydra overrides, among them figure=figN/PRESET.

    Raises:
        UserError: If anything in them is wrong.
    """
    everything = parse(overrides)
    parsed = [item for item in everything if not item.is_hydra_override()]
    choice = _figure(project, parsed)
    figure, preset = project.figure_choice(choice)
    register(project, project.experiments_of(choice) | _added(parsed))
    with _hydra(project):
        base = _compose([f"figure={choice}"], {})
        for item in parsed:
            _check_override(item, base)
        config = _compose([item.input_line for item in everything], flatten(base))
    root = _typed(config, base)
    root.check()
    return Plan(
        figure=figure,
        preset=preset,
        overrides=tuple(i.input_line for i in parsed if i.key_or_group != "figure"),
        modified=_differences(base, config),
        root=root,
        config=OmegaConf.to_container(config, resolve=True, enum_to_str=True),
    )


def _added(parsed: Sequence[Override]) -> set[str]:
    """Names of the experiments that overrides ask for."""
    chosen = [item for item in parsed if group_of(item.key_or_group) == "experiment"]
    plain = [item for item in chosen if not (item.is_sweep_override() or item.is_delete())]
    return {str(item.value()) for item in plain}


def _hydra(project: Project) -> AbstractContextManager:
    """Hydra on the project's configs; within a job of a multirun it is there already."""
    if GlobalHydra().is_initialized():
        return nullcontext()
    return initialize_config_dir(str(project.configs), version_base="1.3")


def parse(overrides: Sequence[str]) -> list[Override]:
    """Parses overrides one by one, so that a malformed one can be named."""
    parser = OverridesParser.create()
    parsed = []
    for text in overrides:
        try:
            item = parser.parse_override(text)
        except (OverrideParseException, HydraException) as error:
            lines = [line for line in str(error).splitlines() if not line.startswith("See ")]
            reason = lines[-1] if lines else type(error).__name__
            raise UserError(
                f"an override could not be read ({reason})",
                text,
                "key=value, as seeds=[0,1]",
                "check the brackets, and quote the override for the shell",
            ) from error
        if not item.key_or_group:
            raise UserError("an override names no key", text, "key=value", "name the key")
        parsed.append(item)
    return parsed


def expand(overrides: Sequence[str]) -> list[list[str]]:
    """Every combination of a multirun, as one list of overrides per run."""
    parsed = parse(overrides)
    hydra = [item.input_line for item in parsed if item.is_hydra_override()]
    varied = [item for item in parsed if not item.is_hydra_override()]
    try:
        combinations = BasicSweeper.split_arguments(varied, None)[0]
    except HydraException as error:
        raise UserError(
            "a sweep has no list of values to check", str(error), "key=a,b or key=range(1,4)"
        ) from error
    return [[*combination, *hydra] for combination in combinations]


def _figure(project: Project, parsed: Sequence[Override]) -> str:
    chosen = [item for item in parsed if item.key_or_group == "figure"]
    if not chosen:
        figures = project.presets()
        raise UserError(
            "no figure was named",
            " ".join(item.input_line for item in parsed) or "nothing",
            "figure=figN/PRESET with one of " + ", ".join(figures),
            f"figure={next(iter(figures), 'figN')}/quick",
        )
    _refuse_sweep(chosen[-1])
    return str(chosen[-1].value())


def _refuse_sweep(item: Override) -> None:
    if item.is_sweep_override():
        raise UserError(
            "several values were given for one run",
            item.input_line,
            "one value, or a list in brackets",
            f"{item.key_or_group}=[...] for a list, or -m to run once for each",
        )


def _check_override(item: Override, base: DictConfig) -> None:
    """Refuses what Hydra would allow but no experiment can read."""
    _refuse_sweep(item)
    if item.is_delete():
        raise UserError(
            "nothing can be removed from a configuration",
            item.input_line,
            "key=value",
            f"leave out {item.input_line}",
        )
    if (item.is_add() or item.is_force_add()) and item.key_or_group not in flatten(base):
        raise unknown_key(item.key_or_group, flatten(base))


def _compose(overrides: Sequence[str], known: dict[str, Any]) -> DictConfig:
    try:
        return compose("config", list(overrides))
    except (HydraException, OmegaConfBaseException) as error:
        raise translated(error, known) from error


def _typed(config: DictConfig, base: DictConfig) -> Root:
    try:
        return OmegaConf.to_object(config)
    except OmegaConfBaseException as error:
        raise translated(error, flatten(base)) from error


def _differences(base: DictConfig, config: DictConfig) -> tuple[str, ...]:
    """The leaves that differ, before interpolation: a seed given once is listed once."""
    before, after = flatten(base, resolve=False), flatten(config, resolve=False)
    return tuple(
        f"{key}={value}".replace(" ", "")
        for key, value in after.items()
        if key not in NOT_THE_PRESET and before.get(key) != value
    )
