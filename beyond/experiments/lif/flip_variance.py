"""Variance of unbiased stochastic AD in a LIF network, against the number and draw of flips."""

from typing import Annotated

import jax
import numpy as np
from pydantic import Field

from beyond.experiments.lif.trial_batches import PER_RUN, layer_batches
from beyond.experiments.lif.untrained import Untrained
from experiments.engine.experiment import (
    Data,
    Positive,
    Quantity,
    Rising,
    array,
    listed,
    param,
    statistical,
)
from experiments.estimators import estimator
from experiments.merge_estimators import merge_estimators
from snn.estimators.base import Estimator
from snn.stats.batch_means import squared_norm

N_BATCHES = 64
N_BLOCKS = 4

VARIANTS = [
    "stochastic_ad_few_flips",
    "stochastic_ad_systematic",
    "stochastic_ad_left_systematic",
    "suffix_replays",
]
"""Names of variants: draws with straight-through coupling, another coupling, short replays."""
PLAIN, BEST, _, SHORT = VARIANTS


def _with_flips(n_flips: int) -> dict[str, Estimator]:
    """Return the variants by name; all but short replays share a program."""
    blocks = {"n_blocks": N_BLOCKS, "flips_per_block": n_flips // N_BLOCKS}
    variants = [estimator(v, batch_size=PER_RUN, n_flips=n_flips, **blocks) for v in VARIANTS]
    variants[:-1] = merge_estimators(variants[:-1], "draw", "coupling")
    return dict(zip(VARIANTS, variants, strict=True))


class FlipVariance(Untrained):
    """Variance of one trial's estimate relative to the squared norm of the gradient.

    References are all sites flipped, the score function and the surrogate gradient.
    """

    n_flips: Rising[Annotated[int, Field(ge=4)]] = param(
        [4, 16, 64, 256], "flips per trial, multiples of 4"
    )
    beta: Positive = param(10.0, "slope of the escape noise", unit="1/theta")
    n_trials: Annotated[int, Field(ge=2 * N_BATCHES, le=1_000_000)] = param(
        1024, "trials of each estimate"
    )
    n_trials_all: Annotated[int, Field(ge=N_BATCHES, le=1_000_000)] = param(
        128, "trials with all sites flipped"
    )

    ARRAYS = {
        "variance": array(
            "seed, variant, flips, layer",
            "variance of stochastic AD over the gradient's squared norm",
        ),
        "variants": array("seed, variant", "names"),
        "evaluations": array("seed, variant, flips", "forward passes per trial"),
        **array("seed, layer", "variance of one trial, over the gradient's squared norm").each(
            "{}", ("stochastic_ad", "score_function", "surrogate_through")
        ),
    }

    def check(self) -> None:
        """Refuse more flips than sites, and flips or steps that do not divide into blocks.

        Raises:
            ValueError: For more flips than sites, and for flips or steps that do not divide into
                blocks.
        """
        what, shared = f"not shared evenly by {N_BLOCKS} blocks of time", f"multiples of {N_BLOCKS}"
        if any(n % N_BLOCKS for n in self.n_flips):
            raise ValueError(f"{what}: {self.given('n_flips')}; expected {shared}")
        if self.steps % N_BLOCKS:
            raise ValueError(f"{what}: {self.given('steps')}; expected {shared}")
        self.refuse_flips(max(self.n_flips))

    def compute(self, seed: int) -> Data:
        """Return the variances in one network."""
        key, noise_key, reference_key = jax.random.split(jax.random.key(seed), 3)
        program, params = self.network(key, self.beta)
        n_most = max(self.n_flips)
        reference = layer_batches(
            _with_flips(n_most)[BEST], program, params, reference_key, N_BATCHES, self.n_trials
        )
        norms = np.array([squared_norm(layer) for layer in reference])

        def variance(method: Estimator, n_trials: int = self.n_trials) -> np.ndarray:
            layers = layer_batches(method, program, params, noise_key, N_BATCHES, n_trials)
            return n_trials // N_BATCHES * np.array([g.var(axis=0, ddof=1).sum() for g in layers])

        # A replay of a suffix counts as a fraction of a forward pass, by steps.
        share = [(N_BLOCKS + 1) / (2 * N_BLOCKS) if v == SHORT else 1 for v in VARIANTS]
        each = [[variance(_with_flips(n)[v]) for n in self.n_flips] for v in VARIANTS]
        all_sites = estimator("stochastic_ad", batch_size=1)
        return {
            "variants": np.array(VARIANTS),
            "evaluations": 1 + np.outer(share, self.n_flips),
            "variance": np.array(each) / norms,
            "stochastic_ad": variance(all_sites, self.n_trials_all) / norms,
            "score_function": variance(estimator("score_function")) / norms,
            "surrogate_through": variance(estimator("surrogate_through")) / norms,
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the hidden layer's variances at the most flips, over independent draws."""
        hidden = dict(zip(listed(data, "variants"), data["variance"][:, :, -1, 0].T, strict=True))
        quantities = {}
        for name in listed(data, "variants"):
            if name != PLAIN:
                ratio = (hidden[name] / hidden[PLAIN]).mean()
                error = ERROR * ratio / len(hidden[name]) ** 0.5
                quantities[f"{name}_over_few_flips"] = statistical(ratio, error)
        return quantities


ERROR = 0.15
"""Approximate relative error of a variance over a number of trials."""
