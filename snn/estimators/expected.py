r"""The exact expectation of another estimator, by enumeration of all spike patterns.

.. math::
    E[g] = \sum_{s} P(s)\, g(s)

for estimators g that depend on the noise through the spikes alone: surrogate gradients, smoothed
stochastic derivatives and the score function. It turns their bias into a number without error bar.
"""

from __future__ import annotations

from typing import final

import jax
import jax.numpy as jnp
from jax import Array

from snn.estimators.base import Estimator, Oracle, map_batched
from snn.estimators.exact_enumeration import pattern_probability
from snn.estimators.surrogate import Surrogate
from snn.noise import all_patterns, n_sites
from snn.program import Program, site_shapes
from snn.spikes import FIXED
from snn.types import Estimate, Noise, Params
from snn.value_object import static, value_object


@final
@value_object
class Expected(Oracle):
    """Exact mean of a sampled estimator, at 2^n forward passes for n spike sites.

    Attributes:
        estimator: an estimator whose `depends_only_on_spikes` is true: a `Surrogate` (forward
            `snn.sample`), a `SmoothedStochasticAD` or a `ScoreFunction` (without leave-one-out).
        max_sites: largest number of spike sites.
    """

    estimator: Estimator = Surrogate()
    max_sites: int = static(default=16)

    def evaluate(self, program: Program, params: Params) -> Estimate:
        """Return the expected loss, and the expectation of the estimator.

        Raises:
            ValueError: if the program has too many sites, or the estimator depends on more than
                the spikes.
        """
        sampled = isinstance(self.estimator, Estimator)
        if not (sampled and self.estimator.depends_only_on_spikes):
            name = type(self.estimator).__name__
            raise ValueError(
                f"Expected: got {self.estimator}, expected a Surrogate with sampled spikes, a "
                f"SmoothedStochasticAD, a ScoreFunction without leave-one-out, or an estimator "
                f"of your own that uses its noise for spikes only. Replays and baselines use it "
                f"in other ways: average samples of them instead. If {name} uses its noise for "
                f"spikes only, let {name}.depends_only_on_spikes return True."
            )
        shapes = site_shapes(program, params)
        patterns = all_patterns(shapes, self.max_sites)

        def probability(pattern: Noise) -> Array:
            return pattern_probability(program(params, pattern, FIXED))

        # Every pattern is one trial of the estimator, weighed by its probability. The probability
        # is not differentiated: the estimator returns a gradient already.
        weight = map_batched(probability, patterns, self.batch_size)
        estimates = self.estimator.per_trial(program, params, patterns)
        grad = jax.tree.map(lambda g: jnp.tensordot(weight, g, axes=1), estimates.grad)
        return Estimate(grad, weight @ estimates.loss, 2 ** n_sites(shapes))
