"""The ear: from a wave to spikes of 700 channels."""

from pathlib import Path

import numpy as np

from experiments.datasets.synthetic.membrane import (
    LANES,
    N_BLOCKS,
    N_CHANNELS,
    STEP_RATE,
    load,
    spectrum,
    velocity,
)


class Ear:
    """Turns waves into spikes.

    Args:
        folder: Where the membrane's tables lie.
    """

    def __init__(self, folder: Path) -> None:
        self.tables = load(folder)

    def listen(
        self, wave: np.ndarray, length: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the spikes in response to a wave.

        Args:
            wave: `(N_SAMPLES,)` at 48 kHz, nothing above 11 025 Hz.
            length: How many of its samples are to be heard.
            rng: Draws the release of transmitter.

        Returns:
            Times in seconds, float16, and channels, uint16, of all spikes in temporal order.
        """
        from experiments.datasets.synthetic.hair_cells import bushy_spikes, firing_probability

        sound = spectrum(wave)
        keys = rng.integers(0, 2**32, (N_BLOCKS, LANES + 1), dtype=np.uint32)
        steps, channels = [], []
        for block, table in enumerate(self.tables):
            p = firing_probability(velocity(sound, table)[: length // 2])
            spikes = bushy_spikes(p, keys[block])
            step, lane = np.divmod(np.flatnonzero(spikes.view(bool)), LANES)
            steps.append(step)
            channels.append(block * LANES + lane)
        step, channel = np.concatenate(steps), np.concatenate(channels)
        real = channel < N_CHANNELS
        step, channel = step[real], channel[real]
        order = np.argsort(step, kind="stable")
        return (step[order] / STEP_RATE).astype(np.float16), channel[order].astype(np.uint16)
