"""Messages for wrong values: what pydantic and Hydra refuse, in four parts."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hydra.errors import HydraException, MissingConfigException
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from yaml import YAMLError

from experiments.engine.errors import LONGEST, UserError, nearest, no_such
from experiments.engine.experiment import Frozen

# ValueError, OverflowError: a number of more digits than Python reads, or a float holds.
REFUSALS = HydraException, OmegaConfBaseException, YAMLError, ValueError, OverflowError
"""Errors that Hydra and OmegaConf raise while they compose."""

LISTED = "make params-N lists every parameter of figure N"


def explained(error: Exception, overrides: Iterable[str]) -> UserError:
    """Return the message for an error of Hydra's or OmegaConf's.

    Args:
        error: One of `REFUSALS`.
        overrides: The overrides that were refused.
    """
    typed = " ".join(text.lstrip("+") for text in overrides)
    if isinstance(error, MissingConfigException):
        missing: Any = error
        group, _, option = (missing.missing_cfg_file or "").rpartition("/")
        what, options = f"{group} has no option {option!r}", map(str, missing.options or [])
        if missing.options is None:
            # Our settings of a launcher begin with those of its package.
            fix = 'pip install -e ".[launchers]", or the extra ray: docs/running.md'
            return UserError(what, option, "a launcher whose package is installed", fix)
        return no_such(what, option, option, options, f"{group}={{}}")
    message = "; ".join(str(error.__cause__ or error).replace("++", "").splitlines())[:LONGEST]
    if re.search(r"hydra\.(launcher|sweeper)", message):
        page = "docs/running.md shows a command for each launcher"
        return UserError(message, typed, "a setting of the launcher or sweeper", page)
    return UserError(message, typed, "key=value, as Hydra reads it", LISTED)


def refused(
    model: type[Frozen], error: ValidationError, path: str, names: Mapping[str, str]
) -> UserError:
    """Return the message for the first value that pydantic refused.

    Args:
        model: The class of the experiment, or of the run's settings.
        error: The error.
        path: Key of the model in the configuration, as "panels.draws".
        names: The keys that set several panels, as "all.NAME", by the keys that they set.
    """
    first = error.errors()[0]
    kind, (*where,), context = first["type"], first["loc"], first.get("ctx", {})
    if not where:
        sentence = str(context.get("error", first["msg"]))
        fix = "change one of them; make params-N explains each"
        return UserError(f"parameters of {path} do not fit together", sentence, "", fix)
    name, *rest = map(str, where)
    while rest and (inner := nested(model.model_fields[name])):
        model, path, (name, *rest) = inner, f"{path}.{name}".lstrip("."), rest
    key = f"{path}.{name}".lstrip(".")
    type_, limits = described(model.model_json_schema()["properties"][name])
    expected, example = limits or first["msg"], context.get("ge", context.get("le", "..."))
    if kind.endswith(("_type", "_parsing")):
        problem, expected, example = "has the wrong type", type_, "..."
        if "list" in type_ and isinstance(first["input"], int | float):
            example = first["input"]
    elif kind == "literal_error":
        problem, options = "has no such option", limits.removeprefix("one of ").split(", ")
        example = nearest(str(first["input"]), options) or options[0]
    elif "too_" in kind:
        problem = "has the wrong length"
        if "values" not in limits:
            expected = first["msg"].partition("should have ")[2]
    else:
        problem = "is out of range"
        if kind == "value_error":
            expected = str(context["error"])
            example = expected.partition("[")[2].rpartition("]")[0] or "..."
    if "list" in type_:
        example = f"[{example}]"
    meaning = model.model_fields[name].description
    shown, fix = names.get(key, key), f"{names.get(key, key)}={example}".replace(" ", "")
    expected += f" ({meaning})" if meaning else ""
    return UserError(f"{shown} {problem}", first["input"], expected, fix)


def nested(field: FieldInfo) -> type[Frozen] | None:
    """Return the model behind a parameter such as "runtime"; None for a plain value."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Frozen) else None


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
    close = everywhere if parent in ("", "all") else nearest(key, tails) or everywhere
    expected = "one of " + ", ".join(listed) if listed else "a parameter of this figure"
    fix = f"{close}=..." if close else LISTED
    return UserError(f"there is no parameter {key}", key, expected, fix)


TYPES = {
    "integer": "an integer",
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "null": "null",
}
SIGNS = {"exclusiveMinimum": ">", "minimum": ">=", "exclusiveMaximum": "<", "maximum": "<="}


def described(schema: Mapping[str, Any]) -> tuple[str, str]:
    """Return a parameter's type and limits in words.

    Args:
        schema: The JSON schema that pydantic makes of the parameter.

    Returns:
        As "a list of integers" and "0 to 7". The limits are empty if there are none.
    """
    if options := schema.get("anyOf"):
        return described(options[0])
    names = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if names:
        written = [str(x).lower() if isinstance(x, bool) else str(x) for x in names]
        return TYPES[schema.get("type", "string")], "one of " + ", ".join(written)
    if schema["type"] == "array":
        inner, words = described(schema["items"])
        n = schema.get("minItems")
        if n is not None and n == schema.get("maxItems"):
            words = " and ".join(filter(None, (f"{n} values", words)))
        return f"a list of {inner.partition(' ')[2]}s", words
    ends = {key: schema[key] for key in SIGNS if key in schema}
    if {"minimum", "maximum"} <= ends.keys():
        return TYPES[schema["type"]], f"{schema['minimum']} to {schema['maximum']}"
    return TYPES[schema["type"]], " and ".join(f"{SIGNS[key]} {x}" for key, x in ends.items())
