"""The plane of figure 5's loops: given directions are orthonormalised, or it is drawn at random."""

import numpy as np
import pytest

from experiments.sigmoid_network.five_weights import plane
from experiments.sigmoid_network.loop_integral import LoopIntegral
from experiments.sigmoid_network.stochastic_loop_integral import StochasticLoopIntegral

GIVEN = [1.0, 2.0, 0.0, -1.0, 0.5], [0.3, 0.0, 1.0, 1.0, -2.0]


def orthonormal(directions):
    directions = np.array(directions)
    return np.allclose(directions @ directions.T, np.eye(2), rtol=0, atol=1e-14)


def test_orthonormal_directions_stay_to_the_last_bit():
    published = LoopIntegral()
    directions = plane(published.direction1, published.direction2)
    np.testing.assert_array_equal(directions, [published.direction1, published.direction2])
    assert not orthonormal(directions)  # to ten digits only


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_others_are_orthonormalised_one_after_the_other(scale):
    first, second = scale * np.array(GIVEN[0]), np.array(GIVEN[1])
    one = first / np.linalg.norm(first)
    rest = second - (second @ one) * one
    actual = plane(first.tolist(), second.tolist())
    assert orthonormal(actual)
    np.testing.assert_allclose(actual, [one, rest / np.linalg.norm(rest)], atol=1e-14)
    assert np.abs(plane(second.tolist(), first.tolist())[0] - actual[1]).max() > 0.1


def test_a_random_plane_has_a_seed_and_no_preferred_direction():
    planes = np.array([plane(*GIVEN, seed) for seed in range(4000)])
    assert all(map(orthonormal, planes))
    np.testing.assert_array_equal(planes[3], plane([0.0] * 5, [0.0] * 5, seed=3))
    # Both directions are uniform on the sphere: mean 0, covariance 1/5.
    for directions in np.moveaxis(planes, 1, 0):
        assert np.abs(directions.mean(axis=0)).max() < 5 * np.sqrt(0.2 / 4000)
        covariance = directions.T @ directions / 4000
        assert np.abs(covariance - np.eye(5) / 5).max() < 5 * np.sqrt(0.1 / 4000)


@pytest.mark.parametrize(
    "directions",
    [([0.0] * 5, GIVEN[0]), (GIVEN[0], [0.0] * 5), (GIVEN[0], [-3 * x for x in GIVEN[0]])],
    ids=["zero", "second zero", "parallel"],
)
def test_directions_that_span_no_plane_are_refused(directions):
    for experiment in (LoopIntegral, StochasticLoopIntegral):
        settings = dict(zip(("direction1", "direction2"), directions, strict=True))
        with pytest.raises(ValueError, match="do not span a plane"):
            experiment(**settings)
        experiment(**settings, random_plane=0)


def test_both_experiments_take_the_plane():
    data = StochasticLoopIntegral(random_plane=4, n_angles=9, radius=1.0)
    actual = data.summary(data.compute(None))
    assert abs(actual["exact_loop"].value) < 1e-13
    assert abs(actual["expected_sg_loop"].value) > 1e-4
    first, second = (direction.tolist() for direction in plane(*GIVEN, 4))
    same = StochasticLoopIntegral(direction1=first, direction2=second, n_angles=9)
    loop = same.summary(same.compute(None))["expected_sg_loop"].value
    data = StochasticLoopIntegral(random_plane=4, n_angles=9)
    assert data.summary(data.compute(None))["expected_sg_loop"].value == loop
    settings = StochasticLoopIntegral(n_angles=9)
    other = settings.summary(settings.compute(None))["expected_sg_loop"].value
    assert abs(other / loop - 1) > 0.1
    pooled = LoopIntegral(random_plane=4).pooled({})
    np.testing.assert_array_equal(pooled["directions"], plane(*GIVEN, 4))
