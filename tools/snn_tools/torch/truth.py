r"""The exact gradient of the expected loss, and the exact mean of the surrogate gradient.

All patterns of spikes lie along the batch. With :math:`P(s)` the probability of a pattern,

.. math::
    g = \nabla_\theta \sum_s P(s) L(s), \qquad
    \tilde g = \sum_s P(s) \tilde\nabla_\theta L(s),

both by autograd: for the second, spikes have the derivative of the network's own function, and
probabilities none. Where there are too many patterns, both are sampled: the first by the score
function, whose baseline is the mean loss of the other trials.

Reference: docs/estimators/score_function.md.
"""

import numpy as np
import torch

from snn_tools.shared.batches import Batches
from snn_tools.shared.budget import Clock
from snn_tools.torch.program import Program, Run, patterns, sampled
from snn_tools.torch.refusals import Replay
from snn_tools.torch.spikes import Refused

MAX_SITES = 20
"""Examples with at most so many spikes are enumerated, if there is time."""

MEMORY = 2**28
"""Bytes for the reverse pass of all rows that run at once."""

NEVER = 1e-20
"""Probability below which a pattern is left out of the mean surrogate gradient."""

ROWS = 256
"""Rows of a batch of trials."""

ALWAYS = 12
"""Examples with at most so many spikes are enumerated whatever the budget."""


def enumerated(program: Program, replay: Replay, clock: Clock) -> list[Batches] | None:
    """Return the true gradient and the mean surrogate gradient; None if it would take too long.

    Args:
        program: the network, a batch and its loss.
        replay: number of spike sites of an example, and bytes of its reverse pass.
        clock: time that is left.

    Raises:
        Refused: if the probabilities of all patterns do not sum to 1.
    """
    start, n = clock.elapsed(), 2**replay.sites
    at_once = max(1, min(n, MEMORY // replay.bytes))
    device, examples = program.batch[0].device, len(program.batch[0])
    sums, total = [np.zeros(()), np.zeros(())], 0.0
    for first in range(0, n, at_once):
        indices = torch.arange(first, min(first + at_once, n), device=device)
        run = program.run(len(indices), patterns(indices.repeat_interleave(examples)))
        p = run.tape.log_prob.exp().reshape(run.losses.shape)
        sums[0] = sums[0] + program.gradient((p * run.losses).sum() / examples)
        p = p.detach()
        total += float(p.sum()) / examples
        # Otherwise a derivative could overflow in a pattern of probability 0.
        indices = indices[p.amax(dim=1) > NEVER]
        if len(indices):
            draw = patterns(indices.repeat_interleave(examples))
            run = program.run(len(indices), draw, surrogate=True)
            p = run.tape.log_prob.detach().exp().reshape(run.losses.shape)
            sums[1] = sums[1] + program.gradient((p * run.losses).sum() / examples)
        too_long = (clock.elapsed() - start) * n / at_once > clock.budget
        if first == 0 and replay.sites > ALWAYS and too_long:
            return None
    if len(run.tape) != replay.sites or abs(total - 1) > 1e4 * torch.finfo(p.dtype).eps:
        raise Refused(
            f"spikes: got probabilities of all patterns that sum to {total:.6g}, expected 1: the "
            "network asks for other spikes after other spikes."
        )
    return [Batches(g[None], 1, float(n)) for g in sums]


FEWEST = 8
"""Fewest batches of each gradient for a standard error, and for any statement."""

GRACE = 10.0
"""Seconds beyond the budget for these batches."""


def estimated(program: Program, replay: Replay, clock: Clock, seed: int) -> list[Batches] | None:
    """Return batches of the score function and of the surrogate gradient, of different trials.

    Three of four trials go to the score function, whose estimate is noisier. None if time does not
    suffice for a few batches of each, for which `GRACE` is granted in any case.

    Args:
        program: the network, a batch and its loss.
        replay: number of spike sites of an example, and bytes of its reverse pass.
        clock: time that is left.
        seed: seed of the random numbers.
    """
    examples = len(program.batch[0])
    copies = max(2, min(ROWS // examples, MEMORY // replay.bytes))
    draw = sampled(program.escape, torch.Generator().manual_seed(seed))
    samples: tuple[list[np.ndarray], list[np.ndarray]] = [], []
    end = max(clock.budget, clock.elapsed() + clock.budget / 10)
    while clock.elapsed() < end or (
        min(map(len, samples)) < FEWEST and clock.elapsed() < end + GRACE
    ):
        surrogate = 3 * len(samples[1]) < len(samples[0])
        run = program.run(copies, draw, surrogate)
        value = run.losses.sum() if surrogate else _score(run)
        samples[surrogate].append(program.gradient(value / (copies * examples)))
    if min(map(len, samples)) < FEWEST:
        return None
    ends = np.cumsum([p.numel() for p in program.parameters.values()])
    batches = []
    for means in map(np.stack, samples):
        # `Batches.spreads` describes trials; here it describes the means of batches.
        away = np.split(means - means.mean(axis=0), ends[:-1], axis=1)
        spreads = np.stack([np.linalg.norm(array, axis=1) for array in away], axis=1)
        bad = int((~np.isfinite(means).all(axis=1)).sum())
        batches.append(Batches(means, copies, 1.0, spreads, bad))
    return batches


def _score(run: Run) -> torch.Tensor:
    """Return a number whose gradient is the sum of the trials' score functions."""
    losses, n = run.losses, len(run.losses)
    others = (losses.sum(dim=0) - losses) / (n - 1)
    log_prob = run.tape.log_prob.reshape(losses.shape)
    return ((losses - others).detach() * log_prob + losses).sum()
