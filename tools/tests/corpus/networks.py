"""44 small networks of eleven kinds, healthy by construction; the odd seeds are held out.

A network is a function of its kind and a seed, which draws weights, input, targets, leak and the
slope of the noise. Networks of a kind have the same shapes, so that their code is compiled once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.lax import stop_gradient
from jax.tree_util import Partial

import snn
from snn.types import LayerTrace
from snn.value_object import static, value_object

SEEDS = range(4)
STEPS = 8
IN, HIDDEN, OUT = 3, 4, 2


class Case(NamedTuple):
    """What is examined: as `doctor.examine` takes it."""

    program: snn.Program
    params: Any
    surrogate: snn.Surrogate
    time_axis: int | None


def same(state: Any) -> Any:
    """State as it is: where a fault may cut it."""
    return state


def through(u: Array, s: Array) -> Array:
    """A reset by subtraction, differentiated."""
    return u - s


def detached(u: Array, s: Array) -> Array:
    """The commonest line in the field."""
    return u - stop_gradient(s)


@value_object
class Layers:
    """Binary layers; with `shared`, hidden layers have the same weights."""

    escapes: Any
    shared: bool = static(default=False)

    def __call__(self, params, x, noise, spike):
        names = ("first", "middle", "middle", "last") if self.shared else ("first", "last")
        s, trace = x, []
        for k, name in enumerate(names):
            escape = self.escapes[min(k, 1)]
            v = s @ params[name]["w"] + params[name]["b"]
            s = spike(escape, v, noise.draw(k, None, v.shape))
            trace.append(LayerTrace(v, s, escape))
        return s, tuple(trace)


@value_object
class Cells:
    """Two layers of leaky neurons over time, with whatever a kind adds to them."""

    escapes: Any
    leak: Any
    reset: Callable = static(default=detached)
    adaptive: bool = static(default=False)
    delayed: bool = static(default=False)
    norm: bool = static(default=False)
    dropout: Any = None
    keep: Callable = static(default=same)

    def __call__(self, params, x, noise, spike):
        def layer(k, name, state, current, t):
            p, escape = params[name], self.escapes[k]
            u, a, s = state
            if "rec" in p:
                current = current + s @ p["rec"]
            u = self.leak * self.keep(u) + current
            v = u - u.mean() if self.norm else u
            v = v / jnp.sqrt(v.var() + 0.1) - 0.3 if self.norm else v - 0.6
            v = v - 0.3 * a if self.adaptive else v
            s = spike(escape, v, noise.draw(k, t, v.shape))
            return (self.reset(u, s), 0.8 * self.keep(a) + s, s), v

        def step(state, inputs):
            t, x_t = inputs
            first, last, late = state
            first, v = layer(0, "first", first, x_t @ params["first"]["w"], t)
            s = first[2] if self.dropout is None else first[2] * self.dropout[t]
            arriving, late = (late[0], (late[1], s)) if self.delayed else (s, late)
            last, w = layer(1, "last", last, arriving @ params["last"]["w"], t)
            return (first, last, late), ((v, first[2]), (w, last[2]))

        start = (jnp.zeros(HIDDEN),) * 3, (jnp.zeros(OUT),) * 3, (jnp.zeros(HIDDEN),) * 2
        _, sites = jax.lax.scan(step, start, (jnp.arange(len(x)), x))
        traces = (LayerTrace(*site, e) for site, e in zip(sites, self.escapes, strict=True))
        return sites[1][1], tuple(traces)


@value_object
class Convolution:
    """Two channels along a line and a dense layer, over time; spikes only, no state."""

    escapes: Any

    def __call__(self, params, x, noise, spike):
        def step(_, inputs):
            t, x_t = inputs
            line = [jnp.convolve(x_t, kernel, mode="same") for kernel in params["kernel"]]
            v = jnp.concatenate(line) - 0.2
            s = spike(self.escapes[0], v, noise.draw(0, t, v.shape))
            w = s @ params["w"] - 0.2
            r = spike(self.escapes[1], w, noise.draw(1, t, w.shape))
            return None, ((v, s), (w, r))

        _, sites = jax.lax.scan(step, None, (jnp.arange(len(x)), x))
        traces = (LayerTrace(*site, e) for site, e in zip(sites, self.escapes, strict=True))
        return sites[1][1], tuple(traces)


class Neurons(nnx.Module):
    """As spyx has its neurons: a module whose spikes come from an `activation`."""

    def __init__(self, n: int, activation: Any) -> None:
        self.beta, self.activation = nnx.Param(jnp.full(n, 0.8)), activation

    def __call__(self, x: Array, u: Array) -> tuple[Array, Array]:
        s = self.activation(u - 0.6)
        return s, self.beta[...] * u + x - 0.6 * s


class Module(nnx.Module):
    """Two layers of spyx's way."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        self.up, self.out = nnx.Linear(IN, HIDDEN, rngs=rngs), nnx.Linear(HIDDEN, OUT, rngs=rngs)
        spikes = [snn.SpikeFunction(snn.escape.Sigmoid(slope)) for slope in (4.5, 6.0)]
        self.first, self.last = Neurons(HIDDEN, spikes[0]), Neurons(OUT, spikes[1])

    def __call__(self, x: Array, state: Any) -> tuple[Array, Any]:
        s, u = self.first(3 * self.up(x), state[0])
        out, w = self.last(2 * self.out(s), state[1])
        return out, (u, w)


