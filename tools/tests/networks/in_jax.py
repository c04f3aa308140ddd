"""Networks in JAX: right ones in many styles, and a row for each fault with its kinds."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import stop_gradient
from jax.tree_util import Partial

import snn
from snn_tools import doctor
from tools.tests.spikes import same, with_derivative

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


def rates_to_target(out):
    return jnp.mean((out.mean(axis=0) - 0.2) ** 2)


def regularised(outputs):
    """Cross-entropy, and a penalty where a neuron fires more often than in a tenth of steps."""
    out, s = outputs
    return max_over_time(out) + 10 * jnp.mean(jax.nn.relu(s.mean(axis=0) - 0.1) ** 2)


def lif(spike=None, layers=1, gain=3.0, loss=max_over_time, threshold=1.0, settings=None, **on):
    """Leaky neurons and a leaky readout; right styles and faults are arguments.

    With a `spike` of its own the network is a plain function with a `jax.lax.scan`. Functions in
    `on` change values on their way; flags in `on` choose a style.
    """
    fire, recurrent = spike or spikes, on.get("recurrent")
    state, between, clip = (on.get(name, same) for name in ("state", "between", "clip"))

    def step(params, states, x):
        *hidden, y = states
        new, h = [], x
        for k, (u, s, r, a, late) in enumerate(hidden):
            theta = threshold + (params["theta"] + 0.3 * a if on.get("adaptive") else 0.0)
            current = h @ params[f"w{k}"] + (recurrent(s) @ params["rec"] if recurrent else 0.0)
            u = clip(state(0.9 * u) + current - stop_gradient(r))
            s, old = fire(u - theta), s
            r = fire(1.0 * (u - theta)) if on.get("drawn_twice") else s
            new.append((u, s, r, 0.9 * a + stop_gradient(s), old))
            h = between(late if on.get("delayed") else s)
        y = 0.8 * y + h @ params["out"]
        return (*new, y), (y, h) if on.get("rates") else y

    params = {
        f"w{k}": weights(k + 1, NEURONS if k else INPUTS, NEURONS, gain=gain) for k in range(layers)
    }
    params |= {"out": weights(9, NEURONS, CLASSES)}
    params |= {"rec": weights(8, NEURONS, NEURONS, gain=0.7)} if recurrent else {}
    params |= {"theta": jnp.full(NEURONS, -0.2)} if on.get("adaptive") else {}
    start = *[(jnp.zeros((BATCH, NEURONS)),) * 5] * layers, jnp.zeros((BATCH, CLASSES))
    if spike is None:
        network = snn.Steps(step, start)
        settings = {"surrogate": SUPERSPIKE} | (settings or {})
    else:

        def plain(params, x):
            return jax.lax.scan(lambda states, x: step(params, states, x), start, x)[1]

        network = doctor.adopted(plain, ESCAPE)
    return snn.Program(network, inputs(STEPS, BATCH, INPUTS), loss), params, settings or {}


def mlp(layers=1, derivative=None, escapes=ESCAPE):
    """Layers without time."""
    network = snn.MLP((3, *[6] * layers, 2), escapes, bias=layers == 1)
    x, loss = jnp.array([1.6, -1.0, 0.6]), snn.losses.Squared(jnp.array([0.3, 0.8]))
    surrogate = snn.Surrogate(derivative) if derivative else snn.Surrogate()
    program = snn.Program(network, x, loss)
    return program, network.init(jax.random.key(3)), {"surrogate": surrogate, "time_axis": None}


def convolutional():
    def step(params, states, x):
        u, w = states
        u = 0.8 * u + jnp.stack([jnp.convolve(x, kernel, mode="same") for kernel in params["k"]])
        s = spikes(u - 0.8)
        w = 0.8 * w + s.reshape(-1) @ params["dense"]
        r = spikes(w - 0.8)
        return (u * (1 - s), w * (1 - r)), r

    params = {"k": weights(1, 4, 3, gain=2.0), "dense": weights(2, 32, 5, gain=1.5)}
    network = snn.Steps(step, (jnp.zeros((4, 8)), jnp.zeros(5)))
    return snn.Program(network, inputs(STEPS, 8), rates_to_target), params, {}


def of_height(height, v, s, escape):
    """The slope of a logistic function, times a height."""
    return height * 6.0 * jax.nn.sigmoid(6.0 * v) * jax.nn.sigmoid(-6.0 * v)


def unequal(v, s, escape):
    return jnp.where(escape.beta > 5, 10.0, 1.0) * escape.slope(v)


def own(slope):
    """The gradient of a surrogate derivative, as a setting of the examination."""
    return {"surrogate": snn.Surrogate(Partial(lambda v, s, escape: slope(v)))}


def triangle(v, threshold=0.0):
    return jnp.maximum(0.0, 1 - jnp.abs(v + threshold))


def overflowing(v):
    return 25 * jnp.exp(-25 * v) / (1 + jnp.exp(-25 * v)) ** 2


def logistic(v):
    return jax.nn.sigmoid(v) * jax.nn.sigmoid(-v)


@jax.custom_vjp
def unproportional(v):
    return (v > 0) * 1.0


unproportional.defvjp(lambda v: (unproportional(v), v), lambda v, g: (triangle(v),))
TRIANGLE = with_derivative(triangle)
TWO_NOISES = snn.escape.Sigmoid(4.0), snn.escape.Sigmoid(6.0)

RIGHT = {
    "feed-forward": mlp,
    "five layers": lambda: mlp(4, Partial(of_height, 1.0)),
    "leaky, max over time": lif,
    "recurrent, softmax over time": lambda: lif(recurrent=same, loss=softmax_over_time),
    "adaptive, learnt threshold": lambda: lif(adaptive=True),
    "convolutional": convolutional,
    "rate regulariser": lambda: lif(rates=True, loss=regularised),
    "delays": lambda: lif(delayed=True, loss=softmax_over_time),
    "plain scan, own derivative": lambda: lif(TRIANGLE, layers=2),
    "deterministic": lambda: lif(settings={"surrogate": DETERMINISTIC, "truth": "sampled"}),
}
FAULTY = {
    "state detached at each step": (lambda: lif(state=stop_gradient), {"scaled", "cut"}),
    "recurrence detached": (lambda: lif(recurrent=stop_gradient), {"scaled", "cut"}),
    "readout cut": (lambda: lif(between=stop_gradient), {"cut"}),
    "spikes binarised": (lambda: lif(between=lambda s: (s > 0.5) * 1.0), {"cut"}),
    "surrogate of u": (lambda: lif(settings=own(lambda v: triangle(v, 1.0))), {"aside"}),
    "surrogate of u, plain scan": (
        lambda: lif(with_derivative(lambda v: triangle(v, 1.0))), {"aside"}
    ),
    "wrong sign": (lambda: lif(settings=own(lambda v: -logistic(v))), {"shape"}),
    "backward pass without the gradient": (lambda: lif(unproportional), {"chain"}),
    "slope forgotten": (lambda: lif(gain=1.0, settings=own(logistic)), {"flat"}),
    "slope ten times too steep": (lambda: lif(settings={"surrogate": STEEP}), {"steep"}),
    "overflow": (lambda: lif(settings=own(overflowing)), {"overflow"}),
    "heights differ by layer": (lambda: mlp(1, Partial(unequal), TWO_NOISES), {"unequal"}),
    "eight layers of height 8": (lambda: mlp(8, Partial(of_height, 8.0)), {"explodes"}),
    "eight layers of height 1/16": (lambda: mlp(8, Partial(of_height, 1 / 16)), {"vanishes"}),
    "dead without noise": (lambda: lif(gain=0.15), {"silent"}),
    "threshold far away": (lambda: lif(threshold=9.0), {"silent"}),
    "saturated": (lambda: lif(threshold=-30.0), {"saturated"}),
    "clip at the threshold": (lambda: lif(clip=lambda u: jnp.minimum(u, 1.0)), {"clipped"}),
    "reset drawn separately": (lambda: lif(drawn_twice=True), {"redrawn"}),
    "infinite loss": (lambda: lif(loss=infinite), {"not finite"}),
}  # fmt: skip
