"""Figure 3 b counts what is computed, not what an estimator says of itself."""

from collections.abc import Callable
from typing import final

import jax
import jax.numpy as jnp
import pytest

import snn
from experiments.deep_networks.evaluation_cost import cost, mlp, recurrent_lif
from experiments.estimators import estimator
from snn.estimators.base import Estimator
from snn.program import Program
from snn.types import Estimate, Noise, Params
from snn.value_object import value_object

LAYERED, RECURRENT = mlp(4, 2), recurrent_lif(2, 3)


@pytest.mark.parametrize(
    ("name", "network", "expected"),
    [
        ("exact_enumeration", LAYERED, 2**5),
        ("exact_enumeration", RECURRENT, 2**6),
        ("stochastic_ad", LAYERED, 1 + 5),
        ("stochastic_ad_few_flips", LAYERED, 1 + 2),
        ("surrogate", LAYERED, 1),
    ],
)
def test_runs_are_counted(name: str, network: tuple[Program, Callable], expected: int):
    assert cost(estimator(name, n_flips=2), *network) == expected


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
