r"""Recurrent networks so small that all of their spike patterns can be enumerated, and their tasks.

A trial has few steps, and spikes act without delay, so that every site matters:

.. math::
    u_t = \alpha\, u_{t-1} (1 - s_{t-1}) + x_t W + s_{t-1} R, \qquad
    o_t = \alpha\, o_{t-1} (1 - y_{t-1}) + s_t V .

Hidden spikes s and output spikes y are drawn with sigmoid escape noise of :math:`u - 1` and
:math:`o - 1`. With two hidden neurons, one output and three steps a trial has nine spike sites.
Expected loss, mean response and the means of surrogate gradients are sums over 512 patterns.

A task has several inputs, and a target for each: the spikes that another network of the same
sizes fires without noise. A solution therefore exists.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

import snn
from snn.estimators.exact_enumeration import pattern_probability
from snn.noise import Constant, all_patterns
from snn.program import site_shapes
from snn.spikes import FIXED
from snn.types import LayerTrace, Noise, Params, Trace
from snn.value_object import static, value_object

DECAY = 0.5
"""Time step over the membrane time constant."""
INPUT_SHARE = 0.5
"""Share of the input in the variance of a hidden neuron's potential; the rest is recurrent."""
TEACHER_SCALE = 2.0
"""Scale of the weights of the network that fires the targets."""
TEACHERS = 256
"""Number of drawn networks, of which the first one with suitable spikes fires the targets."""


@value_object
class EnumerableNetwork:
    """Recurrent hidden layer and output layer of leaky neurons; spikes act at once.

    Attributes:
        escape: escape noise of both layers.
    """

    escape: snn.escape.Sigmoid

    def __call__(self, params: Params, x: Array, noise: Noise, spike: Any) -> tuple[Array, Trace]:
        """Run one trial.

        Args:
            params: weights "input", "recurrent" and "output".
            x: input spikes, ``(time, input)``.
            noise: one uniform number per spike site.
            spike: decides how spikes are computed and differentiated.

        Returns:
            The output spikes, ``(time, output)``, and the trace.
        """
        alpha, drive = jnp.exp(-DECAY), x @ params["input"]
        u = s = jnp.zeros(drive.shape[1])
        o = y = jnp.zeros(params["output"].shape[1])
        v_hidden, hidden, v_output, output = [], [], [], []
        for t in range(x.shape[0]):
            u = alpha * spike.reset(u, s) + drive[t] + s @ params["recurrent"]
            s = spike(self.escape, u - 1, noise.draw(0, t, u.shape))
            v_hidden.append(u - 1)
            hidden.append(s)
            o = alpha * spike.reset(o, y) + s @ params["output"]
            y = spike(self.escape, o - 1, noise.draw(1, t, o.shape))
            v_output.append(o - 1)
            output.append(y)
        layers = (v_hidden, hidden), (v_output, output)
        trace = tuple(LayerTrace(jnp.stack(v), jnp.stack(s), self.escape) for v, s in layers)
        return trace[1].s, trace


@value_object
class Sizes:
    """Sizes of the tasks.

    Attributes:
        patterns: number of inputs, each with a target.
        steps: time steps.
        inputs: number of input neurons.
        hidden: number of hidden neurons.
        outputs: number of output neurons.
    """

    patterns: int = static()
    steps: int = static()
    inputs: int = static()
    hidden: int = static()
    outputs: int = static()


@value_object
class EnumerableTask:
    """Task, or a batch of tasks with a leading axis.

    Attributes:
        x: input spikes, ``(pattern, time, input)``.
        targets: output spikes, ``(pattern, time, output)``.
        params: weights before training.
    """

    x: Array
    targets: Array
    params: Params

    def programs(self, beta: Any) -> snn.Program:
        """Return the programs of all inputs, with a leading axis, in noise of slope beta.

        The loss is half the squared distance of the output spikes to the target.
        """
        network = EnumerableNetwork(snn.escape.Sigmoid(beta))
        return jax.vmap(lambda x, z: snn.Program(network, x, snn.losses.Squared(z)))(
            self.x, self.targets
        )


def draw_task(sizes: Sizes, key: Array) -> EnumerableTask:
    """Draw a task: inputs that spike in half of the steps, a teacher's spikes, initial weights.

    Between a quarter and three quarters of the targets are spikes, and targets differ between
    inputs.
    """
    of_input, of_teacher, of_weights = jax.random.split(key, 3)
    shape = (sizes.patterns, sizes.steps, sizes.inputs)
    x = jax.random.bernoulli(of_input, 0.5, shape).astype(jnp.result_type(float))
    # Without noise the slope has no effect.
    network, spike = EnumerableNetwork(snn.escape.Sigmoid(1.0)), snn.Spike(snn.threshold)

    def fired(key: Array) -> Array:
        params = jax.tree.map(lambda w: TEACHER_SCALE * w, initial_weights(sizes, key))
        return jax.vmap(lambda one: network(params, one, Constant(), spike)[0])(x)

    spikes = jax.vmap(fired)(jax.random.split(of_teacher, TEACHERS))
    share = spikes.mean(axis=(1, 2, 3))
    differ = (spikes != spikes[:, :1]).any(axis=(1, 2, 3))
    suitable = (share >= 0.25) & (share <= 0.75) & differ
    return EnumerableTask(x, spikes[jnp.argmax(suitable)], initial_weights(sizes, of_weights))


def initial_weights(sizes: Sizes, key: Array) -> Params:
    """Draw weights for a free potential of standard deviation 1.

    Inputs spike in half of the steps. Hidden neurons are taken to spike in a quarter.
    """
    keys = jax.random.split(key, 3)
    parts = {
        "input": ((sizes.inputs, sizes.hidden), INPUT_SHARE / 0.5),
        "recurrent": ((sizes.hidden, sizes.hidden), (1 - INPUT_SHARE) / 0.25),
        "output": ((sizes.hidden, sizes.outputs), 1 / 0.25),
    }
    energy = 1 / (1 - jnp.exp(-2 * DECAY))
    return {
        name: jax.random.normal(k, shape) * (variance / shape[0] / energy) ** 0.5
        for k, (name, (shape, variance)) in zip(keys, parts.items(), strict=True)
    }


def mean_response(program: snn.Program, params: Params) -> Array:
    """Return the mean output spikes, ``(time, output)``: a differentiable sum over patterns."""

    def one(pattern: Noise) -> tuple[Array, Array]:
        run = program(params, pattern, FIXED)
        return pattern_probability(run), run.output

    weights, outputs = jax.vmap(one)(all_patterns(site_shapes(program, params), 16))
    return jnp.tensordot(weights, outputs, axes=1)
