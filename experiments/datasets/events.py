"""Spikes as events in memory, binned batch by batch: a dense copy would not fit."""

from dataclasses import dataclass

import numpy as np

# Channels of the inner-ear model that the data sets come from.
N_CHANNELS = 700
# Ten digits in each of two languages.
N_CLASSES = 20


@dataclass(frozen=True, eq=False)
class Events:
    """Spikes of many samples in flat arrays, sample after sample.

    The spikes of sample i are ``times[offsets[i]:offsets[i + 1]]``, and likewise for `units`.
    A spike takes 6 bytes; a sample of 7 000 spikes takes 42 kB where its 349 bins take 244 kB.

    Attributes:
        times: Spike times, s, ``(spike,)`` float32, ascending within a sample.
        units: Channels of the spikes, from 0 on, ``(spike,)`` uint16.
        offsets: Start of each sample, and end of the last, ``(sample + 1,)`` int64.
        labels: Classes of the samples as indices into `classes`, ``(sample,)`` int32.
        classes: Names of the classes.
        n_channels: Number of channels.
    """

    times: np.ndarray
    units: np.ndarray
    offsets: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    n_channels: int = N_CHANNELS

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, indices: np.ndarray) -> "Events":
        """Return the samples of these indices, in their order.

        Raises:
            IndexError: If an index is negative or not below the number of samples.
        """
        indices = self._checked(indices)
        spikes = [slice(*self.offsets[i : i + 2]) for i in indices]
        return Events(
            np.concatenate([self.times[:0], *(self.times[s] for s in spikes)]),
            np.concatenate([self.units[:0], *(self.units[s] for s in spikes)]),
            np.concatenate([[0], np.cumsum(np.diff(self.offsets)[indices])]),
            self.labels[indices],
            self.classes,
            self.n_channels,
        )

    def binned(
        self,
        indices: np.ndarray,
        n_steps: int,
        dt: float,
        channels_per_bin: int = 1,
        authors: bool = False,
    ) -> np.ndarray:
        r"""Bin a batch of samples into zeros and ones.

        .. math::
            x_{k b c} = \min(1, \#\{\text{spikes of sample } b \text{ in channel } c
            \text{ with } \lfloor t / \Delta t \rfloor = k\})

        Spikes at or after ``n_steps * dt`` are dropped.

        Args:
            indices: The samples, ``(sample,)``.
            n_steps: Number of time steps.
            dt: Length of a time step, s.
            channels_per_bin: How many neighbouring channels become one; a divisor of their number.
            authors: Multiply by 1/dt in float16, as the paper's authors do. Products between 256
                and 512 are then a quarter apart and round up to the next step: 6.6 % of uniformly
                spread times land one bin later.

        Returns:
            ``(time, sample, channel)`` uint8, C-contiguous.

        Raises:
            IndexError: If an index is negative or not below the number of samples.
            ValueError: If the channels do not divide into such groups.
        """
        if channels_per_bin < 1 or self.n_channels % channels_per_bin:
            got, expected = (
                f"channels_per_bin={channels_per_bin}",
                f"a divisor of {self.n_channels}",
            )
            raise ValueError(f"channels cannot be grouped: got {got}, expected {expected}")
        indices = self._checked(indices)
        n_channels = self.n_channels // channels_per_bin
        row = len(indices) * n_channels
        out = np.zeros((n_steps, len(indices), n_channels), np.uint8)
        flat = out.reshape(-1)
        # Sample by sample, to stay within the processor's cache.
        for position, index in enumerate(indices):
            spikes = slice(*self.offsets[index : index + 2])
            steps = _steps(self.times[spikes], dt, authors)
            n_kept = np.searchsorted(steps, n_steps)
            time = steps[:n_kept].astype(np.intp)
            channel = self.units[spikes][:n_kept] // np.uint16(channels_per_bin)
            flat[time * row + (channel + np.intp(position * n_channels))] = 1
        return out

    def _checked(self, indices: np.ndarray) -> np.ndarray:
        indices = np.asarray(indices, dtype=np.intp)
        # A negative index would silently give a slice across samples.
        if indices.size and not (0 <= indices.min() and indices.max() < len(self)):
            wrong = indices.min() if indices.min() < 0 else indices.max()
            raise IndexError(f"sample {wrong} of {len(self)}: indices count from 0")
        return indices


def _steps(times: np.ndarray, dt: float, authors: bool) -> np.ndarray:
    """Return times in time steps, not yet rounded down, ``(spike,)``.

    Times are multiplied by 1/dt, not divided by dt: float32(0.002) is above 2 ms, so that
    0.5 / 0.002 is below 250, and a spike on the edge would fall into the bin before its own. The
    product of a float16 time with a whole 1/dt of up to 8 192 is exact in float32.
    """
    if authors:
        # The conversion is exact where the file holds float16. Times far beyond the last step may
        # overflow to infinity, and are dropped as well.
        with np.errstate(over="ignore"):
            return times.astype(np.float16) * np.float16(1 / dt)
    return times * np.float32(1 / dt)
