"""Faults as functions of a healthy case, each with the kinds of finding that name it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient

import snn
from snn.types import LayerTrace
from snn.value_object import value_object
from tools.tests.corpus.networks import Case


class Drawn(NamedTuple):
    """A uniform number that knows its layer."""

    layer: int
    xi: Any


@value_object
class Tagged:
    """Noise whose numbers know their layer."""

    noise: Any

    def draw(self, layer, t, shape):
        return Drawn(layer, self.noise.draw(layer, t, shape))


@value_object
class Changed:
    """A spike of potentials that are shifted; the derivative of the first layer's has a factor."""

    spike: Any
    factor: Any
    shift: Any

    def __call__(self, escape, v, drawn):
        s = self.spike(escape, v - self.shift, drawn.xi)
        return scaled(self.factor, s) if drawn.layer == 0 else s

    @property
    def reset(self):
        return self.spike.reset


@jax.custom_jvp
def scaled(factor: Any, value: Any) -> Any:
    """A number, its derivative times a factor; 0 is `stop_gradient`."""
    return value


@scaled.defjvp
def _(primal, tangent):
    return primal[1], primal[0] * tangent[1]


@value_object
class Faulty:
    """A network with a fault between it and its parameters, input or spikes.

    Faults are numbers, so that all of them share one compilation.

    Attributes:
        network: the healthy one.
        first: factor of the derivative of the first array of parameters.
        last: of the last.
        spikes: of the first layer's spikes.
        shift: of all thresholds, upwards.
        x: factor of the input.
    """

    network: Any
    first: Any = 1.0
    last: Any = 1.0
    spikes: Any = 1.0
    shift: Any = 0.0
    x: Any = 1.0

    def __call__(self, params, x, noise, spike):
        leaves, structure = jax.tree.flatten(params)
        leaves[0], leaves[-1] = scaled(self.first, leaves[0]), scaled(self.last, leaves[-1])
        spike = Changed(spike, self.spikes, self.shift)
        params = jax.tree.unflatten(structure, leaves)
        output, trace = self.network(params, self.x * x, Tagged(noise), spike)
        return output, tuple(LayerTrace(r.v - self.shift, r.s, r.escape) for r in trace)


@value_object
class Binarised:
    """A network with a `jnp.where` behind the spikes of its first layer."""

    network: Any

    def __call__(self, params, x, noise, spike):
        return self.network(params, x, Tagged(noise), Where(spike))


@value_object
class Where:
    """A spike that, in the first layer, is the same number without a derivative."""

    spike: Any

    def __call__(self, escape, v, drawn):
        s = self.spike(escape, v, drawn.xi)
        return jnp.where(s > 0.5, 1.0, 0.0) if drawn.layer == 0 else s

    @property
    def reset(self):
        return self.spike.reset


@value_object
class Hardcoded:
    """A network that ignores the derivative that it is given, for a steeper one of its own."""

    network: Any

    def __call__(self, params, x, noise, spike):
        return self.network(params, x, noise, Own(spike))


@value_object
class Own:
    """A spike with a derivative of its own."""

    spike: Any

    def __call__(self, escape, v, xi):
        steep = snn.surrogate.SuperSpike(100.0)
        return snn.spike(v, steep, s=self.spike(escape, v, xi), escape=escape)

    @property
    def reset(self):
        return self.spike.reset


def around(network: Callable[[Any], Any]) -> Callable[[Case], Case]:
    """A fault in the network's code."""

    def fault(case: Case) -> Case:
        program = snn.Program(network(case.program.network), case.program.x, case.program.loss)
        return case._replace(program=program)

    return fault


def faulty(**changes: float) -> Callable[[Case], Case]:
    """A fault that is a number of `Faulty`."""
    return around(lambda network: Faulty(network, **changes))


def state_cut(case: Case) -> Case | None:
    """The state is detached at every step; None for networks without one that can be cut."""
    network = case.program.network
    if not hasattr(network, "keep"):
        return None
    fields = {f: getattr(network, f) for f in type(network).__dataclass_fields__}
    cut = type(network)(**{**fields, "keep": stop_gradient})
    return case._replace(program=snn.Program(cut, case.program.x, case.program.loss))


def minus_log(output: Array) -> Array:
    """Infinite where the last output neuron is silent in the last step."""
    return -jnp.log(output.reshape(-1)[-1])


def infinite_loss(case: Case) -> Case:
    """A loss that is infinite in some trials."""
    return case._replace(program=snn.Program(case.program.network, case.program.x, minus_log))


def half_precision(case: Case) -> Case:
    """Parameters in float16."""
    return case._replace(params=jax.tree.map(lambda p: p.astype(jnp.float16), case.params))


@value_object
class Form:
    """A wrong surrogate derivative, made of the right one; by number, to share a compilation."""

    right: Any
    number: Any

    def __call__(self, v, s, escape):
        e = jnp.exp(-25 * v)
        return jax.lax.switch(
            self.number,
            [
                lambda: -self.right(v, s, escape),
                lambda: self.right(v + 1.0, s, escape),
                lambda: escape.prob(v),
                lambda: 8 * self.right(8 * v, s, escape),
                lambda: 25 * e / (1 + e) ** 2,
                # Of the last layer, whose noise is steeper.
                lambda: jnp.where(escape.beta > 5.25, 10.0, 1.0) * self.right(v, s, escape),
            ],
        )


def form(number: int) -> Callable[[Case], Case]:
    """A fault in the surrogate derivative."""

    def fault(case: Case) -> Case:
        derivative = Form(case.surrogate.derivative, jnp.asarray(number))
        return case._replace(surrogate=snn.Surrogate(derivative))

    return fault


class Fault(NamedTuple):
    """A function of a case, and the kinds of faults that name it."""

    plant: Callable[[Case], Case | None]
    kinds: frozenset[str]


def _named(plant: Callable, *kinds: str) -> Fault:
    return Fault(plant, frozenset(kinds))


UNSEEN = ("parameters' derivative 3 % too large", "input doubled")
"""Faults that cannot be seen: below the tolerance, and another network that is valid, too."""

FAULTS = {
    "parameters detached": _named(faulty(first=0.0), "cut"),
    "parameters' derivative doubled": _named(faulty(last=2.0), "scaled"),
    "parameters' derivative 10 % too large": _named(faulty(last=1.1), "scaled"),
    "parameters' derivative 3 % too large": _named(faulty(last=1.03), "scaled"),
    "spikes detached": _named(faulty(spikes=0.0), "cut", "scaled"),
    "spikes' derivative tripled": _named(faulty(spikes=3.0), "scaled"),
    "input doubled": _named(faulty(x=2.0)),
    "input multiplied by 0": _named(faulty(x=0.0), "unused"),
    "threshold far above": _named(faulty(shift=20.0), "silent"),
    "threshold far below": _named(faulty(shift=-20.0), "saturated"),
    "spikes binarised by where": _named(around(Binarised), "cut", "scaled"),
    "surrogate ignored": _named(around(Hardcoded), "ignored"),
    "state detached at each step": _named(state_cut, "cut", "scaled"),
    "wrong sign": _named(form(0), "shape"),
    "surrogate at v + 1": _named(form(1), "aside"),
    "p in place of its slope": _named(form(2), "shape"),
    "eight times too steep": _named(form(3), "steep"),
    "overflow": _named(form(4), "overflow"),
    "one layer ten times as high": _named(form(5), "unequal"),
    "loss infinite in some trials": _named(infinite_loss, "not finite"),
    "float16": _named(half_precision, "precision"),
}
