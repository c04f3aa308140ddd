"""What was found of a PyTorch network: as text, as JSON, and as one picture."""

from __future__ import annotations

import dataclasses

from snn_tools.comparison.table import Comparison
from snn_tools.doctor.examined import Examined

YOURS = "surrogate"
"""Name of the network's own gradient in tables."""


@dataclasses.dataclass(frozen=True)
class Report(Examined):
    """What `Examined` has, and more. ``print(report)`` is its text.

    Attributes:
        sites: spikes of one example, all layers and steps.
    """

    own = YOURS
    comparison: Comparison
    sites: int

    def __str__(self) -> str:
        parts = [
            [f"{self.sites} potential spikes of an example; layers: {len(self.layers)}."],
            self._found(),
            [
                "Spikes (rate: per step; within: potentials in the middle half of the surrogate):",
                *self._spikes(timed=False),
            ],
            [str(self.comparison)],
        ]
        return "\n\n".join("\n".join(part) for part in parts)
