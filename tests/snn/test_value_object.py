"""Value objects: pytrees whose class counts, so that compiled code is never mixed up."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import pytest

import snn
from snn.value_object import static, value_object
from tests.snn.problems import recurrent_lif


@value_object
class Twice:
    x: Any = 1.0

    def __call__(self):
        return 2 * self.x


@value_object
class Thrice:
    x: Any = 1.0

    def __call__(self):
        return 3 * self.x


def test_classes_with_equal_fields_have_different_structures():
    assert jax.tree.structure(Twice(1.0)) != jax.tree.structure(Thrice(1.0))
    assert jax.tree.structure(Twice(1.0)) == jax.tree.structure(Twice(2.0))
    jitted = jax.jit(lambda obj: obj())
    assert [float(jitted(Twice(5.0))), float(jitted(Thrice(5.0)))] == [10, 15]


def numbers(n):
    @value_object
    class Numbers:
        x: Any

        def __call__(self):
            return jnp.full(n, self.x)

    return Numbers


def test_many_classes_with_equal_fields_are_never_mixed_up():
    """The usual dataclasses are, now and then: caches of jit look structures up by equality."""
    traced = jax.jit(lambda obj: obj())  # looked up in the cache, not compiled
    lengths = [traced.eval_shape(numbers(n)(5.0)).size for n in range(40)]
    assert lengths == list(range(40))


def test_frozen_equal_and_printable():
    assert Twice(1.0) == Twice(1.0) != Twice(2.0)
    assert Twice(1.0) != Thrice(1.0)
    assert repr(snn.escape.Sigmoid(2.0)) == "Sigmoid(beta=2.0)"
    with pytest.raises(dataclasses.FrozenInstanceError):
        Twice(1.0).x = 2.0


def test_leaves_are_named_and_static_fields_are_structure():
    network = snn.MLP((2, 1), snn.escape.Sigmoid(3.0), theta=0.5)
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(network)]
    assert paths == [".escape.beta", ".theta"]
    rebuilt = jax.tree.map(lambda leaf: 2 * leaf, network)
    assert rebuilt == snn.MLP((2, 1), snn.escape.Sigmoid(6.0), theta=1.0)
    assert jax.tree.structure(network) != jax.tree.structure(snn.MLP((2, 2)))


def test_checks_see_what_a_caller_passes_and_not_what_jax_puts_in_place_of_leaves():
    @value_object
    class Positive:
        x: Any

        def __post_init__(self):
            if not self.x > 0:
                raise ValueError("not positive")

    with pytest.raises(ValueError, match="not positive"):
        Positive(-1.0)
    assert jax.tree.map(lambda leaf: None, Positive(1.0)).x is None
    assert jax.tree.map(lambda leaf: -leaf, Positive(1.0)).x == -1


@value_object
class Counting:
    """A loss that counts how often it is traced."""

    traces: list = static()

    def __call__(self, output):
        self.traces.append(1)
        return jnp.sum(output)


class Traces(list):
    """A list that can be part of a structure."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__


def test_numbers_do_not_retrace_and_structure_does():
    traces = Traces()
    problem = recurrent_lif()

    def run(beta=2.0, tau_mem=4e-3, derivative=10.0, x=1.0, w=1.0, recurrent=True):
        neuron = snn.LIF(tau_mem=tau_mem)
        network = snn.LIFNetwork((2, 2), snn.escape.Sigmoid(beta), neuron, recurrent=recurrent)
        program = snn.Program(network, x * problem.program.x, Counting(traces))
        params = jax.tree.map(lambda leaf: w * leaf, problem.params)
        noise = snn.noise.ThreefryNoise.sample(jax.random.key(0), 4)
        before = len(traces)
        surrogate = snn.Surrogate(snn.surrogate.SuperSpike(derivative))
        snn.Surrogate.__call__.eval_shape(surrogate, program, params, noise)  # is not compiled
        return len(traces) - before

    assert run() > 0
    assert run() == 0
    assert run(beta=3.0, tau_mem=5e-3, derivative=5.0, x=0.5, w=1.1) == 0
    assert run(recurrent=False) > 0
