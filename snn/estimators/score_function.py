r"""Score function (likelihood ratio, REINFORCE): unbiased, with a variance that grows with sites.

.. math::
    g = (L - b) \nabla_\theta \sum_i \log P(s_i | v_i) |_{\text{spikes fixed}}
        + \nabla_\theta L |_{\text{spikes fixed}}

The baseline b must not depend on the trial's own spikes.

Reference: Williams, Machine Learning 8, 1992; leave-one-out baseline: Kool, van Hoof, Welling,
ICLR workshop on deep RL meets structured prediction, 2019.
"""

from __future__ import annotations

from typing import Protocol, final, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.arguments import Key
from snn.estimators.base import (
    Estimator,
    jitted,
    map_batched,
    n_trials,
    refuse_fixed_derivatives,
)
from snn.program import Program
from snn.spikes import FIXED
from snn.types import Estimate, Noise, Params
from snn.value_object import value_object


@runtime_checkable
class Baseline(Protocol):
    """Interface of a baseline, which maps the losses of all trials to a number per trial."""

    def __call__(self, losses: Array) -> Array:
        """Return the baseline of each trial, ``(trial,)``, given the losses, ``(trial,)``."""
        ...


@value_object
class NoBaseline:
    """Baseline b = 0."""

    def __call__(self, losses: Array) -> Array:
        return jnp.zeros_like(losses)


@value_object
class LeaveOneOut:
    """Baseline equal to the mean loss of the other trials; needs at least two trials."""

    def __call__(self, losses: Array) -> Array:
        n = losses.shape[0]
        if n < 2:
            raise ValueError(
                f"LeaveOneOut baseline: got {n} trial, expected at least 2. "
                f"Draw more trials, or use NoBaseline()."
            )
        return (jnp.sum(losses) - losses) / (n - 1)


@final
@value_object
class ScoreFunction(Estimator):
    """Score-function estimator, with a forward and a reverse pass.

    Attributes:
        baseline: `NoBaseline`, `LeaveOneOut` or another `Baseline`.
    """

    baseline: Baseline = NoBaseline()

    @property
    def depends_only_on_spikes(self) -> bool:
        """True unless the baseline mixes trials."""
        return not isinstance(self.baseline, LeaveOneOut)

    def single(
        self, program: Program, params: Params, noise: Noise, key: Key | None = None
    ) -> Estimate:
        """Return the estimate from one trial.

        Raises:
            ValueError: if the baseline is leave-one-out, which needs other trials.
        """
        alone = jax.tree.map(lambda leaf: leaf[None], noise)
        return jax.tree.map(lambda leaf: leaf[0], self.per_trial(program, params, alone))

    @jitted
    def per_trial(
        self, program: Program, params: Params, noise: Noise, key: Key | None = None
    ) -> Estimate:
        """Return one estimate per trial; only the baseline combines trials.

        Raises:
            ValueError: if there is one trial and a leave-one-out baseline, or if the program calls
                `snn.spike`.
        """
        refuse_fixed_derivatives(type(self).__name__, program, params)
        self.baseline(jnp.zeros(n_trials(noise)))  # raises its error before the computation

        def trial(noise: Noise) -> tuple[Array, Params, Params]:

            def loss_and_log_prob(p: Params) -> tuple[Array, Array]:
                run = program(p, noise, FIXED)
                log_prob = sum(jnp.sum(layer.log_prob) for layer in run.trace)
                return run.loss, jnp.asarray(log_prob)

            # Two pullbacks, since the baseline is known only after all trials.
            (loss, log_prob), pullback = jax.vjp(loss_and_log_prob, params)
            direct = pullback((jnp.ones_like(loss), jnp.zeros_like(log_prob)))[0]
            score = pullback((jnp.zeros_like(loss), jnp.ones_like(log_prob)))[0]
            return loss, direct, score

        loss, direct, score = map_batched(trial, noise, self.batch_size)
        advantage = loss - self.baseline(loss)
        grad = jax.tree.map(
            lambda d, g: d + jnp.reshape(advantage, (-1,) + (1,) * (g.ndim - 1)) * g, direct, score
        )
        return Estimate(grad, loss, jnp.ones_like(loss, int))

    def means_of_groups(self, grads: np.ndarray, losses: np.ndarray, k: int, n: int) -> np.ndarray:
        r"""Return the gradients of the first n groups of k trials each.

        A leave-one-out baseline then uses the k trials of a group, not all N trials. With the
        scores :math:`S_i` and :math:`d_i = L_i - \bar L`, the estimate of trial i among N trials is
        :math:`N d_i S_i / (N - 1)`. The mean over a group of k trials is
        :math:`\sum_i (d_i - \bar d) S_i / (k - 1)`, if the loss has no derivative at fixed
        spikes.

        Args:
            grads: flattened estimates of `per_trial`, ``(trial, parameter)``.
            losses: losses of the trials, ``(trial,)``.
            k: number of trials in a group, at least 2 for a leave-one-out baseline.
            n: number of groups, without common trials.

        Returns:
            The gradients, ``(group, parameter)``.
        """
        groups = grads[: n * k].reshape(n, k, -1)
        if not isinstance(self.baseline, LeaveOneOut):
            return groups.mean(axis=1)
        d = losses - losses.mean()
        apart = np.abs(d) > 1e-12 * np.abs(losses).max()
        scores = np.divide(1 - 1 / len(grads), d, out=np.zeros_like(d), where=apart)
        d, scores = (values[: n * k].reshape(n, k) for values in (d, scores))
        weights = (d - d.mean(axis=1, keepdims=True)) * scores
        return np.einsum("gk,gkp->gp", weights, groups) / (k - 1)
