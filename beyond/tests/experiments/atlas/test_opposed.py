"""Directions of exact means in many networks, and claims that they can refute."""

import jax
import numpy as np
import pytest

from beyond.experiments.atlas.claims import CLAIMS
from beyond.experiments.atlas.opposed import LEAST, Opposed

# As in the smoke preset, with fewer networks; seed 60 is that of the committed numbers.
MANY = Opposed(depths=[2], width=3, betas=[1.0, 4.0], n_networks=500, seeds=[60])
NAMES = list(MANY.estimators)


@pytest.fixture(scope="module")
def data():
    with jax.numpy_rank_promotion("allow"):
        return {name: array[None] for name, array in MANY.compute(60).items()}


def failed_in(data):
    quantities = {f"fig8.directions.{name}": q for name, q in MANY.summary(data).items()}
    claims = [c for c in CLAIMS if c.value_of[0] in quantities]
    assert len(claims) == 4
    return {c.id for c in claims if not c.relation.holds(*map(quantities.get, c.value_of))}


def test_no_claim_fails_for_the_right_means(data):
    assert failed_in(data) == set()


@pytest.mark.parametrize(
    ("changed", "other", "claims"),
    [
        ("smoothed_two_sided", "surrogate", {"E6", "E9a"}),
        ("surrogate_x2", "surrogate", {"E7"}),
        ("mean_field", "smoothed_two_sided", {"E9b"}),
    ],
)
def test_claims_fail_where_an_estimator_is_another(changed, other, claims, data):
    i, j = NAMES.index(changed), NAMES.index(other)
    arrays = dict(data)
    for name in ("cosine", "bias"):
        arrays[name] = data[name].copy()
        arrays[name][:, :, :, i] = data[name][:, :, :, j]
    assert failed_in(arrays) == claims


def test_a_short_gradient_is_not_opposed(data):
    cosine, norm = -np.ones_like(data["cosine"]), np.full_like(data["norm"], LEAST / 2)
    pooled = MANY.pooled(data | {"cosine": cosine, "norm": norm})
    assert np.all(pooled["share"][:, 0] == 0) and pooled["n_short"] == 500
    pooled = MANY.pooled(data | {"cosine": cosine, "norm": 4 * norm})
    assert np.all(pooled["share"][:, 0] == 1) and pooled["n_short"] == 0
