"""Gradients of PyTorch networks, and their table, are those of the same networks in JAX."""

import jax
import numpy as np
import pytest

import snn
from snn_tools import doctor
from snn_tools.shared.budget import Clock
from tools.tests.torch.networks import leaky, of_jax, of_torch, pairs

from snn_tools.torch.examination import examine  # isort: skip
from snn_tools.torch.refusals import replayed  # isort: skip
from snn_tools.torch.truth import enumerated  # isort: skip

PAIRS = pairs()


def gradients(pair, *oracles):
    """True and mean surrogate gradient by PyTorch, and those of oracles in JAX."""
    program, params = of_torch(pair)
    ours = [batches.means[0] for batches in enumerated(program, replayed(program), Clock(60))]
    jax_gradients = [oracle(of_jax(pair, program.x), params).grad for oracle in oracles]
    order = list(program.parameters)
    return ours, [
        np.concatenate([np.ravel(grad[name]) for name in order]) for grad in jax_gradients
    ]


@pytest.mark.parametrize("name", PAIRS)
def test_gradients_are_those_of_the_same_network_in_jax(name):
    mean = snn.Expected(snn.Surrogate(PAIRS[name].derivative))
    (true, surrogate), (exact, expected) = gradients(PAIRS[name], snn.ExactEnumeration(), mean)
    assert np.abs(exact).max() > 1e-3
    np.testing.assert_allclose(true, exact, rtol=0, atol=1e-12)
    # Spikes of snnTorch pass gradients in float32.
    atol = 1e-6 * np.abs(expected).max() if name.startswith("snnTorch") else 1e-12
    np.testing.assert_allclose(surrogate, expected, rtol=0, atol=atol)
    assert np.abs(true - surrogate).max() > 1e3 * atol


def test_another_reset_and_another_derivative_have_other_gradients():
    pair = PAIRS["snnTorch, Leaky, to zero"]._replace(cell=leaky)
    (true, surrogate), (exact, expected) = gradients(
        pair, snn.ExactEnumeration(), snn.Expected(snn.Surrogate())
    )
    assert min(np.abs(true - exact).max(), np.abs(surrogate - expected).max()) > 1e-4


def test_the_table_is_that_of_the_same_network_in_jax():
    pair = PAIRS["norse, LIF, recurrent"]
    program, params = of_torch(pair)
    theirs = doctor.compare(
        of_jax(pair, program.x),
        params,
        {"yours": snn.Expected(snn.Surrogate(pair.derivative))},
        jax.random.key(0),
        truth=snn.ExactEnumeration(),
    )
    ours = examine(program).comparison
    assert len(theirs.rows) > 3
    for row in theirs.rows:
        own = ours.row("yours", row.group)
        assert (own.cosine, own.ratio) == pytest.approx((row.cosine, row.ratio), abs=1e-10)
