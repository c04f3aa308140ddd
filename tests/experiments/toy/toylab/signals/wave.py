import time
from dataclasses import dataclass

import numpy as np
from toylib import sine

from experiments.engine.declare.experiment import Data, Experiment, Quantity, array, exact, param
from experiments.engine.errors import UserError


@dataclass
class Wave(Experiment):
    """A sine wave."""

    ARRAYS = {
        "t": array("point", "time", unit="s"),
        "y": array("phase, point", "the wave"),
    }

    frequency: float = param(2.0, "frequency of the wave", unit="Hz", above=0)
    phases: list[float] = param([0.0, 0.5], "phases to draw", unit="rad", low=0, high=6.3)
    n_points: int = param(11, "points along time", low=3)
    shape: str = param("sine", "form of the wave", choices=["sine", "square"])
    pause: float = param(0.0, "time to wait for", unit="s", low=0)

    def validate(self, path: str) -> None:
        if self.frequency > self.n_points:
            raise UserError(
                "too few points for the frequency",
                f"n_points={self.n_points}, frequency={self.frequency}",
                "n_points >= frequency",
                f"n_points={int(self.frequency) + 1}",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        return {"maximum": exact(data["y"].max())}

    def compute(self, seed: None) -> Data:
        # The number 13 stands for what only the computation can find out.
        if self.n_points == 13:
            raise UserError("thirteen points", 13, "another number", "panels.wave.n_points=14")
        time.sleep(self.pause)
        t = np.linspace(0.0, 1.0, self.n_points)
        y = np.stack([sine(self.frequency * t + phase) for phase in self.phases])
        return {"t": t, "y": y}
