"""The ear: from a dry wave, in a room, to spikes of 700 channels."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from experiments.datasets.synthetic import room
from experiments.datasets.synthetic.membrane import (
    LANES,
    N_BLOCKS,
    N_CHANNELS,
    N_SAMPLES,
    STEP_RATE,
    load,
    spectrum,
    velocity,
)

_tables = lru_cache(load)


def hear(dry: np.ndarray, seed: list[int], folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the spikes in response to an utterance.

    Args:
        dry: Samples of the utterance, from `synthesis`.
        seed: Seed of the room and of the release of transmitter: each utterance has its own, so
            that their order does not change the samples.
        folder: Where the membrane's tables lie.

    Returns:
        Times in seconds, float16, and channels, uint16, of all spikes in temporal order.
    """
    from experiments.datasets.synthetic.hair_cells import bushy_spikes, firing_probability

    rng = np.random.default_rng(seed)
    wave, length = room.place(dry, N_SAMPLES, rng)
    sound = spectrum(wave)
    keys = rng.integers(0, 2**32, (N_BLOCKS, LANES + 1), dtype=np.uint32)
    steps, channels = [], []
    for block, table in enumerate(_tables(folder)):
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
