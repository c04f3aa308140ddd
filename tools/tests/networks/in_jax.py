"""Networks in JAX, right ones and ones with a fault; each is a function `build` of the doctor.

A fault is a change of a few lines to a right network. Its row names the findings that name it.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import stop_gradient
from jax.tree_util import Partial

import snn
from snn.types import LayerTrace
from snn.value_object import value_object

BATCH, NEURONS, STEPS, CLASSES = 4, 16, 20, 3
ESCAPE = snn.escape.Sigmoid(6.0)
spikes = snn.SpikeFunction(ESCAPE)
SUPERSPIKE = snn.Surrogate(snn.surrogate.SuperSpike(6.0))


def weights(seed, *shape, gain=1.0):
    return gain * jax.random.normal(jax.random.key(seed), shape) / shape[0] ** 0.5


def inputs(*shape, rate=0.3):
    return (jax.random.uniform(jax.random.key(7), shape) < rate) * 1.0


LABELS = np.array([0, 2, 1, 2], np.int32)


def cross_entropy(scores):
    log_p = jax.nn.log_softmax(scores)
    return -log_p[np.arange(BATCH, dtype=np.int32), LABELS].mean()


def max_over_time(out):
    return cross_entropy(out.max(axis=0))


def softmax_over_time(out):
    return cross_entropy(jax.nn.softmax(out, axis=-1).sum(axis=0))


def last_step(out):
    return cross_entropy(out[-1])


def rates_to_target(out):
    return jnp.mean((out.mean(axis=0) - 0.2) ** 2)


def three_numbers():
    """An input of three numbers, without time."""
    return jnp.array([0.8, -0.5, 0.3])


def zeros(n, *more):
    return jnp.zeros((BATCH, n)), *(jnp.zeros((BATCH, m)) for m in more)


# Right networks.


def feed_forward():
    """Two binary layers and a loss of their spikes; enumerated."""
    network = snn.MLP((3, 4, 2), ESCAPE)
    loss = snn.losses.Squared(jnp.array([0.3, 0.8]))
    params = network.init(jax.random.key(1))
    return snn.Program(network, three_numbers(), loss), params, {"time_axis": None}


def leaky_step(params, state, x, threshold=1.0, u_of=lambda u: u, between=lambda s: s, k=1.0):
    """A hidden layer of leaky neurons and a leaky readout; what faults change are arguments."""
    u, s, y = state
    u = u_of(0.9 * u) + x @ params["in"] - stop_gradient(s)
    s = k * spikes(u - threshold)
    y = 0.8 * y + between(s) @ params["out"]
    return (u, s, y), y


def leaky(loss=max_over_time, gain=3.0, step=leaky_step, surrogate=SUPERSPIKE, **more):
    params = {"in": weights(1, 8, NEURONS, gain=gain), "out": weights(2, NEURONS, CLASSES)}
    network = snn.Steps(step, (*zeros(NEURONS, NEURONS, CLASSES),))
    program = snn.Program(network, inputs(STEPS, BATCH, 8), loss)
    return program, params, {"surrogate": surrogate, **more}


def recurrent_step(params, state, x, seen=lambda s: s):
    u, s, y = state
    u = 0.9 * u * (1 - s) + x @ params["in"] + seen(s) @ params["rec"]
    s = spikes(u - 1.0)
    return (u, s, 0.8 * y + s @ params["out"]), y


def recurrent(step=recurrent_step, loss=softmax_over_time):
    program, params, more = leaky(loss, step=step)
    return program, params | {"rec": weights(3, NEURONS, NEURONS, gain=0.7)}, more


def adaptive_step(params, state, x):
    """The threshold rises with each spike, and its rest is learnt."""
    u, a, y = state
    theta = params["theta"] + 0.3 * a
    s = spikes(u - theta)
    u = 0.9 * u - stop_gradient(s) * theta + x @ params["in"]
    return (u, 0.95 * a + s, 0.8 * y + s @ params["out"]), y


def adaptive():
    program, params, more = leaky(last_step, step=adaptive_step)
    return program, params | {"theta": jnp.full(NEURONS, 0.8)}, more


@value_object
class Convolutional:
    """Channels along a line of inputs, then a dense layer; a network of four arguments."""

    def __call__(self, params, x, noise, spike):
        def step(state, inputs):
            t, x_t = inputs
            u, w = state
            line = [jnp.convolve(x_t, kernel, mode="same") for kernel in params["kernel"]]
            u = 0.8 * u + jnp.stack(line)
            s = spike(ESCAPE, u - 0.8, noise.draw(0, t, u.shape))
            w = 0.8 * w + s.reshape(-1) @ params["dense"]
            r = spike(ESCAPE, w - 0.8, noise.draw(1, t, w.shape))
            return (spike.reset(u, s), spike.reset(w, r)), ((u - 0.8, s), (w - 0.8, r))

        start = jnp.zeros((4, 8)), jnp.zeros(5)
        _, sites = jax.lax.scan(step, start, (jnp.arange(len(x)), x))
        return sites[1][1], tuple(LayerTrace(*site, ESCAPE) for site in sites)


def convolutional():
    params = {"kernel": weights(1, 4, 3, gain=2.0), "dense": weights(2, 32, 5, gain=1.5)}
    return snn.Program(Convolutional(), inputs(STEPS, 8), rates_to_target), params, {}


def regularised_step(params, state, x):
    u, y = state
    s = spikes(u - 1.0)
    u = 0.9 * u * (1 - stop_gradient(s)) + x @ params["in"]
    y = 0.9 * y + s @ params["out"]
    return (u, y), (y, s)


def regularised_loss(outputs):
    """Cross-entropy, and a penalty where a neuron fires more often than in a tenth of steps."""
    y, s = outputs
    excess = jax.nn.relu(s.mean(axis=0) - 0.1)
    return max_over_time(y) + 10 * jnp.mean(excess**2)


def regularised():
    params = {"in": weights(1, 8, NEURONS, gain=3.0), "out": weights(2, NEURONS, CLASSES)}
    network = snn.Steps(regularised_step, zeros(NEURONS, CLASSES))
    program = snn.Program(network, inputs(STEPS, BATCH, 8), regularised_loss)
    return program, params, {"surrogate": SUPERSPIKE}


def delayed_step(params, state, x):
    """Spikes of each hidden neuron arrive two steps later."""
    u, late, y = state
    s = spikes(u - 1.0)
    u = 0.9 * u - stop_gradient(s) + x @ params["in"]
    y = 0.8 * y + late[0] @ params["out"]
    return (u, (late[1], s), y), y


def delayed():
    params = {"in": weights(1, 8, NEURONS, gain=3.0), "out": weights(2, NEURONS, CLASSES)}
    u, a, b, y = zeros(NEURONS, NEURONS, NEURONS, CLASSES)
    network = snn.Steps(delayed_step, (u, (a, b), y))
    program = snn.Program(network, inputs(STEPS, BATCH, 8), softmax_over_time)
    return program, params, {"surrogate": SUPERSPIKE}


@jax.custom_jvp
def triangle(v):
    """A step with a triangle as its derivative, as one writes it by hand."""
    return jnp.where(v > 0, 1.0, 0.0)


triangle.defjvp(lambda p, t: (triangle(*p), jnp.maximum(0.0, 1 - jnp.abs(p[0])) * t[0]))


def scanned(params, x):
    """A plain function with a loop over time and a spike function of its own."""

    def step(state, x_t):
        u, y = state
        s = triangle(u - 1.0)
        u = 0.9 * u - stop_gradient(s) + x_t @ params["in"]
        y = 0.8 * y + s @ params["out"]
        return (u, y), y

    return jax.lax.scan(step, zeros(NEURONS, CLASSES), x)[1]


def plain_scan(function=scanned):
    from snn_tools import doctor

    params = {"in": weights(1, 8, NEURONS, gain=3.0), "out": weights(2, NEURONS, CLASSES)}
    network = doctor.adopted(function, ESCAPE)
    return snn.Program(network, inputs(STEPS, BATCH, 8), max_over_time), params, {}


def deep(height=1.0, layers=4, slope=6.0):
    """Several layers without time; only the last has a loss."""
    network = snn.MLP((3, *[6] * layers, 2), ESCAPE, bias=False)
    params = network.init(jax.random.key(3))
    derivative = Partial(of_height, height, slope)
    loss = snn.losses.Squared(jnp.array([0.3, 0.8]))
    program = snn.Program(network, 2 * three_numbers(), loss)
    return program, params, {"surrogate": snn.Surrogate(derivative), "time_axis": None}


def of_height(height, slope, v, s, escape):
    """The slope of a logistic function, times a height."""
    p = jax.nn.sigmoid(slope * v)
    return height * slope * p * (1 - p)


def without_noise():
    """The same network as `leaky`, deterministic in training."""
    surrogate = snn.Surrogate(snn.surrogate.SuperSpike(6.0), forward=snn.threshold)
    return leaky(surrogate=surrogate, truth="sampled")


RIGHT = {
    "feed-forward": feed_forward,
    "leaky, max over time": leaky,
    "recurrent, softmax over time": recurrent,
    "adaptive, learnt threshold": adaptive,
    "convolutional": convolutional,
    "rate regulariser": regularised,
    "delays": delayed,
    "plain scan, own derivative": plain_scan,
    "five layers": deep,
    "deterministic": without_noise,
}


# Faults.


def faulty_step(**changes):
    def step(params, state, x):
        return leaky_step(params, state, x, **changes)

    return leaky(step=step)


def clip_step(params, state, x):
    """The potential cannot rise above the threshold."""
    u, s, y = state
    u = jnp.minimum(0.9 * u + x @ params["in"] - stop_gradient(s), 1.0)
    s = spikes(u - 1.0)
    return (u, s, 0.8 * y + s @ params["out"]), y


def cut_recurrence(params, state, x):
    return recurrent_step(params, state, x, seen=stop_gradient)


def twice_step(params, state, x):
    """The neuron resets by the spike that it draws, and sends another one that it draws later."""
    u, r, y = state
    s = spikes(u - 1.0 + 0.0 * r)
    u = 0.9 * u * (1 - r) + x @ params["in"]
    r = spikes(u - 1.0)
    return (u, r, 0.8 * y + s @ params["out"]), y


def binarised(s):
    return jnp.where(s > 0.5, 1.0, 0.0)


def aside(v, s, escape):
    """SuperSpike of the potential, not of potential minus threshold."""
    return 1 / (1 + 6.0 * abs(v + 1.0)) ** 2


def negative(v, s, escape):
    return -6.0 * jax.nn.sigmoid(6 * v) * jax.nn.sigmoid(-6 * v)


def forgotten(v, s, escape):
    """The slope of a logistic function of slope 1; the noise has 6 and the weights are small."""
    return jax.nn.sigmoid(v) * jax.nn.sigmoid(-v)


def overflowing(v, s, escape):
    e = jnp.exp(-25 * v)
    return 25 * e / (1 + e) ** 2


def infinite(out):
    return -jnp.log(jax.nn.relu(out[-1]).min())


@jax.custom_jvp
def late(v):
    return jnp.where(v > 0, 1.0, 0.0)


late.defjvp(lambda p, t: (late(*p), jnp.maximum(0.0, 1 - jnp.abs(p[0] + 1.0)) * t[0]))


def scanned_aside(params, x):
    def step(state, x_t):
        u, y = state
        s = late(u - 1.0)
        u = 0.9 * u - stop_gradient(s) + x_t @ params["in"]
        return (u, 0.8 * y + s @ params["out"]), y

    return jax.lax.scan(step, zeros(NEURONS, CLASSES), x)[1]


def detached(u):
    return stop_gradient(u)


def no_gradient(s):
    return stop_gradient(s)


@value_object
class Unequal:
    """A derivative that is ten times as high in the layer with the steeper noise."""

    def __call__(self, v, s, escape):
        return jnp.where(escape.beta > 5, 10.0, 1.0) * escape.slope(v)


def unequal():
    network = snn.MLP((3, 4, 2), (snn.escape.Sigmoid(4.0), snn.escape.Sigmoid(6.0)))
    loss = snn.losses.Squared(jnp.array([0.3, 0.8]))
    params = network.init(jax.random.key(1))
    more = {"surrogate": snn.Surrogate(Unequal()), "time_axis": None}
    return snn.Program(network, three_numbers(), loss), params, more


def own(derivative):
    return lambda: leaky(surrogate=snn.Surrogate(derivative))


FAULTY = {
    "state detached at each step": (lambda: faulty_step(u_of=detached), {"scaled", "cut"}),
    "recurrence detached": (lambda: recurrent(cut_recurrence), {"scaled", "cut"}),
    "readout cut": (lambda: faulty_step(between=no_gradient), {"cut"}),
    "spikes binarised": (lambda: faulty_step(between=binarised), {"cut", "compared"}),
    "surrogate of u": (own(aside), {"aside"}),
    "surrogate of u, plain scan": (lambda: plain_scan(scanned_aside), {"aside"}),
    "wrong sign": (own(negative), {"shape"}),
    "slope forgotten": (lambda: leaky(gain=1.0, surrogate=snn.Surrogate(forgotten)), {"flat"}),
    "slope ten times too steep": (own(snn.surrogate.SuperSpike(60.0)), {"steep"}),
    "overflow": (own(overflowing), {"overflow"}),
    "heights differ by layer": (unequal, {"unequal"}),
    "eight layers of height 8": (lambda: deep(8.0, 8), {"explodes"}),
    "eight layers of height 1/16": (lambda: deep(1 / 16, 8), {"vanishes"}),
    "dead without noise": (lambda: leaky(gain=0.15), {"silent"}),
    "threshold far away": (lambda: faulty_step(threshold=9.0), {"silent"}),
    "saturated": (lambda: faulty_step(threshold=-30.0), {"saturated"}),
    "clip at the threshold": (lambda: leaky(step=clip_step), {"clipped"}),
    "reset drawn separately": (lambda: leaky(step=twice_step), {"redrawn"}),
    "infinite loss": (lambda: leaky(loss=infinite), {"not finite"}),
}
"""Each fault, and the kinds of findings that name it."""
