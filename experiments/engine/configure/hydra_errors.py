"""Tell what Hydra and OmegaConf refuse as got, expected and fix."""

import dataclasses
import re
import typing
from collections.abc import Iterable, Mapping
from enum import EnumMeta
from typing import Any

from hydra.errors import HydraException, MissingConfigException
from omegaconf import OmegaConf
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    OmegaConfBaseException,
    ValidationError,
)

from experiments.engine.configure.schema import leaves
from experiments.engine.errors import LONGEST, UserError, nearest, no_such

# ValueError, OverflowError: a number of more digits than Python reads, or a float holds.
REFUSALS = HydraException, OmegaConfBaseException, ValueError, OverflowError
"""What Hydra and OmegaConf raise while they compose."""

SAID = re.compile(r"\n(See|\s*full_key:|\s*reference_type=|\s*object_type=).*")
"""Lines of Hydra's and OmegaConf's messages that say nothing to a user."""
LISTED = "make params-N lists every parameter of figure N"

NAMES = {
    int: "an integer",
    float: "a number",
    str: "a text",
    bool: "true or false",
    bool | str: "true, false or a text",
    list[int]: "a list of integers",
    list[float]: "a list of numbers",
    list[str]: "a list of texts",
}


def mistake(error: Exception, given: Mapping[str, str], preset: Any = None) -> UserError:
    """Return the error that a user reads: for a key, a type or an option; else Hydra's sentence.

    Args:
        error: One of `REFUSALS`.
        given: The overrides by their keys.
        preset: The configuration without the overrides; None if it is this that is refused.
    """
    cause = error.__cause__ or error
    # OmegaConf names the first part that is wrong, or one inside of the value that was given.
    key = re.sub(r"(\[\d+\])+$", "", getattr(cause, "full_key", None) or "")
    key = next((name for name in given if name.startswith(f"{key}.")), key) if key else key
    value = given.get(key, "").partition("=")[2]
    if isinstance(error, MissingConfigException):
        group, _, option = (error.missing_cfg_file or "").rpartition("/")
        options = map(str, error.options or [])
        return no_such(
            f"{group} has no option {option!r}", option, option, options, f"{group}={{}}"
        )
    if isinstance(cause, ConfigAttributeError | ConfigKeyError):
        return unknown_key(key, leaves(OmegaConf.to_container(preset)) if preset else {})
    parent, _, name = key.rpartition(".")
    owner = OmegaConf.get_type((parent and OmegaConf.select(preset, parent)) or preset)
    known_here = dataclasses.fields(owner) if dataclasses.is_dataclass(owner) else ()
    fields = {item.name: item for item in known_here}
    said = "; ".join(SAID.sub("", str(cause)).splitlines())[:LONGEST]
    if not isinstance(cause, ValidationError) or name not in fields:
        got = getattr(error, "override", None) or given.get(key) or " ".join(given.values())
        fix = f"check brackets and quotes, and names: {LISTED}"
        return UserError(said, got, "key=value, as Hydra reads it", fix)
    hint, meaning = typing.get_type_hints(owner)[name], fields[name].metadata.get("help")
    problem = "has no such option" if isinstance(hint, EnumMeta) else "has the wrong type"
    expected = type_name(hint) + (f" ({meaning})" if meaning else "")
    return UserError(f"{key} {problem}", value or said, expected, _fix(key, value, hint))


def unknown_key(key: str, known: Iterable[str]) -> UserError:
    """Return the error for a key that does not exist, with the nearest that does."""
    parent, _, last = key.rpartition(".")
    tails = {name: name.rpartition(".")[2] for name in known}
    # The last part alone is compared too: n_trial is near n_trials wherever that stands.
    nearest_tail = nearest(last, tails.values())
    alike = [name for name, tail in tails.items() if tail == nearest_tail]
    siblings = [name for name in tails if name.startswith(f"{parent}.")]
    longer = [name for name, tail in tails.items() if tail.startswith(last)]
    listed = siblings or longer or alike
    everywhere = f"all.{nearest_tail}" if len(alike) > 1 else "".join(alike)
    close = nearest(key, tails) or everywhere
    expected = "one of " + ", ".join(listed) if listed else "a parameter of this figure"
    fix = f"{close}=..." if close else LISTED
    return UserError(f"there is no parameter {key}", key, expected, fix)


def type_name(hint: Any) -> str:
    """Return a type in words."""
    if isinstance(hint, EnumMeta):
        return "one of " + ", ".join(hint.__members__)
    return NAMES.get(hint, str(hint))


def _fix(key: str, value: str, hint: Any) -> str:
    if isinstance(hint, EnumMeta):
        return f"{key}={nearest(value, hint.__members__) or next(iter(hint.__members__))}"
    if typing.get_origin(hint) is list:
        return f"{key}=[{value}]" if re.fullmatch(r"-?[\d.]+(e-?\d+)?", value) else f"{key}=[...]"
    return f"give {type_name(hint)}: {key}=..."
