"""Batches, split into micro-batches that fit into a core's cache and run one per core."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import numpy as np

from experiments.datasets import Events
from experiments.engine.provenance import cores
from experiments.speech.network import SpeechNetwork

T = TypeVar("T")


@dataclass(frozen=True)
class Batches:
    """Samples, binned and split into micro-batches.

    Attributes:
        events: The samples.
        config: How to bin and split the samples.
    """

    events: Events
    config: SpeechNetwork

    def inputs(self, indices: np.ndarray) -> np.ndarray:
        """Binned spikes, ``(time, sample, channel)`` uint8."""
        config = self.config
        return self.events.binned(
            indices, config.n_steps, config.dt, config.channels_per_bin, config.authors_binning
        )

    def each(
        self, indices: np.ndarray, key: jax.Array, function: Callable[..., T]
    ) -> Iterator[tuple[int, T]]:
        """Call a compiled function with every micro-batch of the samples.

        All cores are used; results come in order. The last bits of results may depend on the number
        of cores that the process sees, since the last bits of XLA's matrix products do.

        Args:
            indices: The samples, ``(sample,)``.
            key: A random key; each micro-batch gets a key derived from this one.
            function: Called with inputs, labels and key.

        Yields:
            The number of samples of a micro-batch, and the function's result for it.
        """
        size = self.config.micro_batch
        pieces = [indices[i : i + size] for i in range(0, len(indices), size)]

        def work(number: int) -> tuple[int, T]:
            piece = pieces[number]
            labels = self.events.labels[piece]
            result = function(self.inputs(piece), labels, jax.random.fold_in(key, number))
            return len(piece), jax.tree.map(np.asarray, result)

        executor = ThreadPoolExecutor(n_workers())
        try:
            yield from executor.map(work, range(len(pieces)))
        finally:
            # After an error or Ctrl-C, do not start further micro-batches.
            executor.shutdown(cancel_futures=True)


def n_workers() -> int:
    """Return the number of micro-batches at a time: one per core, or one on a GPU."""
    return cores() if jax.default_backend() == "cpu" else 1


def mean(results: list[tuple[int, Any]]) -> Any:
    """Return the mean over samples from means over micro-batches, summed in order."""
    n = sum(size for size, _ in results)
    shares = [size / n for size, _ in results]

    def averaged(*leaves: np.ndarray) -> np.ndarray:
        parts = (share * leaf for share, leaf in zip(shares, leaves, strict=True))
        return sum(parts, start=np.zeros_like(leaves[0])).astype(leaves[0].dtype)

    return jax.tree.map(averaged, *(result for _, result in results))
