r"""Mixtures of a broad surrogate gradient and an unbiased estimate, :math:`\hat h`.

- `PerNeuron`: one estimate for the weights onto neurons that are silent in all trials of the broad
  estimate, and the other estimate for all other weights. Both have separate trials.
- `Jittered`: broad plus :math:`(\hat h_1 - \hat h_2) / \sqrt 2` of two independent unbiased
  estimates; this difference has mean zero and the covariance of one estimate.
- `InOtherNoise`: an estimate in a network whose noise has another slope.
"""

from dataclasses import replace
from typing import Any, final

import jax
import jax.numpy as jnp
from jax import Array

import snn
from snn.estimators.base import Estimator
from snn.estimators.surrogate import Surrogate
from snn.program import Program
from snn.types import Estimate, Noise, Params, Trace
from snn.value_object import static, value_object


@value_object
class Pair(Estimator):
    """Broad and unbiased estimator with separate trials; the unbiased one has the last."""

    broad: Surrogate
    unbiased: Estimator

    def single(self, program: Program, params: Params, noise: Noise, key: Array) -> Estimate:
        """Raise TypeError: an estimate needs several trials.

        Raises:
            TypeError: always.
        """
        raise TypeError(f"{type(self).__name__}: got a single trial, expected several at once.")


def _trials(noise: Noise, part: slice) -> Noise:
    return jax.tree.map(lambda leaf: leaf[part], noise)


@final
@value_object
class PerNeuron(Pair):
    """Mixture by neuron: broad or unbiased estimate, by whether the neuron is silent in a batch.

    Attributes:
        broad_at_silent: whether silent neurons have the broad estimate.
    """

    broad_at_silent: bool = static(default=True)

    def __call__(
        self, program: Program, params: Params, noise: Noise, key: Array | None = None
    ) -> Estimate:
        """Return the estimate from all trials but the last, and flips in the last."""
        broad, runs = self.broad.with_runs(program, params, _trials(noise, slice(-1)))
        unbiased = self.unbiased(program, params, _trials(noise, slice(-1, None)), key)
        return broad._replace(grad=self.mixed(broad.grad, unbiased.grad, runs.trace))

    def mixed(self, broad: Params, unbiased: Params, trace: Trace) -> Params:
        """Choose a gradient for the weights onto each neuron, the last axis.

        Args:
            broad: broad surrogate gradient.
            unbiased: unbiased estimate, same structure.
            trace: potentials and spikes of all trials.

        Returns:
            A gradient of the same structure.
        """
        silent = [layer.s.sum(axis=(0, 1)) == 0 for layer in trace]  # in all trials and steps
        take = [of_layer == self.broad_at_silent for of_layer in silent]
        return [
            jax.tree.map(lambda b, u, on=on: jnp.where(on, b, u), *layers)
            for on, *layers in zip(take, broad, unbiased, strict=True)
        ]


@final
@value_object
class Jittered(Pair):
    """Broad estimate with the noise of an unbiased estimate."""

    def __call__(
        self, program: Program, params: Params, noise: Noise, key: Array | None = None
    ) -> Estimate:
        """Return the estimate from all trials but the last two, and flips in these."""
        broad = self.broad(program, params, _trials(noise, slice(-2)))
        pair = self.unbiased.per_trial(program, params, _trials(noise, slice(-2, None)), key).grad
        grad = jax.tree.map(lambda g, h: g + (h[0] - h[1]) / 2**0.5, broad.grad, pair)
        return broad._replace(grad=grad)


@final
@value_object
class InOtherNoise(Estimator):
    """Estimator in the same network, with sigmoid escape noise of another slope."""

    estimator: Estimator
    beta: Any

    @property
    def needs_key(self) -> bool:
        """True if the estimator needs a key."""
        return self.estimator.needs_key

    def single(self, program: Any, params: Params, noise: Noise, key: Array) -> Estimate:
        """Return the estimate in the other noise."""
        network = replace(program.network, escape=snn.escape.Sigmoid(self.beta))
        return self.estimator.single(replace(program, network=network), params, noise, key)


@final
@value_object
class Averaged(Estimator):
    """Mean of an estimator over trials, with noise that is drawn only once.

    Without the barrier XLA draws the noise again in every step of the replays, which takes six
    times as long.
    """

    estimator: Estimator

    def single(self, program: Program, params: Params, noise: Noise, key: Array) -> Estimate:
        """Return the estimate from one trial."""
        return self.estimator.single(program, params, noise, key)

    def __call__(
        self, program: Program, params: Params, noise: Noise, key: Array | None = None
    ) -> Estimate:
        """Return the mean over trials."""
        return self.estimator(program, params, jax.lax.optimization_barrier(noise), key)