def function_of_a_step(escapes: Any, params: Any, state: Any, x: Array) -> tuple[Any, Array]:
    """As jaxpike has a network: a function of parameters, state and one step."""
    u, w = state
    s = snn.SpikeFunction(escapes[0])(u - 0.6)
    r = snn.SpikeFunction(escapes[1])(w - 0.6)
    u = 0.8 * u * (1 - stop_gradient(s)) + x @ params["first"]["w"]
    return (u, 0.8 * w * (1 - stop_gradient(r)) + s @ params["last"]["w"]), r


def first_spike(target: Array, output: Array) -> Array:
    """Mean time to the first spike, from the probability that there was none, against a target."""
    silent = jnp.concatenate([jnp.ones((1, OUT)), jnp.cumprod(1 - output, axis=0)])
    return jnp.sum((silent[:-1].sum(axis=0) / STEPS - target) ** 2)


def count(target: Array, output: Array) -> Array:
    """Squared distance of rates from targets."""
    return jnp.sum((output.mean(axis=0) - target) ** 2)


KINDS = {
    "binary": {},
    "shared weights": {},
    "first-spike loss": {"reset": through},
    "recurrent, reset by hand": {},
    "adaptive": {"adaptive": True, "reset": through},
    "delayed": {"delayed": True},
    "layer norm, reset by hand": {"norm": True},
    "dropout of its own": {},
    "module (spyx's way)": {},
    "steps (jaxpike's way)": {},
    "convolution": {},
}


def healthy(kind: str, seed: int) -> Case:
    """A network of a kind, with matched surrogate for two seeds of four and SuperSpike else.

    Drawn anew until each neuron fires in 5 to 85 % of steps.
    """
    for attempt in range(100):
        case = drawn(kind, seed, jax.random.fold_in(jax.random.key(7), 100 * seed + attempt))
        if all(((r > 0.05) & (r < 0.85)).all() for r in rates(case.program, case.params)):
            return case
    raise AssertionError(f"{kind}, seed {seed}: no healthy network in 100 draws")


@jax.jit
def rates(program: snn.Program, params: Any) -> list[Array]:
    """Mean of each neuron's spikes over 256 trials and all steps, layer by layer."""
    noise = snn.draw_noise(program, params, jax.random.key(3), 256)
    trace = jax.vmap(lambda xi: program(params, xi, snn.spikes.FIXED))(noise).trace
    return [layer.s.reshape(-1, layer.s.shape[-1]).mean(axis=0) for layer in trace]


def drawn(kind: str, seed: int, key: Array) -> Case:
    """A network of a kind, whatever it does."""
    keys = iter(jax.random.split(key, 12))
    slopes = jnp.array([4.0, 5.5]) + jax.random.uniform(next(keys), (2,))
    escapes = tuple(map(snn.escape.Sigmoid, slopes))
    usual = snn.Surrogate() if seed < 2 else snn.Surrogate(snn.surrogate.SuperSpike(4.0))
    target = jax.random.uniform(next(keys), (OUT,))

    def normal(*shape: int, mean: float = 0.3) -> Array:
        return mean + jax.random.normal(next(keys), shape) / shape[0] ** 0.5

    first = {"w": normal(IN, HIDDEN)}
    last = {"w": normal(HIDDEN, OUT)}
    x = (jax.random.uniform(next(keys), (STEPS, IN)) < 0.5) * 1.0
    if kind in ("binary", "shared weights"):
        biases = {"first": HIDDEN, "last": OUT}
        sizes = {"first": first, "last": last}
        if kind == "shared weights":
            biases = {"first": 3, "middle": 3, "last": OUT}
            sizes = {"first": {"w": normal(IN, 3)}, "middle": {"w": normal(3, 3)}}
            sizes["last"] = {"w": normal(3, OUT)}
        params = {k: {**sizes[k], "b": jnp.full(n, -0.2)} for k, n in biases.items()}
        network = Layers(escapes, kind == "shared weights")
        program = snn.Program(network, normal(IN), snn.losses.Squared(target))
        return Case(program, params, usual, None)
    loss = Partial(first_spike if "first" in kind else count, target)
    params = {"first": first, "last": last}
    if kind == "convolution":
        params = {"kernel": normal(2, 3), "w": normal(2 * 6, OUT, mean=0.05)}
        x = (jax.random.uniform(next(keys), (STEPS, 6)) < 0.5) * 1.0
        return Case(snn.Program(Convolution(escapes), x, loss), params, usual, 0)
    if kind.startswith("module"):
        state = jnp.zeros(HIDDEN), jnp.zeros(OUT)
        module = Module(nnx.Rngs(int(jax.random.bits(next(keys)))))
        network, params = snn.from_nnx(module, state)
        return Case(snn.Program(network, x, loss), params, usual, 0)
    if kind.startswith("steps"):
        state = jnp.zeros(HIDDEN), jnp.zeros(OUT)
        network = snn.Steps(Partial(function_of_a_step, escapes), state)
        return Case(snn.Program(network, x, loss), params, usual, 0)
    if kind.startswith("recurrent"):
        params["first"] = {**first, "rec": 0.5 * normal(HIDDEN, HIDDEN, mean=0.0)}
    leak = 0.7 + 0.2 * jax.random.uniform(next(keys), ())
    settings = dict(KINDS[kind])
    if kind.startswith("dropout"):
        settings["dropout"] = 1.0 * jax.random.bernoulli(next(keys), 0.8, (STEPS, HIDDEN))
    return Case(snn.Program(Cells(escapes, leak, **settings), x, loss), params, usual, 0)
