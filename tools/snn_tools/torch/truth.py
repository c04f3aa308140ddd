r"""Estimate the exact gradient of the expected loss, and the mean of the surrogate gradient.

The exact gradient is the mean of the score function, whose baseline is the mean loss of the other
trials of the same example.

Reference: docs/estimators/score_function.md.
"""

import numpy as np
import torch

from snn_tools.shared.batches import FEWEST, GRACE, Batches
from snn_tools.shared.budget import Clock
from snn_tools.torch.program import Program, Run, sampled
from snn_tools.torch.refusals import Replay

MEMORY = 2**28
"""Bytes for the reverse pass of all rows that run at once."""

ROWS = 256
"""Rows of a batch of trials."""


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
