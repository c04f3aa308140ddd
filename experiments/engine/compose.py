"""From command-line overrides to a validated plan; nothing is computed or written here.

Hydra composes the preset, once. Values given on the command line are then set in it; what they
change is seen by comparing the leaves before and after. Only an option of a group (`data=shd`,
`experiment@panels.x=wave`, `hydra/launcher=joblib`) needs Hydra a second time.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from omegaconf import OmegaConf

from experiments.engine.errors import UserError
from experiments.engine.overrides import as_given, parse, refuse_sweep
from experiments.engine.record import NOT_THE_PRESET, Settings
from experiments.engine.registry import Project, group_of
from experiments.engine.schema import Root, register
from experiments.engine.store import Store
from experiments.engine.translate import flatten, translating, unknown_key

ALL, EXPERIMENTS = "all.", ("panels.", "checks.")
"""What stands before a parameter of every panel and check that has it, and of one of them."""
SHARED = {"seeds": "randomness", "data": "data set"}
"""What experiments take from the run, if they have it."""


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
    parsed = parse(overrides)
    given = [item for item in parsed if not item.is_hydra_override()]
    choice = _figure(project, given)
    figure, preset = project.figure_choice(choice)
    chosen = [item for item in parsed if _is_option(project, item)]
    added = {str(i.value()) for i in chosen if group_of(i.key_or_group) == "experiment"}
    _refuse_exchanged(project, choice, chosen)
    experiments = project.experiments_of(choice) | added
    _refuse_unread(project, figure, experiments, given)
    register(project, choice, experiments)
    known: dict[str, Any] = {}
    with hydra(project), translating(known):
        config = compose("config", [f"figure={choice}", *search_path(project)])
        known |= flatten(config)
        for item in given:
            _check_override(item, known)
        if chosen:
            options = [f"figure={choice}", *map(as_given, chosen), *search_path(project)]
            config = compose("config", options)
    # What is given for all comes first: a panel's own value stands.
    rest = [item for item in given if item not in chosen and item.key_or_group != "figure"]
    shared = [item.key_or_group for item in rest if item.key_or_group.startswith(ALL)]
    with _speaking_of_all(shared):
        for item in sorted(rest, key=lambda item: item.key_or_group not in shared):
            for key in _keys(item.key_or_group, known):
                with translating(known, f"{key}={as_given(item).partition('=')[2]}", config):
                    OmegaConf.update(config, key, item.value())
        with translating(known):
            root = OmegaConf.to_object(config)
        # The first of the defaults in configs/config.yaml is the schema.
        assert isinstance(root, Root)
        root.check()
    return Plan(
        figure=figure,
        preset=preset,
        overrides=tuple(as_given(i).lstrip("+") for i in given if i.key_or_group != "figure"),
        modified=_differences(known, flatten(config), shared),
        root=root,
        config=OmegaConf.to_container(config, resolve=True, enum_to_str=True),
    )


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


def _figure(project: Project, given: Sequence[Override]) -> str:
    chosen = [item for item in given if item.key_or_group == "figure"]
    if not chosen:
        figures, got = [*project.presets()] or ["figN"], " ".join(map(as_given, given)) or "nothing"
        expected = "figure=figN/PRESET with one of " + ", ".join(figures)
        raise UserError("no figure was named", got, expected, f"figure={figures[0]}/quick")
    refuse_sweep(chosen[-1])
    return str(chosen[-1].value())


def _is_option(project: Project, item: Override) -> bool:
    """Return whether Hydra must compose an override: a group's option, or a Hydra setting."""
    key = item.key_or_group
    if item.is_hydra_override():
        return True
    if key == "figure" or item.is_delete() or item.is_sweep_override():
        return False
    folders = (room.configs / key for room in project.rooms)
    of_folder = any(map(Path.is_dir, folders)) and not isinstance(item.value(), dict)
    return item.package is not None or group_of(key) == "experiment" or of_folder


