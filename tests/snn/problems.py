"""Small programs that the tests share, each a different kind of network."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.lax import stop_gradient

import snn
from snn.types import LayerTrace, Params, Trace
from snn.value_object import value_object

BATCH = 1024
"""Trials that run at once. Of other numbers than its multiples, the rest is compiled once more."""


class Problem(NamedTuple):
    """A program and the parameters at which it is differentiated."""

    program: snn.Program
    params: Params


def perceptron() -> Problem:
    """One neuron, and a loss that is not linear in its spike: 1 site."""
    network = snn.MLP((3, 1), snn.escape.Sigmoid(2.0))
    x = jnp.array([1.0, -0.5, 0.8])
    params = [{"w": jnp.array([[0.6], [-0.4], [0.3]]), "b": jnp.array([-0.6])}]
    return Problem(snn.Program(network, x, snn.losses.Squared(jnp.array([-0.3]))), params)


def mlp() -> Problem:
    """Two hidden layers, and another escape noise in each layer: 6 sites."""
    escape = (snn.escape.Sigmoid(1.0), snn.escape.SuperSpike(1.5), snn.escape.Sigmoid(1.5))
    network = snn.MLP((2, 3, 2, 1), escape, theta=0.1)
    params = [
        {"w": jnp.array([[0.9, -0.6, 0.5], [0.4, 0.7, -0.3]]), "b": jnp.array([0.1, 0.2, -0.1])},
        {"w": jnp.array([[0.9, -0.5], [0.8, 0.6], [-0.4, 0.7]]), "b": jnp.array([-0.35, 0.2])},
        {"w": jnp.array([[1.3], [0.9]]), "b": jnp.array([-1.0])},
    ]
    loss = snn.losses.Squared(jnp.array([-0.2]))
    return Problem(snn.Program(network, jnp.array([1.0, 0.5]), loss), params)


def recurrent_lif(
    reset_input: bool = False, steps: int = 5, reset: str = "multiply", theta: float = 1.0
) -> Problem:
    """Two LIF neurons that excite and inhibit each other: 10 sites in 5 steps."""
    neuron = snn.LIF(4e-3, 2e-3, theta=theta, reset_input=reset_input, reset=reset)
    network = snn.LIFNetwork((2, 2), snn.escape.Sigmoid(3.0), neuron, recurrent=True)
    x = jnp.ones((steps, 2)).at[1::2, 1].set(0.0)
    params = [
        {"w": jnp.array([[3.0, 1.8], [1.5, 2.4]]), "rec": jnp.array([[0.9, -1.4], [1.1, 0.8]])}
    ]
    weight = jnp.linspace(0.2, 1.0, steps)[:, None] * jnp.array([[1.0, -0.8]])
    return Problem(snn.Program(network, x, snn.losses.Linear(weight)), params)


PROBLEMS = {
    "mlp": mlp(),
    "lif": recurrent_lif(reset_input=False),
    "lif, input reset": recurrent_lif(reset_input=True),
    "lif, subtractive reset": recurrent_lif(reset="subtract", theta=0.6),
}


def last_spike(steps: int, beta: float = 10.0, reset_input: bool = False) -> snn.Program:
    """One LIF neuron with an input spike in every step; the loss is its spike of the last step."""
    network = snn.LIFNetwork((1, 1), snn.escape.Sigmoid(beta), snn.LIF(reset_input=reset_input))
    loss = snn.losses.Linear(jnp.zeros((steps, 1)).at[-1, 0].set(1.0))
    return snn.Program(network, jnp.ones((steps, 1)), loss)


def five_weights(beta: float, weights: Array) -> Problem:
    """The network of figures 4 and 5, with weights in the order (w, v1, v2, u1, u2)."""
    network = snn.MLP((1, 1, 2, 1), snn.escape.Sigmoid(beta), bias=False)
    params = [
        {"w": weights[:1, None]},
        {"w": weights[None, 1:3]},
        {"w": weights[3:, None]},
    ]
    return Problem(snn.Program(network, jnp.ones(1), snn.losses.Linear()), params)


@value_object
class TiedAutoencoder:
    """Stochastic code s of x, read out as s W^T with the weights that made it.

    Its loss depends on the weights at fixed spikes too: the direct term of unbiased estimators.

    Attributes:
        escape: escape noise of the code.
        direct: 0 cuts that dependence out of the derivative, not out of the value.
    """

    escape: snn.escape.EscapeNoise = snn.escape.Sigmoid(2.0)
    direct: float = 1.0

    def __call__(
        self, params: Params, x: Array, noise: snn.types.Noise, spike: snn.Spike
    ) -> tuple[Array, Trace]:
        v = x @ params["w"]
        s = spike(self.escape, v, noise.draw(0, None, v.shape))
        w = params["w"]
        readout = self.direct * w + (1 - self.direct) * stop_gradient(w)
        return s @ readout.T, (LayerTrace(v, s, self.escape),)


def tied_autoencoder(direct: bool = True) -> Problem:
    """Three code neurons: 3 sites."""
    x = jnp.array([1.0, 0.6])
    params = {"w": jnp.array([[0.8, 0.5, -0.3], [0.4, -0.6, 0.9]])}
    program = snn.Program(TiedAutoencoder(direct=float(direct)), x, snn.losses.Squared(x))
    return Problem(program, params)


@value_object
class Readout:
    """The weights themselves, without a spike: a loss that is known everywhere."""

    def __call__(
        self, params: Params, x: Array, noise: snn.types.Noise, spike: snn.Spike
    ) -> tuple[Array, Trace]:
        return params["w"] * x, ()


def readout() -> Problem:
    """A loss that is linear in two weights: the gradient is (2, -1), the loss 0.4."""
    program = snn.Program(Readout(), jnp.array([2.0, -1.0]), snn.losses.Linear())
    return Problem(program, {"w": jnp.array([0.5, 0.6])})


def exact(problem: Problem) -> np.ndarray:
    """Return the exact gradient, parameters as one vector."""
    return np.asarray(snn.stats.flatten(snn.ExactEnumeration()(*problem).grad))


def moments(
    estimator: snn.estimators.base.Estimator, problem: Problem, n_trials: int, seed: int = 0
) -> snn.stats.Mean:
    """Mean and standard error of an estimator's gradient, parameters as one vector."""
    key_noise, key = jax.random.split(jax.random.key(seed))
    noise = snn.draw_noise(*problem, key_noise, n_trials)
    return mean_gradient(estimator.per_trial(*problem, noise, key).grad)


@jax.jit
def mean_gradient(grad: Params) -> snn.stats.Mean:
    """Mean and standard error of single trials' gradients, parameters as one vector."""
    return snn.stats.mean_and_se(snn.stats.flatten_trials(grad))


def largest_z(estimate: snn.stats.Mean, truth: Array) -> float:
    """Return the largest |z| of all parameters."""
    return float(np.abs(snn.stats.z_score(estimate, np.asarray(truth))).max())


def assert_unbiased(estimate: snn.stats.Mean, truth: Array) -> None:
    """Every |z| is below 5. Trials are so many that of an estimate scaled by 1.05 one is not."""
    assert largest_z(estimate, truth) < 5
    assert np.max(0.05 * np.abs(truth) / np.asarray(estimate.se)) >= 10
    assert largest_z(snn.stats.Mean(1.05 * estimate.mean, 1.05 * estimate.se), truth) > 5
