"""Escape noises: the log-probabilities of a spike and of none, from potential minus threshold.

Any function of that kind is one. Both numbers must be finite where a probability rounds to 0 or 1,
as log(1 - p) is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

Escape: TypeAlias = Callable[[Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Sigmoid:
    r"""Logistic noise, :math:`p = 1/(1+e^{-\beta v})`: `snn.escape.Sigmoid` in PyTorch.

    Attributes:
        beta: steepness, 1/potential; the slope's peak is beta/4.
    """

    beta: float = 10.0

    def __call__(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """Return log p and log(1 - p)."""
        log_sigmoid = torch.nn.functional.logsigmoid
        return log_sigmoid(self.beta * v), log_sigmoid(-self.beta * v)
