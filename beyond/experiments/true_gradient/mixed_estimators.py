r"""Mixtures of a broad surrogate gradient and an unbiased estimate, :math:`\hat h`.

- `PerNeuron`: one of both for the weights onto neurons that are silent in all trials of the broad
  one, the other for all other weights. Both have trials of their own.
- `Jittered`: broad plus :math:`(\hat h_1 - \hat h_2) / \sqrt 2` of two independent unbiased
  estimates, which has no mean and the covariance of one.
- `InOtherNoise`: an estimate in the network with noise of another slope.
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
    """A broad and an unbiased estimator, which have trials of their own: the unbiased the last."""

    broad: Surrogate
    unbiased: Estimator

    def single(self, program: Program, params: Params, noise: Noise, key: Array) -> Estimate:
        """Refuse, with a TypeError: an estimate takes several trials."""
        raise TypeError(f"{type(self).__name__}: got a single trial, expected several at once.")


def _trials(noise: Noise, part: slice) -> Noise:
    return jax.tree.map(lambda leaf: leaf[part], noise)


@final
@value_object
class PerNeuron(Pair):
    """One estimate at neurons that are silent in a batch, the other at all others.

    Attributes:
        broad_at_silent: whether the broad one is that at silent neurons.
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
        """Weights onto a neuron, the last axis, from one gradient or the other."""
        silent = [layer.s.sum(axis=(0, 1)) == 0 for layer in trace]  # in all trials and steps
        take = [of_layer == self.broad_at_silent for of_layer in silent]
        return [
            jax.tree.map(lambda b, u, on=on: jnp.where(on, b, u), *of)
            for on, *of in zip(take, broad, unbiased, strict=True)
        ]


@final
@value_object
class Jittered(Pair):
    """The broad estimate with the noise of an unbiased one."""

    def __call__(
        self, program: Program, params: Params, noise: Noise, key: Array | None = None
    ) -> Estimate:
        """Return the estimate from all trials but the last two, and flips in these."""
        broad = self.broad(program, params, _trials(noise, slice(-2)))
        each = self.unbiased.per_trial(program, params, _trials(noise, slice(-2, None)), key).grad
        grad = jax.tree.map(lambda g, h: g + (h[0] - h[1]) / 2**0.5, broad.grad, each)
        return broad._replace(grad=grad)


@final
@value_object
class InOtherNoise(Estimator):
    """An estimator in the same network with sigmoid escape noise of another slope."""

    of: Estimator
    beta: Any

    @property
    def needs_key(self) -> bool:
        """As the estimator does."""
        return self.of.needs_key

    def single(self, program: Any, params: Params, noise: Noise, key: Array) -> Estimate:
        """Its estimate there."""
        network = replace(program.network, escape=snn.escape.Sigmoid(self.beta))
        return self.of.single(replace(program, network=network), params, noise, key)


@final
@value_object
class Averaged(Estimator):
    """The mean of an estimator over trials, as its own; the noise is drawn only once.

    Without the barrier XLA draws it again in every step of the replays: six times the time.
    """

    of: Estimator

    def single(self, program: Program, params: Params, noise: Noise, key: Array) -> Estimate:
        """Its estimate from one trial."""
        return self.of.single(program, params, noise, key)

    def __call__(
        self, program: Program, params: Params, noise: Noise, key: Array | None = None
    ) -> Estimate:
        """Its mean over trials."""
        return self.of(program, params, jax.lax.optimization_barrier(noise), key)
