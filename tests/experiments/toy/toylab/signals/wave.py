import time
from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from toylib import sine

from experiments.engine.errors import UserError
from experiments.engine.experiment import (
    Data,
    Experiment,
    NotNegative,
    Positive,
    Quantity,
    Several,
    array,
    exact,
    param,
)


class Wave(Experiment):
    """A sine wave."""

    ARRAYS = {
        "t": array("point", "time", unit="s"),
        "y": array("phase, point", "the wave"),
    }

    frequency: Positive = param(2.0, "frequency of the wave", unit="Hz")
    phases: Several[Annotated[float, Field(ge=0, le=6.3)]] = param(
        [0.0, 0.5], "phases to draw", unit="rad"
    )
    n_points: Annotated[int, Field(ge=3)] = param(11, "points along time")
    shape: Literal["sine", "square"] = param("sine", "form of the wave")
    pause: NotNegative = param(0.0, "time to wait for", unit="s")

    def check(self) -> None:
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
