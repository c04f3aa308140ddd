"""Code that makes an estimator, and a caveat, for the atlas."""

import dataclasses
from typing import Any

import snn
from experiments.estimators import estimator, is_unbiased

CAVEATS = {
    "mean_field": "more runs add nothing",
    "surrogate_x0.25": "too short",
    "surrogate_x0.5": "too short",
    "surrogate_x2": "too long",
    "surrogate_x4": "too long",
    "surrogate_super_spike": "as wide as the matched one",
    "surrogate_gaussian": "as wide as the matched one",
    "surrogate_box": "as wide as the matched one",
    "surrogate_deterministic": "of the network without noise; more runs add nothing",
    "score_function": "returns nothing where no trial has a rare spike",
    "stochastic_ad": "a run per neuron and trial",
    "disarm": "a run per layer and trial",
}
"""Where there is more to say than whether an estimator is biased."""


def caveat(name: str) -> str:
    """Return whether an estimator is biased, and what else to mind about it."""
    bias = "unbiased" if is_unbiased(name) else "biased"
    return f"{bias}; {CAVEATS[name]}" if name in CAVEATS else bias


def code(name: str) -> str:
    """Return the code of an estimator; `beta` is the slope of the escape noise."""
    try:
        same = estimator(name)
    except ValueError:  # Surrogates of a given width need the slope.
        return _written(estimator(name, beta=1.0), estimator(name, beta=2.0))
    return _written(same, same)


def _written(one: Any, two: Any) -> str:
    """Return the code of a value, given at the slopes 1 and 2; of defaults, numbers alone."""
    if not dataclasses.is_dataclass(one):
        return _named(one) if callable(one) else _number(one, two)
    arguments, first = [], True
    for field in dataclasses.fields(one):
        value = getattr(one, field.name)
        positional, first = first and not field.kw_only, first and field.kw_only
        if value != _default(field) or isinstance(value, float):
            text = _written(value, getattr(two, field.name))
            arguments.append(text if positional else f"{field.name}={text}")
    return f"{_named(type(one))}({', '.join(arguments)})"


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _named(what: Any) -> str:
    """Return the shortest name of a class or function."""
    name = what.__name__
    return f"snn.{name}" if getattr(snn, name, None) is what else f"{what.__module__}.{name}"


def _number(one: Any, two: Any) -> str:
    if one == two:
        return repr(one)
    sign, factor = ("*", two / one) if two > one else ("/", one / two)
    if round(factor, 9) != 2:
        raise ValueError(f"got {one} and {two} at slopes 1 and 2, expected a multiple or a share")
    return "beta" if one == 1 and sign == "*" else f"{one:.4g} {sign} beta"
