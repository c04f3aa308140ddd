"""Figure 3 b counts what is computed, not what an estimator says of itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import final

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from experiments.deep_networks.evaluation_cost import cost, mlp, recurrent_lif
from experiments.estimators import estimator
from snn.estimators.base import Estimator
from snn.program import Program
from snn.types import Estimate, Noise, Params
from snn.value_object import value_object

LAYERED, RECURRENT = mlp(4, 2), recurrent_lif(2, 3)


def executed(of: Estimator, program: Program, init: Callable) -> int:
    """How many losses pass the host while the gradient is computed."""
    n = 0

    def seen(loss: np.ndarray) -> np.ndarray:
        nonlocal n
        n += loss.size
        return np.zeros(loss.shape, loss.dtype)

    @jax.custom_jvp
    def watched(loss: jax.Array) -> jax.Array:
        same = jax.ShapeDtypeStruct(loss.shape, loss.dtype)
        # Without the zero that comes back, the call would be left out.
        return loss + jax.pure_callback(seen, same, loss, vmap_method="expand_dims")

    watched.defjvp(lambda primals, tangents: (watched(*primals), *tangents))
    watching = replace(program, loss=lambda output: watched(program.loss(output)))
    key = jax.random.key(0)
    jax.block_until_ready(of(watching, init(key), snn.draw_noise(program, init(key), key, 1), key))
    return n


@pytest.mark.parametrize(
    ("of", "network", "expected"),
    [
        (estimator("exact_enumeration"), LAYERED, 2**5),
        (estimator("exact_enumeration", batch_size=3), RECURRENT, 2**6),
        (estimator("stochastic_ad"), LAYERED, 1 + 5),
        (snn.StochasticAD(replay_batch=2), RECURRENT, 1 + 6),
        (estimator("stochastic_ad_few_flips", n_flips=2), LAYERED, 1 + 2),
        (estimator("surrogate"), LAYERED, 1),
    ],
)
def test_what_is_counted_is_what_runs(of: Estimator, network: tuple, expected: int):
    assert cost(of, *network) == executed(of, *network) == expected


def test_entries_of_transfer_matrices_are_counted():
    assert cost(estimator("transfer_matrix"), *LAYERED) == 2**2 + 2**4 + 2**3


def test_what_only_a_run_would_tell_is_not_guessed():
    stopping = estimator("truncated_replays", n_blocks=3)
    with pytest.raises(ValueError, match="losses in a while"):
        cost(stopping, *RECURRENT)


@final
@value_object
class TwiceAndSaysOnce(Estimator):
    """The surrogate gradient of two runs, which says that it took one."""

    def single(self, program: Program, params: Params, noise: Noise, key: jax.Array) -> Estimate:
        one = snn.Surrogate().single(program, params, noise)
        other = snn.Surrogate(forward=snn.threshold).single(program, params, noise)
        return jax.tree.map(lambda a, b: (a + b) / 2, one, other)._replace(
            n_evaluations=jnp.array(1)
        )


def test_an_estimator_that_says_too_little_is_found_out():
    assert cost(TwiceAndSaysOnce(), *LAYERED) == 2
