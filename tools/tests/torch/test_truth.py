"""The sampled truth against the enumerated one, and intervals where the cosine is 1."""

import numpy as np

from snn_tools.shared.budget import Clock
from tools.tests.torch.libraries import snntorch, torch
from tools.tests.torch.small import cells, program, shaped

from snn_tools.shared.rows import compared  # isort: skip
from snn_tools.torch import compare, truth  # isort: skip
from snn_tools.torch.refusals import replayed  # isort: skip

BATCH = ((1.0, 0.5), (2.0, -1.0))


def z_scores(batches, exact):
    mean, n = batches.means.mean(axis=0), len(batches.means)
    return np.abs(mean - exact) / (batches.means.std(axis=0, ddof=1) / n**0.5)


def test_the_score_function_has_the_exact_mean_and_the_surrogate_gradient_another():
    p = program(snntorch.Leaky(0.9, spike_grad=shaped(3.0)), x=BATCH)
    replay = replayed(p)
    (true, mean), sampled = (
        truth.enumerated(p, replay, Clock(60)),
        truth.estimated(p, replay, Clock(3.0), 1),
    )
    assert [len(b.means) >= 8 for b in sampled] == [True, True]
    assert z_scores(sampled[0], true.means[0]).max() < 5
    assert z_scores(sampled[1], mean.means[0]).max() < 5
    # Wrong variants: one for the other, and a tenth too much.
    assert z_scores(sampled[1], true.means[0]).max() > 10
    assert z_scores(sampled[0], 1.1 * true.means[0]).max() > 5


def test_a_loss_that_is_shifted_has_the_same_sampled_gradient():
    """The baseline is the mean loss of the other trials."""
    p = program(snntorch.Leaky(0.9))
    shifted = program(snntorch.Leaky(0.9), loss=lambda out: 5 + ((out - 0.4) ** 2).sum(dim=1))
    ours, theirs = (truth.estimated(q, replayed(q), Clock(0.5), 1)[0].means for q in (p, shifted))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_the_mean_over_examples_is_that_of_the_examples():
    each = [truth.enumerated(p, replayed(p), Clock(60))[0].means for p in map(alone, BATCH)]
    p = program(snntorch.Leaky(0.9), x=BATCH)
    both = truth.enumerated(p, replayed(p), Clock(60))[0].means
    np.testing.assert_allclose(both, np.mean(each, axis=0), rtol=0, atol=1e-14)


def alone(x):
    return program(snntorch.Leaky(0.9), x=(x,))


def test_chunks_of_bounded_memory_have_the_same_sum(monkeypatch):
    p = program(snntorch.Leaky(0.9), x=BATCH)
    replay = replayed(p)
    whole = truth.enumerated(p, replay, Clock(60))
    monkeypatch.setattr(truth, "MEMORY", 5 * replay.bytes)
    rows, run = [], type(p).run
    monkeypatch.setattr(type(p), "run", lambda *a, **k: rows.append(a[1]) or run(*a, **k))
    for a, b in zip(whole, truth.enumerated(p, replay, Clock(60)), strict=True):
        np.testing.assert_allclose(a.means, b.means, rtol=0, atol=1e-14)
    assert max(rows) == 5


def test_the_interval_holds_where_the_cosine_is_one(monkeypatch):
    """The readout sees no surrogate: its gradient is unbiased, and its cosine 1."""
    monkeypatch.setattr(truth, "ROWS", 16)
    p = program(snntorch.Leaky(0.9, spike_grad=shaped(1.0)))
    replay, held = replayed(p), 0
    for seed in range(8):
        true, yours = truth.estimated(p, replay, Clock(0.5), seed)
        row = compared(p.groups(), {"yours": yours}, true, ("", "")).row("yours", "readout")
        held += row.interval[0] <= 1 <= row.interval[1] + 1e-9
    assert held >= 6  # 1 in 170 for a coverage of 0.95


def test_beyond_twenty_spikes_the_truth_is_sampled(monkeypatch):
    p = program(cells()["snnTorch"])
    how = p.net, p.forward, p.x, p.loss, p.escape
    assert "enumerated, 2^6 patterns" in compare(*how).estimator
    monkeypatch.setattr("snn_tools.torch.examination.MAX_SITES", 5)
    comparison = compare(*how, budget=0.1)
    assert "score function" in comparison.estimator and comparison.truth[0].noise > 0


def test_enumeration_that_takes_too_long_is_left_unless_there_are_few_spikes(monkeypatch):
    p = program(cells()["snnTorch"])
    replay = replayed(p)
    assert truth.enumerated(p, replay, Clock(1e-9)) is not None
    monkeypatch.setattr(truth, "ALWAYS", replay.sites - 1)
    assert truth.enumerated(p, replay, Clock(1e-9)) is None


def test_targets_go_with_their_inputs():
    p = program(snntorch.Leaky(0.9), x=BATCH)
    y = torch.tensor([[0.1], [0.9]], dtype=torch.float64)
    loss = lambda out, y: ((out - y) ** 2).sum(dim=1)  # noqa: E731
    both = type(p)(p.net, p.forward, (p.x, y), loss, p.escape)
    each = [
        type(p)(p.net, p.forward, (p.x[i : i + 1], y[i : i + 1]), loss, p.escape) for i in (0, 1)
    ]
    mean, *parts = [truth.enumerated(q, replayed(q), Clock(60))[0].means for q in (both, *each)]
    np.testing.assert_allclose(mean, np.mean(parts, axis=0), rtol=0, atol=1e-14)
