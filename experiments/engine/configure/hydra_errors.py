"""Turn errors of Hydra and OmegaConf into `UserError`s."""

import dataclasses
import re
import typing
from collections.abc import Iterable, Sequence
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
from yaml import YAMLError

from experiments.engine.configure.grammar import corrected
from experiments.engine.configure.schema import leaves
from experiments.engine.errors import LONGEST, UserError, nearest, no_such

# ValueError, OverflowError: a number of more digits than Python reads, or a float holds.
REFUSALS = HydraException, OmegaConfBaseException, YAMLError, ValueError, OverflowError
"""Errors that Hydra and OmegaConf raise while they compose."""

DETAILS = re.compile(r"\n(See|\s*full_key:|\s*reference_type=|\s*object_type=).*")
"""Lines of Hydra's and OmegaConf's messages that a user does not need."""
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
    dict[str, Any]: "parameters by name",
}


def translate_error(error: Exception, overrides: Sequence[str], preset: Any) -> UserError:
    """Return the message for an error of Hydra's or OmegaConf's.

    Args:
        error: One of `REFUSALS`.
        overrides: The overrides that were refused.
        preset: The configuration without the overrides; None if the preset itself is refused.
    """
    by_key = {text.partition("=")[0].lstrip("+~"): text for text in overrides}
    cause = error.__cause__ or error
    if isinstance(error, MissingConfigException):
        missing: Any = error
        group, _, option = (missing.missing_cfg_file or "").rpartition("/")
        options, what = map(str, missing.options or []), f"{group} has no option {option!r}"
        return no_such(what, option, option, options, f"{group}={{}}")
    # OmegaConf may name a key inside the typed value.
    key = re.sub(r"(\[\d+\])+$", "", getattr(cause, "full_key", None) or "")
    key = next((name for name in by_key if name.startswith(f"{key}.")), key) if key else key
    # For all.NAME, OmegaConf names a panel.
    everywhere = f"all.{key.rpartition('.')[2]}"
    value = by_key.get(key, by_key.get(everywhere, "")).partition("=")[2]
    if isinstance(cause, ConfigAttributeError | ConfigKeyError):
        return unknown_key(key, leaves(OmegaConf.to_container(preset)) if preset else {})
    parent, _, name = key.rpartition(".")
    owner = OmegaConf.get_type((parent and OmegaConf.select(preset, parent)) or preset)
    members = dataclasses.fields(owner) if dataclasses.is_dataclass(owner) else ()
    fields = {item.name: item for item in members}
    message = "; ".join(DETAILS.sub("", str(cause)).splitlines())[:LONGEST]
    if isinstance(cause, ValidationError) and name in fields:
        hint, meaning = typing.get_type_hints(owner)[name], fields[name].metadata.get("help")
        problem = "has no such option" if isinstance(hint, EnumMeta) else "has the wrong type"
        expected = type_name(hint) + (f" ({meaning})" if meaning else "")
        typed = everywhere if key not in by_key and everywhere in by_key else key
        return UserError(f"{typed} {problem}", value or message, expected, _fix(typed, value, hint))
    if override := getattr(error, "override", None):
        fix = corrected(override, overrides)
        return UserError(message, override, "key=value, as Hydra reads it", fix)
    return UserError(message, by_key.get(key) or " ".join(overrides), fix=LISTED)


def unknown_key(key: str, valid: Iterable[str]) -> UserError:
    """Return the error for an unknown key, with the nearest valid key.

    Args:
        key: The key, as "panels.draws.n_trial".
        valid: All valid keys.
    """
    parent, _, last = key.rpartition(".")
    tails = {name: name.rpartition(".")[2] for name in valid}
    # The last part alone is compared, too: n_trial is near panels.draws.n_trials.
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
    if typing.get_origin(hint) is dict:
        return f"{key}.NAME=..."
    if typing.get_origin(hint) is list:
        return f"{key}=[{value}]" if re.fullmatch(r"-?[\d.]+(e-?\d+)?", value) else f"{key}=[...]"
    return f"give {type_name(hint)}: {key}=..."
