r"""Compare the mean surrogate gradient with the exact gradient of the expected loss.

The exact gradient is the mean of the score function, whose baseline is the mean loss of the other
trials of the same example.

Reference: docs/estimators/score_function.md.
"""

import torch

from snn_tools.shared.batches import Sums
from snn_tools.shared.comparison import Clock, Comparison, drawn
from snn_tools.torch.program import Program, Run, sampled

SITES = 2**22
"""Spike sites of all rows that run at once; the reverse pass keeps about eight numbers for each."""

ROWS = 256
"""Rows of a batch of trials."""


def measure(program: Program, sites: int, clock: Clock, seed: int) -> Comparison | None:
    """Draw trials in turns until the precision is enough or time is up.

    Three of four trials go to the score function, whose estimate is noisier.

    Args:
        program: the network, a batch and its loss.
        sites: number of spike sites of an example.
        clock: the budget.
        seed: seed of the random numbers.
    """
    examples = len(program.batch[0])
    copies = max(2, min(ROWS // examples, SITES // (examples * sites)))
    draw = sampled(program.escape, torch.Generator().manual_seed(seed))

    def turn(yours: Sums, exact: Sums) -> None:
        for sums in (exact, exact, exact, yours):
            run = program.run(copies, draw, surrogate=sums is yours)
            value = run.losses.sum() if sums is yours else _score(run)
            sums.add(program.gradient(value / (copies * examples)), copies)

    return drawn(program.groups(), turn, f"score function for each of {examples} examples", clock)


def _score(run: Run) -> torch.Tensor:
    """Return a number whose gradient is the sum of the trials' score functions."""
    losses, n = run.losses, len(run.losses)
    others = (losses.sum(dim=0) - losses) / (n - 1)
    log_prob = run.tape.log_prob.reshape(losses.shape)
    return ((losses - others).detach() * log_prob + losses).sum()
