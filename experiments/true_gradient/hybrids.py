r"""What figure 10 trains spiking networks with: mixtures of a broad surrogate and an unbiased one.

*Broad* is the surrogate gradient of a quarter (`RATIO`) of the noise's slope, through the reset.
*Unbiased* is stochastic AD with all flips of a budget in one trial, :math:`\hat h`.

- `PerNeuron`: one of both for the weights onto neurons that are silent in all trials of the broad
  one, the other for all other weights. Both have trials of their own.
- `Jittered`: broad plus :math:`(\hat h_1 - \hat h_2) / \sqrt 2` of two independent unbiased
  estimates, which has no mean and the covariance of one.
- `InOtherNoise`: an estimate in the network with noise of another slope.
- `Schedule`: one method in the first part of training, then another; `Annealed`: a slope that rises
  over training.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Self, cast, final

import jax
import jax.numpy as jnp
from jax import Array

import snn
from experiments.true_gradient.budgets import METHODS, Followed, Method
from snn.estimators.base import Estimator
from snn.estimators.surrogate import Surrogate
from snn.program import Program
from snn.types import Estimate, Noise, Params, Trace
from snn.value_object import static, value_object

RATIO = 0.25
"""Slope of the broad surrogate, and of the broader noise, over that of the noise."""


@value_object
class Pair(Estimator):
    """A broad and an unbiased estimator, which have trials of their own: the unbiased the last.

    Attributes:
        broad: the broad one.
        unbiased: the unbiased one.
    """

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
        """The estimate from all trials but the last, and flips in the last."""
        broad, runs = self.broad.with_runs(program, params, _trials(noise, slice(-1)))
        unbiased = self.unbiased(program, params, _trials(noise, slice(-1, None)), key)
        return broad._replace(grad=self.mixed(broad.grad, unbiased.grad, runs.trace))

    def mixed(self, broad: Params, unbiased: Params, trace: Trace) -> Params:
        """Weights onto a neuron, the last axis, from one gradient or the other."""
        take = [
            (layer.s.sum(axis=(0, 1)) == 0) == self.broad_at_silent for layer in trace
        ]  # trial, time
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
        """The estimate from all trials but the last two, and flips in these."""
        broad = self.broad(program, params, _trials(noise, slice(-2)))
        each = self.unbiased.per_trial(program, params, _trials(noise, slice(-2, None)), key).grad
        grad = jax.tree.map(lambda g, h: g + (h[0] - h[1]) / 2**0.5, broad.grad, each)
        return broad._replace(grad=grad)


@final
@value_object
class InOtherNoise(Estimator):
    """An estimator in the same network with sigmoid escape noise of another slope.

    Attributes:
        of: the estimator.
        beta: the slope.
    """

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

    Attributes:
        of: the estimator.
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


@dataclass(frozen=True)
class Repeated(Method):
    """Several independent trials with the flips of one budget each.

    Attributes:
        times: how many.
    """

    times: int = 1

    def runs(self, budget: int) -> int:
        """Runs per update."""
        return self.times * super().runs(budget)

    def within(self, budget: int, beta: float | None = None) -> tuple[Estimator, int]:
        """The estimator, and its number of trials."""
        return Averaged(super().within(budget, beta)[0]), self.times


BROAD, UNBIASED, MATCHED = (
    "surrogate_through_x0.25",
    "stochastic_ad_systematic",
    "surrogate_through",
)


@dataclass(frozen=True)
class Mixed:
    """A `Pair` within the budget of both.

    Attributes:
        kind: the class.
        choices: its attributes beside the two estimators.
        n_unbiased: trials of the unbiased one.
    """

    kind: type[Pair]
    choices: dict[str, Any] = field(default_factory=dict)
    n_unbiased: int = 1

    def at(self, progress: float) -> Self:
        """The same throughout."""
        return self

    def runs(self, budget: int) -> int:
        """Runs per update."""
        return (1 + self.n_unbiased) * budget

    def within(self, budget: int, beta: float) -> tuple[Estimator, int]:
        """The estimator, and its number of trials."""
        broad, n_trials = METHODS[BROAD].within(budget, beta)
        unbiased, _ = METHODS[UNBIASED].within(budget)
        return self.kind(
            cast(Surrogate, broad), unbiased, **self.choices
        ), n_trials + self.n_unbiased


@dataclass(frozen=True)
class Smoothed(Method):
    """An estimator in noise of a quarter of the slope."""

    def within(self, budget: int, beta: float) -> tuple[Estimator, int]:
        """The estimator, and its number of trials."""
        made, n_trials = super().within(budget, beta)
        return InOtherNoise(made, RATIO * beta), n_trials


@dataclass(frozen=True)
class Schedule:
    """One method in the first half of training, another in the second, at equal runs."""

    first: Method
    second: Method

    def at(self, progress: float) -> Method:
        """The method of a share of the training."""
        return self.first if progress < 0.5 else self.second

    def runs(self, budget: int) -> int:
        """Runs per update."""
        return self.first.runs(budget)

    def within(self, budget: int, beta: float) -> tuple[Estimator, int]:
        """Those of the first half."""
        return self.first.within(budget, beta)


@dataclass(frozen=True)
class Annealed(Method):
    """A surrogate whose slope rises by equal factors, from a quarter of the noise's to its own.

    Attributes:
        progress: share of the training that is over.
    """

    progress: float = 0.0

    def at(self, progress: float) -> Self:
        """That of a share of the training."""
        return replace(self, progress=progress)

    def within(self, budget: int, beta: float) -> tuple[Estimator, int]:
        """The estimator, and its number of trials."""
        return super().within(budget, RATIO ** (1 - self.progress) * beta)


FOLLOWED: dict[str, Followed] = {
    UNBIASED: METHODS[UNBIASED],
    "stochastic_ad_systematic_x8": Repeated(UNBIASED, times=8),
    BROAD: METHODS[BROAD],
    "super_spike": METHODS["super_spike"],
    "broad_at_silent": Mixed(PerNeuron, {"broad_at_silent": True}),
    "unbiased_at_silent": Mixed(PerNeuron, {"broad_at_silent": False}),
    "unbiased_in_broader_noise": Smoothed(UNBIASED),
    "broad_jittered": Mixed(Jittered, n_unbiased=2),
    MATCHED: METHODS[MATCHED],
    "first_broad": Schedule(METHODS[BROAD], METHODS[UNBIASED]),
    "annealed": Annealed(MATCHED),
}
"""What updates follow, by name."""
