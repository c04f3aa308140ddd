"""Ten healthy networks of kinds that the corpus does not have, written when the doctor was done.

Each is a plain function or a step, as a practitioner writes it. They were run once, in this form,
before anything was changed because of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient
from jax.tree_util import Partial

import snn
from tools.tests.corpus.networks import Case, rates

spike = snn.SpikeFunction(snn.escape.Sigmoid(5.0))
normal = snn.SpikeFunction(snn.escape.Gaussian(0.3))
N, STEPS = 4, 8


def currents(params, state, x):
    """Synaptic currents, and a readout without spikes, which the loss sees."""
    i, u, readout = state
    s = spike(u - 0.6)
    i = 0.6 * i + x @ params["in"]
    u = 0.85 * u * (1 - stop_gradient(s)) + i
    readout = 0.9 * readout + s @ params["out"]
    return (i, u, readout), readout


def own_thresholds(params, state, x):
    """A threshold and a leak of each neuron are learnt."""
    u, w = state
    s = spike(u - params["threshold"])
    r = spike(w - 0.5)
    u = jax.nn.sigmoid(params["leak"]) * u + x @ params["in"]
    u = u - params["threshold"] * stop_gradient(s)
    return (u, 0.8 * w + s @ params["out"] - 0.5 * stop_gradient(r)), r


def resonate(params, state, x):
    """Neurons that oscillate: two variables, no reset."""
    a, b, w = state
    current = x @ params["in"]
    a, b = 0.8 * a - 0.4 * b + current, 0.4 * a + 0.8 * b
    s = spike(b - 0.4)
    w = 0.8 * w + s @ params["out"]
    r = spike(w - 0.6)
    return (a, b, w - 0.6 * stop_gradient(r)), r


def refractory(params, state, x):
    """A spike raises a threshold that decays, and is not differentiated through it."""
    u, q, w = state
    u = 0.8 * u + x @ params["in"]
    s = spike(u - 0.5 - q)
    q = 0.5 * q + 0.8 * stop_gradient(s)
    w = 0.7 * w + s @ params["out"]
    return (u, q, w), spike(w - 0.5)


def pooled(params, state, x):
    """Pairs of neurons compete, by a maximum; layers inhibit themselves."""
    u, last = state
    u = 0.7 * u + x @ params["in"] - 0.2 * last.sum()
    s = normal(u - 0.4)
    pairs = s.reshape(-1, 2).max(axis=1)
    return (u - 0.4 * s, s), normal(pairs @ params["out"] - 0.3)


def batch(params, state, x):
    """Four samples at once, normalised over the batch."""
    u, w = state
    h = x @ params["in"]
    h = params["gain"] * (h - h.mean(axis=0)) / jnp.sqrt(h.var(axis=0) + 0.1) + 0.3
    s = spike(u - 0.6)
    u = 0.8 * u * (1 - s) + h
    r = spike(w - 0.6)
    return (u, 0.8 * w * (1 - r) + s @ params["out"]), r


def regularised(params, state, x):
    """All spikes are returned, for a loss that penalises rates."""
    u, w = state
    s, r = spike(u - 0.6), spike(w - 0.6)
    u = 0.8 * u + x @ params["in"] - 0.6 * stop_gradient(s)
    return (u, 0.8 * w + s @ params["out"] - 0.6 * stop_gradient(r)), (s, r)


def gated(params, state, x):
    """Spikes gate a memory without spikes of its own."""
    h, _ = state
    gate = spike(x @ params["gate"] + h @ params["rec"] - 0.1)
    h = gate * jnp.tanh(x @ params["in"]) + (1 - gate) * h
    return (h, gate), h @ params["out"]


def residual(params, x):
    """Three binary layers with connections that skip one."""
    s = spike(x @ params["in"] - 0.1)
    r = spike(s @ params["mid"] - 0.2)
    return spike((s + r) @ params["out"] - 0.4)


def attention(params, x):
    """Queries, keys and values are spikes, multiplied with each other."""
    q, k, v = (normal(x @ params[name] - 0.1) for name in ("q", "k", "v"))
    return normal((q @ k.T) @ v @ params["out"] / 3 - 0.3)


def squared(target: Array, output: Array) -> Array:
    """Distance of the mean over steps or samples."""
    return jnp.sum((output.mean(axis=0) - target) ** 2)


def entropy(target: Array, output: Array) -> Array:
    """Cross entropy of what the readout has at the end, against the larger target."""
    return -jax.nn.log_softmax(output[-1])[jnp.argmax(target)]


def of_samples(target: Array, output: Array) -> Array:
    """A target of each of four samples."""
    return jnp.mean((output.mean(axis=0) - target) ** 2)


def with_rates(target: Array, output: Any) -> Array:
    """A target, and a penalty."""
    s, r = output
    return squared(target, r) + 0.1 * jnp.sum((s.mean(axis=0) - 0.2) ** 2)


WEIGHTS = {"in": (3, N), "out": (N, 2)}
AFTERWARDS: dict[str, tuple[Callable, Any, dict[str, tuple[int, ...]], Callable]] = {
    "currents and a readout": (currents, (N, N, 2), WEIGHTS, entropy),
    "own thresholds": (own_thresholds, (N, 2), WEIGHTS, squared),
    "resonate and fire": (resonate, (N, N, 2), WEIGHTS, squared),
    "refractory": (refractory, (N, N, 2), WEIGHTS, squared),
    "pooled": (pooled, (N, N), {"in": (3, N), "out": (2, 2)}, squared),
    "batch norm": (batch, (N, 2), WEIGHTS, of_samples),
    "rate penalty": (regularised, (N, 2), WEIGHTS, with_rates),
    "gated": (gated, (N, N), {"gate": (3, N), "rec": (N, N), **WEIGHTS}, squared),
    "residual": (residual, None, {"in": (3, N), "mid": (N, N), "out": (N, 2)}, jnp.asarray),
    "attention": (attention, None, {"q": (3, 2), "k": (3, 2), "v": (3, 2), "out": (2, 2)}, squared),
}
"""Function, sizes of its state (None: it has no steps), sizes of its weights, and loss."""


def afterwards(kind: str) -> Case:
    """One of the networks, drawn anew until each neuron fires in 5 to 85 % of steps."""
    for attempt in range(200):
        case = _drawn(kind, jax.random.fold_in(jax.random.key(11), attempt))
        if all(((r > 0.05) & (r < 0.85)).all() for r in rates(case.program, case.params)):
            return case
    raise AssertionError(f"{kind}: no healthy network in 200 draws")


def _drawn(kind: str, key: Array) -> Case:
    function, state, shapes, loss = AFTERWARDS[kind]
    keys = iter(jax.random.split(key, 12))
    params = {
        name: 0.3 + jax.random.normal(next(keys), shape) / shape[0] ** 0.5
        for name, shape in shapes.items()
    }
    target = jax.random.uniform(next(keys), (2,))
    x = jax.random.uniform(next(keys), (STEPS, 3))
    if kind == "own thresholds":
        params |= {"threshold": jnp.array([0.4, 0.5, 0.6, 0.7]), "leak": jnp.full(N, 1.0)}
    if kind == "batch norm":
        params["gain"] = jnp.full(N, 0.5)
        x, target = jax.random.uniform(next(keys), (STEPS, 4, 3)), jnp.eye(2)[jnp.arange(4) % 2]
    if state is None:
        x = jax.random.normal(next(keys), (3,) if kind == "residual" else (3, 3))
        loss = snn.losses.Squared(target) if kind == "residual" else Partial(loss, target)
        return Case(snn.Program(function, x, loss), params, snn.Surrogate(), None)
    sizes = [(4, n) if kind == "batch norm" else (n,) for n in state]
    network = snn.Steps(function, tuple(map(jnp.zeros, sizes)))
    return Case(snn.Program(network, x, Partial(loss, target)), params, snn.Surrogate(), 0)
