"""What was found of a PyTorch network: as text, as JSON, and as one picture."""

from __future__ import annotations

import dataclasses

from snn_tools.doctor.examined import Examined

YOURS = "surrogate"
"""Name of the network's own gradient in tables."""


@dataclasses.dataclass(frozen=True)
class Report(Examined):
    """An examination. ``print(report)`` is its text.

    Attributes:
        findings: faults first.
        layers: spikes, layer by layer.
        comparison: the surrogate gradient against the true one.
        sites: spikes of one example, all layers and steps.
    """

    own = YOURS
    sites: int

    def __str__(self) -> str:
        parts = [
            [f"{self.sites} potential spikes of an example; layers: {len(self.layers)}."],
            self._found(),
            [
                "Spikes (rate: per step; within: potentials in the middle half of the surrogate):",
                *self._spikes(),
            ],
            [str(self.comparison)],
        ]
        return "\n\n".join("\n".join(part) for part in parts)