def _refuse_exchanged(project: Project, choice: str, chosen: Sequence[Override]) -> None:
    """Refuse another experiment for a panel: the figure draws arrays that it would not have."""
    drawn = project.experiments_by_panel(choice)
    for item in chosen:
        if not item.is_hydra_override() and not isinstance(item.value(), str):
            key, _, value = as_given(item).partition("=")
            raise UserError(f"{key} is not chosen by a name", value, "one name", f"{key}=NAME")
        panel, name = (item.package or "").rpartition(".")[2], item.value()
        named = group_of(item.key_or_group) == "experiment" and name in project.experiment_names
        if named and drawn.get(panel, name) != name:
            what = f"the figure draws another experiment in panel {panel}"
            raise UserError(what, as_given(item), drawn[panel], "leave it out")


def _refuse_unread(
    project: Project, figure: str, experiments: set[str], given: Sequence[Override]
) -> None:
    """Refuse seeds, or a data set, where no experiment would use them."""
    for shared, what in SHARED.items():
        items = [item for item in given if item.key_or_group.partition(".")[0] == shared]
        if items and not project.have(shared, experiments):
            got, expected = as_given(items[0]), f"{shared} for a figure that reads it"
            raise UserError(f"{figure} has no {what}", got, expected, "leave it out")


def _check_override(item: Override, known: dict[str, Any]) -> None:
    """Refuse overrides that Hydra would accept but no experiment reads."""
    refuse_sweep(item)
    if isinstance(known.get(item.key_or_group), bool) and not isinstance(item.value(), bool):
        what, got = f"{item.key_or_group} has the wrong type", as_given(item).partition("=")[2]
        raise UserError(what, got, "true or false", f"{item.key_or_group}=true")
    if item.is_delete():
        what, text = "nothing can be removed from a configuration", as_given(item)
        raise UserError(what, text, "key=value", f"leave out {text}")
    added = item.is_add() or item.is_force_add()
    if added and item.key_or_group not in known and not item.key_or_group.startswith(ALL):
        raise unknown_key(item.key_or_group, known)


def _keys(key: str, known: dict[str, Any]) -> list[str]:
    """Expand `all.NAME` to that parameter of every panel and check that has it."""
    if key == ALL.rstrip("."):
        what, expected = "no parameter of all panels was named", "the name of one, and its value"
        raise UserError(what, key, expected, f"{ALL}NAME=...")
    if not key.startswith(ALL):
        return [key]
    own = {name: known[name] for name in known if name.startswith(EXPERIMENTS)}
    found = [name for name in own if _parameter(name) == key.removeprefix(ALL)]
    if not found:
        raise unknown_key(key, {ALL + _parameter(name): value for name, value in own.items()})
    return found


@contextmanager
def _speaking_of_all(shared: Sequence[str]) -> Iterator[None]:
    """Suggest `all.NAME` in a fix where a value was given so, and for what must go with it."""
    try:
        yield
    except UserError as error:
        names = "|".join(re.escape(_parameter(key)) for key in shared)
        fix, of_panel = error.fix, r"(?:panels|checks)\.\w+\."
        if names and re.search(rf"{of_panel}(?:{names})=", fix):
            fix = re.sub(of_panel, ALL, fix)
        raise UserError(error.what, error.got, error.expected, fix) from error


def _parameter(key: str) -> str:
    """Return a parameter's name within its panel: "n_hidden" for "panels.stochastic.n_hidden"."""
    return key.removeprefix(ALL) if key.startswith(ALL) else key.split(".", 2)[-1]


def _differences(
    before: dict[str, Any], after: dict[str, Any], shared: Sequence[str]
) -> tuple[str, ...]:
    """Return the leaves that differ, before interpolation: a seed given once is listed once.

    What was given for all panels, and holds for all, is listed once, too.
    """
    changed = {
        key: value
        for key, value in after.items()
        if key not in NOT_THE_PRESET and before.get(key) != value
    }
    for key in shared:
        keys = _keys(key, after)
        if len({str(after[name]) for name in keys}) == 1 and changed.keys() & set(keys):
            value = after[keys[0]]
            changed = {name: v for name, v in changed.items() if name not in keys} | {key: value}
    return tuple(f"{key}={value}".replace(" ", "") for key, value in changed.items())
