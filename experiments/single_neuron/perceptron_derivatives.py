"""Derivative of a perceptron's firing probability, by several estimators."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.tree_util import Partial
from pydantic import Field

import snn
from experiments.engine.experiment import (
    Data,
    Distinct,
    Experiment,
    OneOf,
    Positive,
    Quantity,
    Seed,
    Share,
    Size,
    array,
    at,
    exact,
    param,
    seeds_param,
    statistical,
)
from experiments.estimators import estimator
from experiments.single_neuron.escape_noises import SHAPES
from experiments.statistics import wrong_sign
from snn.draws import draw_numbers
from snn.estimators.base import AnyEstimator, Estimator
from snn.noise import Uniforms
from snn.value_object import value_object


class PerceptronDerivatives(Experiment):
    """Derivatives of a perceptron's mean spike and mean squared error by one weight.

    The inputs are Poisson spike counts. The bias sets the membrane potential u.
    """

    n_inputs: Size = param(5, "number of inputs")
    rate: Positive = param(50.0, "rate of the Poisson inputs", unit="Hz")
    window: Positive = param(0.02, "time over which input spikes are counted", unit="s")
    noise: Annotated[str, OneOf(SHAPES)] = param(
        "sigmoid", "escape noise; its slope is the surrogate derivative"
    )
    beta: Positive = param(5.0, "slope of escape noise and surrogate", unit="1/potential")
    theta: float = param(1.0, "firing threshold", unit="potential")
    half_width: Positive = param(
        1.0, "largest distance of the membrane potential from theta", unit="potential"
    )
    n_points: Annotated[int, Field(ge=2, le=10_000)] = param(
        25, "membrane potentials with sampled estimates"
    )
    n_trials: Annotated[int, Field(ge=2, le=1_000_000)] = param(
        400, "trials for each sampled estimate"
    )
    target: Share = param(0.25, "target z of the loss (S - z)^2")
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "theta": array("seed", "threshold"),
        "target": array("seed", "z of the loss (S - z)^2"),
        "u": array("seed, point", "membrane potential"),
        "u_sampled": array("seed, point", "potentials at which trials are drawn"),
        "exact": array("seed, point", "dE[S]/dw"),
        "exact_sampled": array("seed, point", "dE[S]/dw at the sampled potentials"),
        "surrogate_deterministic": array(
            "seed, point", "surrogate gradient of the deterministic neuron"
        ),
        "surrogate_samples": array(
            "seed, trial, point", "surrogate gradient of the stochastic neuron in single trials"
        ),
        "score_function_no_baseline_mean": array(
            "seed, point", "mean over trials of the score function"
        ),
        "score_function_no_baseline_se": array("seed, point", "its standard error"),
        "stochastic_ad_right_mean": array("seed, point", "mean over trials of stochastic AD"),
        "stochastic_ad_right_se": array("seed, point", "its standard error"),
        **array(
            "seed", "largest deviation from the exact derivative, over weights, points and samples"
        ).each("{}_error", ("surrogate", "surrogate_deterministic", "spm")),
        "loss_exact": array("seed, point", "derivative of the expected loss"),
        "loss_surrogate": array("seed, point", "expected surrogate gradient of the loss"),
        "loss_surrogate_deterministic": array(
            "seed, point", "surrogate gradient of the loss, deterministic neuron"
        ),
        "loss_wrong_sign": array(
            "point", "whether the two have opposite signs under the loss, in all seeds"
        ),
    }

    def compute(self, seed: int) -> Data:
        """Return the derivatives with respect to the weight of the input with most spikes."""
        network = snn.MLP((self.n_inputs, 1), SHAPES[self.noise].make(self.beta), self.theta)
        shape = (self.n_points, self.n_trials, 1)
        mean = self.rate * self.window
        counts, w_key, noise = _drawn(jax.random.key(seed), mean, self.n_inputs, shape)
        # Without any input spike all derivatives would be zero.
        x = np.maximum(counts, np.arange(self.n_inputs) == 0).astype(float)
        # The bias is zero; to draw it, too, would compile another program.
        weights = snn.MLP(network.sizes, bias=False)
        neuron = _Perceptron(network, x, weights.init(w_key)[0]["w"])
        u = self.theta + self.half_width * np.linspace(-1, 1, 201)
        u_sampled = self.theta + self.half_width * np.linspace(-1, 1, self.n_points)
        arrays = {"theta": self.theta, "target": self.target, "u": u, "u_sampled": u_sampled}
        arrays |= _of_spike(neuron, u, u_sampled, noise) | _of_loss(neuron, self.target, u)
        return {name: np.asarray(array) for name, array in arrays.items()}

    def pooled(self, data: Data) -> Data:
        """Return where the mean surrogate gradient of the loss has the wrong sign, ``(point,)``."""
        wrong = wrong_sign(data["loss_surrogate"], data["loss_exact"])
        return {"loss_wrong_sign": np.all(wrong, axis=0)}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Summarise the identity in every sample, unbiased means, and the loss without identity."""

        def over_exact(name: str) -> Quantity:
            total = data["exact_sampled"].sum()
            error = np.sqrt(np.sum(data[f"{name}_se"] ** 2))
            return statistical(data[f"{name}_mean"].sum() / total, error / total)

        def deviation(name: str) -> Quantity:
            return exact(data[name].max(), rtol=0, atol=1e-12)

        return {
            at("minus_exact_max", "sg"): deviation("surrogate_error"),
            at("minus_exact_max", "sg_deterministic"): deviation("surrogate_deterministic_error"),
            at("minus_exact_max", "spm"): deviation("spm_error"),
            **{at("over_exact", name): over_exact(name) for name in SAMPLED},
        }


