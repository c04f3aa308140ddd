"""What classes promise: abstract or final, nothing private overridden."""

import importlib
import pkgutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.coupling import Left, Right, TwoSided
from snn.escape import EscapeNoise
from snn.estimators.base import Estimator, Oracle
from snn.noise import Keyed
from snn.shapes import SHAPES

ABSTRACT = (EscapeNoise, Estimator, Oracle, Keyed)

# One that `snn` does not name is a class, too.
for module in pkgutil.walk_packages(snn.__path__, "snn."):
    importlib.import_module(module.name)


def descendants(cls):
    for child in cls.__subclasses__():
        if child.__module__.startswith("snn."):
            yield child
            yield from descendants(child)


CONCRETE = sorted(
    {child for cls in ABSTRACT for child in descendants(cls)} - set(ABSTRACT), key=repr
)


@pytest.mark.parametrize("cls", ABSTRACT)
def test_abstract_classes_make_no_objects(cls):
    with pytest.raises(TypeError, match="abstract"):
        cls()


@pytest.mark.parametrize("cls", CONCRETE, ids=lambda cls: cls.__name__)
def test_all_others_are_final_and_override_nothing_private(cls):
    assert vars(cls).get("__final__") and not cls.__subclasses__()
    for base in cls.__mro__[1:-1]:
        private = {name for name in vars(base) if name[0] == "_" and name[:2] != "__"}
        assert not (private - {"_abc_impl"}) & set(vars(cls))


@pytest.mark.parametrize(
    "escape",
    [noise() for noise in descendants(EscapeNoise)],
    ids=lambda escape: type(escape).__name__,
)
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_at_minus_infinity_no_spike_occurs_and_nothing_is_nan(escape, dtype):
    """What a refractory neuron asks of an escape noise, and of surrogates and couplings."""
    couplings = Left(), Right(), TwoSided(), snn.coupling.StraightThrough()
    derivatives = snn.surrogate.Matched, *(shape.make for shape in SHAPES.values())

    @jax.jit
    def found(never, silent):
        def through_v(u):
            return escape.log_prob(jnp.where(True, -jnp.inf, u), silent)

        zeros = [escape.prob(never), escape.slope(never), escape.log_prob(never, silent)]
        zeros += [coupling.weighted_slope(never, silent, escape) for coupling in couplings]
        zeros += [derivative()(never, silent, escape) for derivative in derivatives]
        return jnp.stack([*zeros, jax.grad(through_v)(0 * silent - 0.1)]), escape.log_prob(
            never, 1 - silent
        )

    zeros, certain = found(jnp.asarray(-jnp.inf, dtype), jnp.asarray(0.0, dtype))
    np.testing.assert_array_equal(zeros, 0)
    assert zeros.dtype == dtype and certain == -jnp.inf
