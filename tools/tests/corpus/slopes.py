"""60 healthy and 60 faulty networks, noise slopes 2 to 40, float32 and float64.

`python -m tools.tests.corpus.slopes [DRAW]` prints what was said of each, and counts. Ten kinds,
with a place for a fault in each: the reset, the spikes on their way up, the state, the first
weights. Draw 0 is not held out: what its first count found was mended. Another draw has other
weights and inputs, and other faults in each kind.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.lax import stop_gradient
from jax.tree_util import Partial

import snn
from snn_tools import doctor
from tools.tests.corpus.networks import rates
from tools.tests.spikes import added, factor

SLOPES = (2.0, 4.0, 8.0, 14.0, 25.0, 40.0)
KINDS = (
    "soft through, soft by hand, zero through, zero by hand, adaptive, refractory, current, "
    "potential, lateral, learnt leak"
).split(", ")
IN, N, OUT, STEPS = 4, 6, 2, 16


FAULTS: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("reset", factor(-1.0)),
    ("reset", factor(0.5)),
    ("reset", added(2.0)),
    ("reset", added(-1.0)),
    ("up", factor(1.5)),
    ("up", added(3.0)),
    ("up", stop_gradient),
    ("up", lambda s: jnp.where(s > 0.5, 1.0, 0.0).astype(s.dtype)),
    ("keep", stop_gradient),
    ("first", factor(2.0)),
)


def step(kind: str, hooks: dict[str, Callable], escape: Any, p: Any, state: Any, x: Array) -> Any:
    """One step of a kind; the neuron is leaky, and its potential is reset behind its spike."""
    own = {k: hooks.get(k, lambda value: value) for k in ("reset", "up", "keep", "first")}
    spikes = snn.SpikeFunction(escape)
    by_hand = kind not in ("soft through", "zero through", "lateral")
    stop = stop_gradient if by_hand and "reset" not in hooks else own["reset"]
    u, a, last, w = state
    leak = jax.nn.sigmoid(p["leak"]) if kind == "learnt leak" else 0.85
    a = 0.6 * a + x @ own["first"](p["in"])
    u = leak * own["keep"](u) + (a if kind == "current" else x @ own["first"](p["in"]))
    if kind == "lateral":
        u = u - 0.1 * last.sum()
    bar = 0.7
    if kind in ("adaptive", "refractory"):
        bar = bar + (0.3 * last if kind == "adaptive" else stop_gradient(0.5 * last))
    s = spikes(u - bar)
    last = 0.7 * last + s if kind == "adaptive" else s
    after = u * (1 - stop(s)) if kind.startswith("zero") else u - bar * stop(s)
    w = 0.8 * w + own["up"](s) @ p["out"]
    if kind == "potential":
        return (after, a, last, w), jnp.concatenate([w, after * own["up"](s)])
    r = spikes(w - 0.5)
    return (after, a, last, w - 0.5 * (r if kind == "soft through" else stop_gradient(r))), r


def loss(target: Array, out: Array) -> Array:
    """Squared distance of means over time from a target."""
    return jnp.sum((out.mean(axis=0) - target) ** 2)


def network(kind: str, slope: float, dtype: Any, seed: int, hooks: dict[str, Callable]) -> Any:
    """Draw weights and input until two neurons of three fire in 2 to 90 % of steps, by layer."""
    code = _code(kind, tuple(hooks.items()))
    for attempt in range(50):
        keys = jax.random.split(jax.random.key(1000 * seed + attempt + 77), 4)
        normal = lambda key, a, b: 0.25 + jax.random.normal(key, (a, b), dtype) / a**0.5  # noqa: E731
        params = {"in": normal(keys[0], IN, N), "out": normal(keys[1], N, OUT)}
        if kind == "learnt leak":
            params["leak"] = 1.5 + jax.random.normal(keys[3], (N,), dtype)
        x = (jax.random.uniform(keys[2], (STEPS, IN)) < 0.4).astype(dtype)
        state = tuple(jnp.zeros(n, dtype) for n in (N, N, N, OUT))
        stepped = snn.Steps(Partial(code, snn.escape.Sigmoid(jnp.asarray(slope, dtype))), state)
        target = jnp.asarray(0.3, dtype)
        program = snn.Program(stepped, x, Partial(loss, target))
        if all(((r > 0.02) & (r < 0.9)).mean() > 0.6 for r in rates(program, params)):
            return program, params
    raise AssertionError(f"{kind}, slope {slope}: no healthy network in 50 draws")


_codes: dict[Any, Callable] = {}


def _code(kind: str, hooks: tuple) -> Callable:
    """One function for each code, so that it is compiled once."""
    made = lambda escape, p, state, x: step(kind, dict(hooks), escape, p, state, x)  # noqa: E731
    return _codes.setdefault((kind, hooks), made)


def named_faults(kind: str, n: int, hooks: dict[str, Callable]) -> list[str]:
    """Faults that the doctor names, by the tests of the code and of single trials."""
    x64 = (n // 6 + n) % 2 == 1
    with jax.enable_x64(x64):
        dtype = jnp.float64 if x64 else jnp.float32
        case = network(kind, SLOPES[n % 6], dtype, n, hooks)
        return [f.kind for f in doctor.examine(*case, jax.random.key(n), budget=0.01).faults]


def main(draw: int = 0) -> None:
    """Examine all networks of a draw and count."""
    counts = {"false": 0, "missed": 0}
    for i, kind in enumerate(KINDS):
        for faulty in (False, True):
            for n in range(6):
                # Six of the ten faults in each kind, each fault in six kinds.
                fault = (i + n + 3 * draw) % len(FAULTS)
                where, change = FAULTS[fault]
                kinds = named_faults(kind, 60 * draw + 6 * i + n, {where: change} if faulty else {})
                wrong = not {"scaled", "cut"} & set(kinds) if faulty else bool(kinds)
                counts["missed" if faulty else "false"] += wrong
                name = f"{where} {fault}" if faulty else "healthy"
                sys.stdout.write(f"{kind}, slope {SLOPES[n]:g}, {name}: {kinds} {wrong}\n")
                sys.stdout.flush()
    sys.stdout.write(f"{counts} of 60 and 60\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
