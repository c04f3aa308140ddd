r"""The exact expectation of another estimator, by enumeration of all spike patterns.

.. math::
    E[g] = \sum_{s} P(s)\, g(s)

for estimators g that depend on the noise through the spikes alone: surrogate gradients, smoothed
stochastic derivatives and the score function. It turns their bias into a number without error bar.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from snn.estimators.base import Estimator, map_batched
from snn.estimators.exact_enumeration import pattern_probability
from snn.estimators.surrogate import Surrogate
from snn.noise import all_patterns, n_sites, site_shapes
from snn.spikes import Spike, sample
from snn.surrogate import Zero
from snn.types import Estimate, Noise, Params, Program
from snn.value_object import static, value_object


@value_object
class Expected(Estimator):
    """Exact mean of a sampled estimator, 2^n evaluations. The noise argument is not used.

    Attributes:
        estimator: one that is ``from_spikes_alone``: a `Surrogate` (forward `snn.sample`), a
            `SmoothedStochasticAD` or a `ScoreFunction` (without leave-one-out, which mixes trials).
        max_sites: refuse programs with more spike sites than this.
    """

    estimator: Estimator = Surrogate()
    max_sites: int = static(default=16)

    @jax.jit
    def __call__(
        self, program: Program, params: Params, noise: Noise | None = None, key: Array | None = None
    ) -> Estimate:
        """The expected loss, and the expectation of the estimator.

        Raises:
            ValueError: if the program has too many sites, or the estimator depends on more than
                the spikes.
        """
        self._check()
        shapes = site_shapes(program, params)
        patterns = all_patterns(shapes, self.max_sites)

        def probability(pattern: Noise) -> Array:
            return pattern_probability(program(params, pattern, Spike(sample, Zero())))

        weight = map_batched(probability, patterns, self.batch_size)
        each = self.estimator.per_trial(program, params, patterns)
        grad = jax.tree.map(lambda g: jnp.tensordot(weight, g, axes=1), each.grad)
        return Estimate(grad, weight @ each.loss, 2 ** n_sites(shapes))

    def _check(self) -> None:
        if not self.estimator.from_spikes_alone:
            raise ValueError(
                f"Expected: got {self.estimator}, expected a Surrogate with sampled spikes, a "
                f"SmoothedStochasticAD, or a ScoreFunction without leave-one-out. Replays and "
                f"baselines depend on more than the spike pattern; average samples instead."
            )