EXACT = estimator("exact_enumeration")
SPM = estimator("transfer_matrix")
SURROGATE = estimator("surrogate")
DETERMINISTIC = estimator("surrogate_deterministic")
SAMPLED = ("stochastic_ad_right", "score_function_no_baseline")


@value_object
class _Perceptron:
    """Perceptron with fixed input and weights; the membrane potential decides the bias."""

    network: snn.MLP
    x: Array
    w: Array

    def by_busiest(self, gradients: Array) -> Array:
        """Return the derivative by the weight of the input with most spikes."""
        return gradients[..., jnp.argmax(self.x)]

    def gradients(self, method: AnyEstimator, loss: Callable, u: Array) -> Array:
        """Return gradients of an estimator without sampling, ``(point, weight)``."""
        unused = Uniforms((jnp.full((u.size, 1, 1), 0.5, u.dtype),))
        return self._at_each(method, loss, u, unused)

    def trial_gradients(
        self, method: Estimator, loss: Callable, u: Array, noise: Uniforms
    ) -> Array:
        """Return gradients of every trial, ``(point, trial, weight)``."""
        return self._at_each(method.per_trial, loss, u, noise)

    def _at_each(
        self, estimate: Callable[..., snn.Estimate], loss: Callable, u: Array, noise: Uniforms
    ) -> Array:
        program = snn.Program(self.network, self.x, loss)

        def at(u: Array, noise: Uniforms) -> Array:
            bias = u - self.x @ self.w[:, 0]
            gradient = estimate(program, [{"w": self.w, "b": bias[None]}], noise).grad
            return gradient[0]["w"][..., 0]

        return jax.vmap(at)(u, noise)


@partial(jax.jit, static_argnums=(2, 3))
def _drawn(
    key: Array, mean: float, n_inputs: int, shape: tuple[int, ...]
) -> tuple[Array, Array, Uniforms]:
    """Return spike counts of the inputs, a key for weights, and the noise of all trials."""
    x_key, w_key, noise_key = jax.random.split(key, 3)
    counts = jax.random.poisson(x_key, mean, (n_inputs,), jnp.int32)
    return counts, w_key, Uniforms((draw_numbers(jax.random.uniform, noise_key, shape),))


@jax.jit
def _of_spike(neuron: _Perceptron, u: Array, u_sampled: Array, noise: Uniforms) -> dict[str, Array]:
    """Return the derivatives of E[S]."""
    spike = snn.losses.Linear()
    # All potentials at once, so that each estimator is compiled once.
    gradients = neuron.gradients(EXACT, spike, jnp.concatenate([u, u_sampled]))
    exact, exact_sampled = jnp.split(gradients, [u.size])
    thresholded = neuron.gradients(DETERMINISTIC, spike, u)
    trials = neuron.trial_gradients(SURROGATE, spike, u_sampled, noise)
    arrays = {
        "exact": neuron.by_busiest(exact),
        "surrogate_deterministic": neuron.by_busiest(thresholded),
        "exact_sampled": neuron.by_busiest(exact_sampled),
        "surrogate_samples": neuron.by_busiest(trials[:, :3]).T,
        "surrogate_error": jnp.abs(trials - exact_sampled[:, None]).max(),
        "surrogate_deterministic_error": jnp.abs(thresholded - exact).max(),
        "spm_error": jnp.abs(neuron.gradients(SPM, spike, u) - exact).max(),
    }
    for name in SAMPLED:
        trials = neuron.trial_gradients(estimator(name), spike, u_sampled, noise)
        samples = neuron.by_busiest(trials).T
        mean, se = snn.stats.mean_and_se(samples)
        arrays |= {f"{name}_mean": mean, f"{name}_se": se}
    return arrays


@jax.jit
def _of_loss(neuron: _Perceptron, target: float, u: Array) -> dict[str, Array]:
    """Return the derivatives of E[(S - z)^2], which is not linear in S."""
    loss = Partial(_squared, target)
    methods = {
        "loss_surrogate_deterministic": DETERMINISTIC,
        "loss_exact": EXACT,
        "loss_surrogate": snn.Expected(SURROGATE),
    }
    return {n: neuron.by_busiest(neuron.gradients(m, loss, u)) for n, m in methods.items()}


def _squared(target: float, output: Array) -> Array:
    """Return (S - z)^2 of the only output."""
    return jnp.sum((output - target) ** 2)
