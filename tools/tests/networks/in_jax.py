"""Networks in JAX: right ones in many styles, and one for each fault."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import snn
from snn_tools import doctor
from tools.tests.networks.faults import FAULTS, detached, times
from tools.tests.spikes import same, step

BATCH, NEURONS, STEPS, CLASSES, INPUTS = 4, 16, 20, 3, 8
ESCAPE = snn.escape.Sigmoid(6.0)
spikes = snn.SpikeFunction(ESCAPE)
SUPERSPIKE = snn.Surrogate(snn.surrogate.SuperSpike(6.0))
STEEP = snn.Surrogate(snn.surrogate.SuperSpike(60.0))
DETERMINISTIC = snn.Surrogate(snn.surrogate.SuperSpike(6.0), forward=snn.threshold)
LABELS = np.array([0, 2, 1, 2], np.int32)


def weights(seed, *shape, gain=1.0):
    return gain * jax.random.normal(jax.random.key(seed), shape) / shape[0] ** 0.5


def inputs(*shape, rate=0.3):
    return (jax.random.uniform(jax.random.key(7), shape) < rate) * 1.0


def cross_entropy(scores):
    return -jax.nn.log_softmax(scores)[np.arange(BATCH, dtype=np.int32), LABELS].mean()


def max_over_time(out):
    return cross_entropy(out.max(axis=0))


def softmax_over_time(out):
    return cross_entropy(jax.nn.softmax(out, axis=-1).sum(axis=0))


def infinite(out):
    return -jnp.log(jax.nn.relu(out[-1]).min())


def regularised(outputs):
    """Cross-entropy, and a penalty where a neuron fires more often than in a tenth of steps."""
    out, s = outputs
    return max_over_time(out) + 10 * jnp.mean(jax.nn.relu(s.mean(axis=0) - 0.1) ** 2)


def spike_with(backward):
    """Return a spike whose backward pass is a function of potential and arriving gradient."""
    spike = jax.custom_vjp(step)
    spike.defvjp(lambda v: (step(v), v), lambda v, g: (backward(v, g),))
    return spike


def lif(layers=None, gain=3.0, loss=max_over_time, threshold=1.0, settings=None, **on):
    """Leaky neurons and a leaky readout; right styles and faults are arguments.

    With backward passes of its own `layers` the network is a plain function with a `jax.lax.scan`.
    Functions in `on` change values on their way; flags in `on` choose a style.
    """
    fires = [spike_with(backward) for backward in layers] if layers else [spikes]
    state, sent, clip = (on.get(name, same) for name in ("state", "sent", "clip"))
    recurrent = on.get("recurrent")

    def once(params, states, x):
        *hidden, y = states
        new, h = [], x
        for k, (fire, (u, s, a, late)) in enumerate(zip(fires, hidden, strict=True)):
            theta = threshold + (params["theta"] + 0.3 * a if on.get("adaptive") else 0.0)
            current = h @ params[f"w{k}"] + (recurrent(s) @ params["rec"] if recurrent else 0.0)
            u = clip(state(0.9 * u) + current)
            s, old = fire(u - theta), s
            r = fire(1.0 * (u - theta)) if on.get("drawn_twice") else s
            new.append((u - detached(r), s, 0.9 * a + detached(s), old))
            h = sent(late if on.get("delayed") else s)
        y = 0.8 * y + h @ params["out"]
        return (*new, y), (y, h) if on.get("rates") else y

    sizes = [INPUTS] + [NEURONS] * len(fires)
    params = {f"w{k}": weights(k + 1, n, NEURONS, gain=gain) for k, n in enumerate(sizes[:-1])}
    params |= {"out": weights(9, NEURONS, CLASSES)}
    params |= {"rec": weights(8, NEURONS, NEURONS, gain=0.7)} if recurrent else {}
    params |= {"theta": jnp.full(NEURONS, -0.2)} if on.get("adaptive") else {}
    start = *[(jnp.zeros((BATCH, NEURONS)),) * 4] * len(fires), jnp.zeros((BATCH, CLASSES))
    plain = doctor.adopted(lambda p, x: jax.lax.scan(partial(once, p), start, x)[1], ESCAPE)
    network = plain if layers else snn.Steps(once, start)
    settings = settings or ({} if layers else {"surrogate": SUPERSPIKE})
    return snn.Program(network, inputs(STEPS, BATCH, INPUTS), loss), params, settings


def mlp():
    """A layer without time."""
    network = snn.MLP((3, 6, 2), ESCAPE)
    x, loss = jnp.array([1.6, -1.0, 0.6]), snn.losses.Squared(jnp.array([0.3, 0.8]))
    return snn.Program(network, x, loss), network.init(jax.random.key(3)), {}


def convolutional():
    def once(params, states, x):
        u, w = states
        u = 0.8 * u + jnp.stack([jnp.convolve(x, kernel, mode="same") for kernel in params["k"]])
        s = spikes(u - 0.8)
        w = 0.8 * w + s.reshape(-1) @ params["dense"]
        r = spikes(w - 0.8)
        return (u * (1 - s), w * (1 - r)), r

    params = {"k": weights(1, 4, 3, gain=2.0), "dense": weights(2, 32, 5, gain=1.5)}
    network = snn.Steps(once, (jnp.zeros((4, 8)), jnp.zeros(5)))
    rates_to_target = lambda out: jnp.mean((out.mean(axis=0) - 0.2) ** 2)  # noqa: E731
    return snn.Program(network, inputs(STEPS, 8), rates_to_target), params, {}


RIGHT = {
    "feed-forward": mlp,
    "leaky, max over time": lif,
    "recurrent, softmax over time": lambda: lif(recurrent=same, loss=softmax_over_time),
    "adaptive, learnt threshold": lambda: lif(adaptive=True),
    "convolutional": convolutional,
    "rate regulariser": lambda: lif(rates=True, loss=regularised),
    "delays": lambda: lif(delayed=True, loss=softmax_over_time),
    "plain scan, four layers": lambda: lif([times()] * 4),
    "deterministic": lambda: lif(settings={"surrogate": DETERMINISTIC}),
}
FAULTY = {name: (partial(lif, **on), kinds) for name, (on, kinds) in FAULTS.items()} | {
    "slope ten times too steep": (partial(lif, settings={"surrogate": STEEP}), {"steep"}),
    "infinite loss": (partial(lif, loss=infinite), {"not finite"}),
}
