"""Estimators made one program are what they were, each of them."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

import snn
from experiments.deep_networks.evaluation_cost import mlp
from experiments.merge_estimators import merge_estimators
from snn.coupling import Left, StraightThrough
from snn.flips import Independent, Systematic
from snn.surrogate import Sigmoid, SuperSpike


@cache
def arguments():
    """A program, its parameters, noise of 20 trials, and a key."""
    program, init = mlp(6, 2)
    params = init(jax.random.key(0))
    noise = snn.draw_noise(program, params, jax.random.key(1), 20)
    return program, params, noise, jax.random.key(2)


def gradients(estimator):
    return snn.stats.flatten_trials(estimator.per_trial(*arguments()).grad)


def form(estimator):
    leaves, structure = jax.tree.flatten(estimator)
    return structure, tuple(map(jnp.result_type, leaves))


def check(made, *parts):
    shared = merge_estimators(made, *parts)
    assert len(set(map(form, shared))) == 1 < len(set(map(form, made)))
    each = list(map(gradients, shared))
    for one, own in zip(made, each, strict=True):
        np.testing.assert_allclose(own, gradients(one), rtol=1e-12)
    assert all((own != each[0]).any() for own in each[1:])


def test_draws_and_couplings():
    check(
        [
            snn.StochasticAD(coupling, n_flips=3, draw=draw)
            for draw in (Independent(), Systematic())
            for coupling in (Left(), StraightThrough())
        ],
        "draw",
        "coupling",
    )


def test_derivatives_and_their_slopes():
    check([snn.Surrogate(d) for d in (Sigmoid(4.0), Sigmoid(1.0), SuperSpike(4.0))], "derivative")
