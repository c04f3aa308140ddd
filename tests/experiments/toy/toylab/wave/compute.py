import time

import numpy as np
from toylib import sine

from experiments.engine.errors import UserError
from toylab.wave import Wave


def compute(config: Wave, seed: int | None) -> dict[str, np.ndarray]:
    # The number 13 stands for what only the computation can find out.
    if config.n_points == 13:
        raise UserError("thirteen points", 13, "another number", "panels.wave.n_points=14")
    time.sleep(config.pause)
    t = np.linspace(0.0, 1.0, config.n_points)
    y = np.stack([sine(config.frequency * t + phase) for phase in config.phases])
    return {"t": t, "y": y}
