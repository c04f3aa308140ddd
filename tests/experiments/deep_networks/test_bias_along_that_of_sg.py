"""C4b sees the surrogate gradient's bias, and half of it, where single parameters do not."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.deep_networks.multilayer_derivatives import along
from experiments.engine.config import Project
from experiments.replication.claim import claims_of
from experiments.replication.goldens import read

PROJECT = Project()
CLAIM = next(claim for claim in claims_of(PROJECT.places) if claim.id == "C4b")
GOLDEN = {
    f"fig3.{name}": quantity for name, quantity in read(PROJECT.golden("fig3")).quantities.items()
}


def with_bias(name, share):
    """The golden numbers, had one estimator such a share of the surrogate gradient's bias."""
    quantity = GOLDEN[name]
    return GOLDEN | {name: replace(quantity, value=quantity.value + share)}


@pytest.mark.parametrize("name", CLAIM.value_of)
def test_the_bias_that_must_be_caught_is_ten_standard_errors(name):
    assert 1 / GOLDEN[name].se > 10
    assert CLAIM.evaluate(with_bias(name, 0.0)).holds is True
    assert CLAIM.evaluate(with_bias(name, 0.5)).holds is not True
    assert CLAIM.evaluate(with_bias(name, 1.0)).holds is False


def test_the_surrogate_gradient_has_its_own_bias():
    share = GOLDEN["fig3.estimators.bias_over_that_of_sg[surrogate]"]
    assert abs(share.value - 1) < 3 * share.se < 0.1


def test_a_bias_within_the_noise_of_every_parameter_is_seen():
    rng = np.random.default_rng(0)
    bias, n_trials = rng.choice([-1.0, 1.0], 400), 100
    noise = rng.normal(0, 10, (n_trials, bias.size))
    for share in (0.0, 1.0):
        errors = share * bias + noise
        z = errors.mean(axis=0) / (errors.std(axis=0, ddof=1) / n_trials**0.5)
        assert np.abs(z).max() < 5
        actual = along(bias, errors)
        assert abs(actual.mean - share) < 4 * actual.se < 1 / 4
    assert np.isnan(along(0 * bias, noise).mean)
