"""Exact gradients: of PyTorch networks against JAX, and sampled ones against enumeration."""

import numpy as np
import pytest

import snn
from tools.tests.networks.in_torch import OfTwo
from tools.tests.torch.libraries import snntorch, torch
from tools.tests.torch.networks import leaky, of_jax, of_torch, pairs
from tools.tests.torch.oracle import enumerated
from tools.tests.torch.small import program, shaped

from snn_tools.shared.batches import Sums  # isort: skip
from snn_tools.shared.comparison import compared  # isort: skip
from snn_tools.torch import truth  # isort: skip
from snn_tools.torch.refusals import replayed  # isort: skip

BATCH = ((1.0, 0.5), (2.0, -1.0))
PAIRS = pairs()


def in_jax(pair, program, params):
    """Exact and mean surrogate gradient of the same network in JAX."""
    mean = snn.Expected(snn.Surrogate(pair.derivative))
    grads = [
        oracle(of_jax(pair, program.x), params).grad for oracle in (snn.ExactEnumeration(), mean)
    ]
    order = list(program.parameters)
    return [np.concatenate([np.ravel(grad[name]) for name in order]) for grad in grads]


@pytest.mark.parametrize("name", PAIRS)
def test_gradients_are_those_of_the_same_network_in_jax(name):
    ours, params = of_torch(PAIRS[name])
    exact, surrogate = enumerated(ours)
    theirs, expected = in_jax(PAIRS[name], ours, params)
    assert np.abs(theirs).max() > 1e-3
    np.testing.assert_allclose(exact, theirs, rtol=0, atol=1e-12)
    # Spikes of snnTorch pass gradients in float32.
    atol = 1e-6 * np.abs(expected).max() if name.startswith("snnTorch") else 1e-12
    np.testing.assert_allclose(surrogate, expected, rtol=0, atol=atol)
    assert np.abs(exact - surrogate).max() > 1e3 * atol


def test_another_reset_has_another_gradient():
    pair = PAIRS["snnTorch, Leaky, to zero"]._replace(cell=leaky)
    ours, params = of_torch(pair)
    assert np.abs(enumerated(ours)[0] - in_jax(pair, ours, params)[0]).max() > 1e-4


@pytest.fixture
def sampled(monkeypatch):
    """Batches of the exact and of the surrogate gradient, after some turns."""
    monkeypatch.setattr(truth, "drawn", lambda groups, turn, words, clock: turn)

    def after(p, turns, seed=1):
        yours, exact, turn = Sums(), Sums(), truth.measure(p, replayed(p).sites, None, seed)
        for _ in range(turns):
            turn(yours, exact)
        return exact.means(), yours.means()

    return after


def z_scores(means, exact):
    error = means.std(axis=0, ddof=1) / len(means) ** 0.5
    return np.abs(means.mean(axis=0) - exact) / error


def test_the_score_function_has_the_exact_mean_and_the_surrogate_gradient_another(sampled):
    p = program(snntorch.Leaky(0.9, spike_grad=shaped(3.0)), x=BATCH)
    exact, mean = enumerated(p)
    score, surrogate = sampled(p, 200)
    assert z_scores(score, exact).max() < 5
    assert z_scores(surrogate, mean).max() < 5
    # Wrong variants: one for the other, and a tenth too much.
    assert z_scores(surrogate, exact).max() > 10
    assert z_scores(score, 1.1 * exact).max() > 5


class Learnt(torch.nn.Module):
    """Two neurons with a learnt threshold, inside of the spike function or subtracted before."""

    def __init__(self, inside):
        super().__init__()
        self.theta, self.inside = torch.nn.Parameter(torch.tensor([0.3, 0.6])), inside

    def forward(self, x):
        theta = self.theta.expand_as(x)
        s = OfTwo.apply(x, theta) if self.inside else OfTwo.apply(x - theta, torch.zeros_like(x))
        return ((s - 0.4) ** 2).sum(dim=1)


def test_a_threshold_that_is_an_argument_is_a_parameter_of_the_noise():
    x, loss = torch.tensor([[0.5, 0.4]], dtype=torch.float64), lambda out: out
    kind = type(program(snntorch.Leaky(0.9)))
    inside, before = (
        enumerated(kind(Learnt(k).double(), lambda net, x: net(x), x, loss, truth_noise))
        for k in (True, False)
    )
    np.testing.assert_allclose(inside, before, atol=1e-12)
    assert np.abs(inside).min() > 1e-3


def truth_noise(v):
    log_sigmoid = torch.nn.functional.logsigmoid
    return log_sigmoid(4 * v), log_sigmoid(-4 * v)


def test_a_loss_that_is_shifted_has_the_same_sampled_gradient(sampled):
    """The baseline is the mean loss of the other trials."""
    p = program(snntorch.Leaky(0.9))
    shifted = program(snntorch.Leaky(0.9), loss=lambda out: 5 + ((out - 0.4) ** 2).sum(dim=1))
    ours, theirs = (sampled(q, 8)[0] for q in (p, shifted))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_the_interval_holds_where_the_cosine_is_one(monkeypatch, sampled):
    """The readout sees no surrogate: its gradient is unbiased, and its cosine 1."""
    monkeypatch.setattr(truth, "ROWS", 16)
    p = program(snntorch.Leaky(0.9, spike_grad=shaped(1.0)))
    held = 0
    for seed in range(8):
        exact, yours = sampled(p, 16, seed)
        (row,) = (r for r in compared(p.groups(), yours, exact) if r.group == "readout")
        held += row.interval[0] <= 1 <= row.interval[1] + 1e-9
    assert held >= 6  # 1 in 170 for a coverage of 0.95


def test_targets_go_with_their_inputs():
    p = program(snntorch.Leaky(0.9), x=BATCH)
    y = torch.tensor([[0.1], [0.9]], dtype=torch.float64)
    loss = lambda out, y: ((out - y) ** 2).sum(dim=1)  # noqa: E731
    both = type(p)(p.net, p.forward, (p.x, y), loss, p.escape)
    each = [
        type(p)(p.net, p.forward, (p.x[i : i + 1], y[i : i + 1]), loss, p.escape) for i in (0, 1)
    ]
    mean, *parts = [enumerated(q)[0] for q in (both, *each)]
    np.testing.assert_allclose(mean, np.mean(parts, axis=0), rtol=0, atol=1e-14)
