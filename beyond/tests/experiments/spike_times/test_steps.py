"""The neuron in discrete time, against enumeration by snn and against continuous time."""

from decimal import Decimal
from typing import final

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from beyond.experiments.spike_times import truth
from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.renewal import TAU_M, THETA, psp
from beyond.experiments.spike_times.steps import Steps
from snn.escape import EscapeNoise
from snn.value_object import value_object

jax.config.update("jax_enable_x64", True)

LOSS = truth.reward_near(10.0, 4.0)
BETA, T = 3.0, 16.0


@final
@value_object
class Hazard(EscapeNoise):
    """A spike in a step of the exponential intensity, written with another arithmetic."""

    beta: float
    dt: float

    def prob(self, v):
        return 1 - jnp.exp(-self.dt * jnp.exp(self.beta * v))

    def slope(self, v):
        return self.beta * self.dt * jnp.exp(self.beta * v) * (1 - self.prob(v))

    def log_prob(self, v, s):
        return jnp.where(s > 0, jnp.log(self.prob(v)), jnp.log1p(-self.prob(v)))

    def slope_over_prob(self, v):
        return self.slope(v) / self.prob(v)

    def slope_over_silence(self, v):
        return self.slope(v) / (1 - self.prob(v))


def enumerated(w, n):
    """Return mean loss and its derivative over all spike trains of n steps."""
    t = jnp.arange(1, n + 1) * T / n
    alpha = float(np.exp(-T / n / TAU_M))
    spikes = snn.SpikeFunction(Hazard(BETA, T / n))
    drive = jnp.array(psp(np.asarray(t)) - alpha * psp(np.asarray(t - T / n)))
    cost = jnp.array(LOSS.value(np.asarray(t)))

    def step(params, u, x):
        u = alpha * u + params["w"] * x
        s = spikes(u - THETA)
        return u * (1 - s), s

    network = snn.Steps(step, jnp.zeros(1))
    program = snn.Program(network, drive[:, None], lambda s: jnp.sum(cost * s[:, 0]))
    result = snn.ExactEnumeration()(program, {"w": jnp.array(w)})
    return float(result.loss), float(result.grad["w"])


@pytest.mark.parametrize("n", [4, 8])
def test_sums_over_last_spikes_are_sums_over_all_spike_trains(n):
    value, grad = enumerated(1.1, n)
    steps = Steps(1.1, Exponential(BETA), T, n)
    assert steps.mean_loss(LOSS) == pytest.approx(value, rel=1e-10)
    assert steps.true_gradient(LOSS) == pytest.approx(grad, rel=1e-9)
    assert steps.surrogate(LOSS, through=False) != pytest.approx(grad, rel=0.1)
    assert steps.surrogate(LOSS, through=True) != pytest.approx(grad, rel=0.01)


def test_surrogates_are_the_expected_ones_of_snn():
    n = 8
    t = np.arange(1, n + 1) * T / n
    alpha = float(np.exp(-T / n / TAU_M))
    spikes = snn.SpikeFunction(Hazard(BETA, T / n))
    drive = jnp.array(psp(t) - alpha * psp(t - T / n))
    cost = jnp.array(LOSS.value(t))
    for through in (False, True):

        def step(params, u, x, through=through):
            u = alpha * u + params["w"] * x
            s = spikes(u - THETA)
            kept = s if through else jax.lax.stop_gradient(s)
            return u * (1 - kept), s

        network = snn.Steps(step, jnp.zeros(1))
        program = snn.Program(network, drive[:, None], lambda s: jnp.sum(cost * s[:, 0]))
        mean = snn.Expected(snn.Surrogate())(program, {"w": jnp.array(1.1)}).grad["w"]
        own = Steps(1.1, Exponential(BETA), T, n).surrogate(LOSS, through=through)
        assert own == pytest.approx(float(mean), rel=1e-9)


def test_an_exploding_mean_takes_more_digits_than_a_double_has():
    """At 320 steps the reference is a sum in 40, 80 and 120 digits by mpmath, which agree."""
    exactly = truth.reward_near(Decimal(10), Decimal(4))
    steady = Steps(1.2, Exponential(20.0), T, 80)
    assert steady.surrogate_in_decimals(exactly) == pytest.approx(
        steady.surrogate(LOSS, through=True), rel=1e-12
    )
    exploding = Steps(1.2, Exponential(20.0), T, 320)
    assert exploding.surrogate_in_decimals(exactly) == pytest.approx(3.85268031e14, rel=1e-6)
    assert abs(exploding.surrogate(LOSS, through=True)) > 1e18, "nothing but rounding errors"
