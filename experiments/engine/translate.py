"""Translate errors of Hydra and OmegaConf into got, expected and fix."""

import dataclasses
import re
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from enum import EnumMeta
from typing import Any

from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    OmegaConfBaseException,
    ValidationError,
)

from experiments.engine.errors import UserError, nearest, no_such

NAMES = {
    int: "an integer",
    float: "a number",
    str: "a text",
    bool: "true or false",
    list[int]: "a list of integers",
    list[float]: "a list of numbers",
    list[str]: "a list of texts",
}

# Launchers of Hydra, each with the extra that installs it.
PLUGINS = {
    "launchers": ("joblib", "submitit_local", "submitit_slurm"),
    "ray": ("ray", "ray_aws"),
}


def flatten(config: DictConfig) -> dict[str, Any]:
    """Return the leaves of a configuration by dotted key, interpolations unresolved."""

    def walk(node: Any, path: str) -> Iterator[tuple[str, Any]]:
        if not isinstance(node, dict):
            yield path, node
            return
        for key, value in node.items():
            yield from walk(value, f"{path}.{key}".lstrip("."))

    return dict(walk(OmegaConf.to_container(config, enum_to_str=True), ""))


def unknown_key(key: str, known: dict[str, Any]) -> UserError:
    """Return the error for a key that does not exist, with the nearest that does."""
    parent, _, last = key.rpartition(".")
    # The last part alone is compared too: n_trial is near n_trials wherever that stands.
    tails: dict[str, list[str]] = {}
    for name in known:
        tails.setdefault(name.rpartition(".")[2], []).append(name)
    alike = tails.get(nearest(last, tails) or "", [])
    everywhere = f"all.{alike[0].rpartition('.')[2]}" if len(alike) > 1 else "".join(alike)
    siblings = [name for name in known if name.startswith(f"{parent}.")]
    begun = [name for name in siblings if name.startswith(key)]
    close = begun[0] if begun else nearest(key, known) or everywhere
    longer = [name for tail, names in tails.items() if tail.startswith(last) for name in names]
    listed = siblings or longer or alike
    expected = "one of " + ", ".join(listed) if listed else "a parameter of this figure"
    fix = f"{close}=..." if close else "make params-N lists every parameter of figure N"
    return UserError(f"there is no parameter {key}", key, expected, fix)


@contextmanager
def translating(
    known: dict[str, Any], given: str = "", config: DictConfig | None = None
) -> Iterator[None]:
    """Translate an error of Hydra's or OmegaConf's into a `UserError`.

    Args:
        known: The keys that exist, with their values.
        given: The override that is handled; where Hydra composes, its message names it.
        config: The configuration that the override is to be set in.
    """
    try:
        yield
    except OverflowError as error:
        key, _, value = given.partition("=")
        what = f"{key} is out of range"
        raise UserError(what, value, "a number that a float can hold") from error
    except (HydraException, OmegaConfBaseException) as error:
        raise _translated(error, known, given, config) from error


def _translated(
    error: Exception, known: dict[str, Any], given: str, config: DictConfig | None
) -> UserError:
    cause = error.__cause__ or error
    if not given and (named := re.search(r"(?:override|argument) '?([^'\s]+)", str(error))):
        given = named.group(1).rstrip(".")
    # OmegaConf names the first part that is wrong, or one inside of the value that was given.
    full_key = re.sub(r"(\[\d+\])+$", "", getattr(cause, "full_key", None) or "")
    key = max(given.partition("=")[0], full_key, key=len)
    if isinstance(error, MissingConfigException):
        return _missing_option(error)
    if isinstance(cause, ConfigAttributeError | ConfigKeyError):
        return unknown_key(key, known)
    if isinstance(cause, ValidationError):
        return _wrong_type(cause, key, given.partition("=")[2], config)
    what, got = "the configuration could not be composed", given or type(cause).__name__
    fix = "see make params-N for the parameters of figure N"
    return UserError(what, got, str(cause).splitlines()[0], fix)


def _missing_option(error: MissingConfigException) -> UserError:
    group, _, option = (error.missing_cfg_file or "").rpartition("/")
    options = [str(name) for name in error.options or []]
    plugin = next((extra for extra, names in PLUGINS.items() if option in names), "")
    fix = f"pip install -e '.[{plugin}]'" if plugin else f"{group}={{}}"
    return no_such(f"{group} has no option {option!r}", f"{group}={option}", option, options, fix)


def _wrong_type(
    cause: ValidationError, key: str, value: str, config: DictConfig | None
) -> UserError:
    parent, _, name = key.rpartition(".")
    owner = cause.object_type
    if config is not None and not dataclasses.is_dataclass(owner):
        owner = OmegaConf.get_type(OmegaConf.select(config, parent) if parent else config)
    value = value or str(cause).splitlines()[0]
    fields = dataclasses.fields(owner) if dataclasses.is_dataclass(owner) else ()
    item = next((item for item in fields if item.name == name), None)
    if item is None:
        expected = "the name of a parameter in it"
        return UserError(f"{key} is not a single value", value, expected, f"{key}.NAME=...")
    hint = typing.get_type_hints(owner)[name]
    meaning = item.metadata.get("help", "")
    problem = "has no such option" if isinstance(hint, EnumMeta) else "has the wrong type"
    description = type_name(hint) + (f" ({meaning})" if meaning else "")
    return UserError(f"{key} {problem}", value, description, _fix(key, value, hint))


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
