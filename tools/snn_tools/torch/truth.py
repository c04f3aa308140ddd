r"""Estimate the exact gradient of the expected loss, and the mean of the surrogate gradient.

The exact gradient is the mean of the score function, whose baseline is the mean loss of the other
trials of the same example.

Reference: docs/estimators/score_function.md.
"""

import numpy as np
import torch

from snn_tools.shared.batches import N_BATCHES, Batches, Sums
from snn_tools.shared.budget import Clock, in_turns
from snn_tools.shared.comparison import precise
from snn_tools.torch.program import Program, Run, sampled
from snn_tools.torch.refusals import Replay

SITES = 2**22
"""Spike sites of all rows that run at once; the reverse pass keeps about eight numbers for each."""

ROWS = 256
"""Rows of a batch of trials."""


def estimated(
    program: Program, replay: Replay, clock: Clock, seed: int
) -> tuple[Batches, Batches] | None:
    """Return batches of the score function and of the surrogate gradient, of different trials.

    Three of four trials go to the score function, whose estimate is noisier. None if time does not
    suffice for a few batches of each.

    Args:
        program: the network, a batch and its loss.
        replay: number of spike sites of an example.
        clock: time that is left.
        seed: seed of the random numbers.
    """
    examples, groups = len(program.batch[0]), program.groups()
    copies = max(2, min(ROWS // examples, SITES // (examples * replay.sites)))
    draw = sampled(program.escape, torch.Generator().manual_seed(seed))
    exact, yours = Sums(), Sums()

    def turn() -> None:
        for surrogate in (False, False, False, True):
            run = program.run(copies, draw, surrogate)
            value = run.losses.sum() if surrogate else _score(run)
            mean = program.gradient(value / (copies * examples))[None]
            bad = int(not np.isfinite(mean).all())
            (yours if surrogate else exact).add(Batches(mean, copies, 1.0, bad=bad))

    def enough(n: int) -> bool:
        return n >= N_BATCHES and n % 8 == 0 and precise(groups, exact, yours)

    sufficed = in_turns(turn, enough, clock)
    return (exact.batches(), yours.batches()) if sufficed else None


def _score(run: Run) -> torch.Tensor:
    """Return a number whose gradient is the sum of the trials' score functions."""
    losses, n = run.losses, len(run.losses)
    others = (losses.sum(dim=0) - losses) / (n - 1)
    log_prob = run.tape.log_prob.reshape(losses.shape)
    return ((losses - others).detach() * log_prob + losses).sum()
