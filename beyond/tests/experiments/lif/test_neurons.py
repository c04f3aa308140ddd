"""Gradients of small recurrent LIF networks, against all spike patterns."""

import jax
import numpy as np
import pytest

import snn
from beyond.experiments.lif.lif_task import lif_task
from experiments.estimators import estimator
from experiments.neurons import NEURONS
from snn.stats import flatten, flatten_trials, mean_and_se, z_score

N_TRIALS, MAX_SITES = 4096, 14
UNBIASED = (
    "stochastic_ad_few_flips",
    "stochastic_ad_systematic",
    "suffix_replays",
    "score_function",
)
# Short replays have as many flips in each block as the others have in a trial.
FLIPS = {"n_flips": 4, "flips_per_block": 4, "n_blocks": 2}
FIX = "repair the neuron, or remove its line from experiments/neurons.py"


@pytest.mark.parametrize("name", NEURONS)
def test_unbiased_estimators_have_the_enumerated_mean_and_a_surrogate_gradient_has_not(name):
    key, noise_key, own_key = jax.random.split(jax.random.key(0), 3)
    problem = lif_task(key, (3, 2), 6, beta=2.5, recurrence=0.3, neuron=name, input_rate=300.0)
    exact = flatten(snn.ExactEnumeration(max_sites=MAX_SITES)(*problem).grad)
    noise = snn.draw_noise(*problem, noise_key, N_TRIALS)
    # For weights without influence, estimate and gradient are rounding errors.
    matters = np.abs(exact) > 1e-4 * np.abs(exact).max()

    def max_abs_z(method):
        trials = estimator(method, **FLIPS).per_trial(*problem, noise, own_key).grad
        return np.abs(z_score(mean_and_se(flatten_trials(trials)), exact)[matters]).max()

    for method in UNBIASED:
        assert max_abs_z(method) < 5, f"{name}: {method} is biased; {FIX}"
    assert max_abs_z("surrogate_through") > 20, f"{name}: the test has no power; {FIX}"
