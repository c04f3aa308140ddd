"""``python -m tests.snn.wrong_arguments N``: each public name with N wrong arguments by hypothesis.

What comes of one is an error, whose ever it is, or the right answer: that of the same numbers in
another type, and NaN where NaN went in. A complex result of complex numbers says what it is.
Nothing else: no real number from what is none, and no finite one from NaN. Settings, which are used
later, are refused at once.

It runs in a process of its own, as a user's does: without the checks of types that tests have.
"""

import inspect
import json
import re
import sys
import warnings

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import HealthCheck, given, settings

from snn.arguments import Real
from tests.snn.public_names import HIDDEN, KEY, UNSEEN, right_arguments, targets

SETTINGS = "Real", str(Real), "int", "int | None", "bool"
"""Annotations of fields whose values can end as a wrong number."""


def is_numbers(value):
    leaves = jax.tree.leaves(value)
    numbers = (int, float, np.ndarray, jax.Array)
    plain = [isinstance(x, numbers) and not isinstance(x, bool) and not is_key(x) for x in leaves]
    return bool(leaves) and all(plain) and not hasattr(value, "__dataclass_fields__")


def is_key(value):
    return isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key)


def changed(value, to):
    return jax.tree.map(to, value)


def wrong(value, annotation, is_class):
    """Wrong values in place of a right one, each with its kind."""
    if is_class and annotation not in SETTINGS:
        return st.nothing()
    never = [st.text(max_size=3), st.builds(object), st.complex_numbers(max_magnitude=3)]
    if is_class and annotation.startswith("int"):
        never += [st.booleans(), st.just(1.5)]
    kinds = [st.tuples(st.just("never"), st.one_of(*never))]
    if "None" not in annotation:
        kinds.append(st.tuples(st.just("never"), st.none()))
    if value is not None and not is_key(value) and not re.search(r"(?<!\[)Array", annotation):
        kinds.append(st.tuples(st.just("never"), st.just(KEY)))
    if is_numbers(value):
        kinds.append(st.tuples(st.just("never"), _complex(value)))
        if any(np.issubdtype(np.asarray(x).dtype, np.floating) for x in jax.tree.leaves(value)):
            kinds += [
                st.tuples(st.just("NaN"), _with_nan(value)),
                st.tuples(st.just("same"), _other_types(value)),
            ]
    return st.one_of(kinds)


def _complex(value):
    return st.complex_numbers(min_magnitude=0.1, max_magnitude=3).map(
        lambda z: changed(value, lambda x: x + z.imag * 1j + 1j)
    )


def _with_nan(value):
    def put(place):
        def one(x):
            flat = np.array(x, float).reshape(-1)
            flat[int(place * flat.size)] = np.nan
            whole = flat.reshape(np.shape(x))
            return float(whole) if isinstance(x, float) else type_of(x)(whole)

        return changed(value, one)

    return st.floats(0, 1, exclude_max=True).map(put)


def type_of(x):
    return jnp.asarray if isinstance(x, jax.Array) else np.asarray


def _other_types(value):
    """Whole numbers as floats and in another type."""
    dtypes = st.sampled_from([np.int32, np.int8, np.float16, np.bool_])

    def both(drawn):
        dtype, high = drawn
        whole = changed(value, lambda x: np.round(np.clip(np.abs(np.asarray(x, float)), 0, high)))
        return whole, changed(whole, lambda x: x.astype(dtype))

    return st.tuples(dtypes, st.just(1.0)).map(both)


def outcome(function, arguments, name, argument, kind, value):
    """What is wrong with what came of it, in words; empty if nothing is."""
    where = f"{name.rpartition('.')[2]}.{argument}"
    expected = None
    if kind == "same":
        floats, value = value
        floats = changed(floats, jnp.asarray)
        try:
            expected = numbers_of(call(function, {**arguments, argument: floats}))
        except (TypeError, ValueError):
            return ""
    words = f"{where} = {value!r}"[:150]
    try:
        actual = numbers_of(call(function, {**arguments, argument: value}))
    except Exception:
        return ""
    if kind == "never":
        says_so = any(np.iscomplexobj(x) or np.isnan(x).any() for x in actual)
        return "" if says_so or where in UNSEEN else f"{words}: accepted"
    if kind == "NaN":
        hidden = where in HIDDEN or any(np.isnan(x).any() for x in actual)
        return "" if hidden else f"{words}: finite numbers from none: {actual}"[:300]
    close = [
        np.allclose(a, b, rtol=2e-2, atol=2e-2, equal_nan=True)
        for a, b in zip(actual, expected, strict=True)
    ]
    return "" if all(close) else f"{words}: {actual} in place of {expected}"[:300]


def call(function, arguments):
    by_position = inspect.signature(function).parameters.values()
    plain = [arguments[p.name] for p in by_position if p.name in arguments and p.kind <= 1]
    named = {p.name: arguments[p.name] for p in by_position if p.kind == p.KEYWORD_ONLY}
    return function(*plain, **named)


def numbers_of(found):
    """The numbers in what is returned; of a curve or a field, at one point."""
    if inspect.isfunction(found):
        found = found(0.3)
    leaves = [
        x
        for x in jax.tree.leaves(found)
        if isinstance(x, int | float | complex | np.generic | np.ndarray | jax.Array)
    ]
    leaves = [np.asarray(x) for x in leaves if not is_key(x)]
    return [x if np.iscomplexobj(x) else np.asarray(x, float) for x in leaves]


def tried(name, function, n):
    """Faults of one name."""
    arguments = right_arguments(function, name)
    if not arguments:
        return []
    faults = []
    parameters = inspect.signature(function).parameters
    annotations = {one: str(parameters[one].annotation) for one in arguments}
    kinds = {
        one: wrong(value, annotations[one], inspect.isclass(function))
        for one, value in arguments.items()
    }
    kinds = {one: kind for one, kind in kinds.items() if not kind.is_empty}
    if not kinds:
        return []

    @settings(
        max_examples=n,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def each(data):
        argument = data.draw(st.sampled_from(sorted(kinds)))
        kind, value = data.draw(kinds[argument])
        if fault := outcome(function, arguments, name, argument, kind, value):
            faults.append(fault)

    each()
    return faults


def careless(v, dt):
    """What must be noticed."""
    return np.ones(3)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for name, function in [("careless", careless), *targets()]:
        print(json.dumps([name, tried(name, function, int(sys.argv[1]))]), flush=True)
