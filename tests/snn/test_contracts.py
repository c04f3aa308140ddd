"""What classes promise: abstract or final, nothing private overridden."""

import jax
import jax.numpy as jnp
import pytest

import snn
from snn.coupling import Left, Right, TwoSided
from snn.escape import EscapeNoise
from snn.estimators.base import Estimator, Oracle
from snn.estimators.block_replays import BlockReplays
from snn.noise import Keyed
from snn.shapes import SHAPES

ABSTRACT = (EscapeNoise, Estimator, Oracle, BlockReplays, Keyed)


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
    never, silent = jnp.asarray(-jnp.inf, dtype), jnp.asarray(0.0, dtype)
    assert escape.prob(never) == escape.slope(never) == escape.log_prob(never, silent) == 0
    assert escape.log_prob(never, 1 - silent) == -jnp.inf
    for coupling in (Left(), Right(), TwoSided(), snn.coupling.StraightThrough()):
        assert coupling.weighted_slope(never, silent, escape) == 0
    for derivative in (snn.surrogate.Matched, *(shape.make for shape in SHAPES.values())):
        assert derivative()(never, silent, escape) == 0

    def through_v(u, pause):
        return escape.log_prob(jnp.where(pause, -jnp.inf, u), silent)

    assert jax.grad(through_v)(jnp.asarray(-0.1, dtype), True) == 0
