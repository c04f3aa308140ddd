"""Statistics of a corpus, beside those of the recorded data."""

from pathlib import Path
from typing import Any

import numpy as np

from experiments import tables
from experiments.datasets.synthetic.membrane import N_CHANNELS

# Statistics of the recorded set, as published.
RECORDED: dict[str, str] = {
    "training utterances": "8156",
    "test utterances": "2264",
    "classes": "20",
    "speakers": "12",
    "speakers in the test set only": "2",
    "channels": "700",
    "longest utterance, s": "over 1",
}


def summary(train: Path, test: Path) -> dict[str, float]:
    """Return counts and means of a corpus.

    The duration of an utterance is the time of its last spike; the rate of a channel is spikes per
    utterance, channel and duration.
    """
    import h5py

    def column(name: str) -> list[np.ndarray]:
        """Return a data set of both files."""
        parts: list[Any] = []
        for path in (train, test):
            with h5py.File(path) as file:
                data: Any = file[name]
                parts.append(data[()])
        return parts

    counts = np.array([len(times) for part in column("spikes/times") for times in part])
    lasts = np.array([float(times[-1]) for part in column("spikes/times") for times in part])
    active = np.unique(np.concatenate([np.concatenate(part) for part in column("spikes/units")]))
    labels = [np.bincount(part) for part in column("labels")]
    speakers = [set(map(int, part)) for part in column("extra/speaker")]
    return {
        "training utterances": int(labels[0].sum()),
        "test utterances": int(labels[1].sum()),
        "classes": len(labels[0]),
        "fewest utterances of a class in training": int(labels[0].min()),
        "most utterances of a class in training": int(labels[0].max()),
        "speakers": len(speakers[0] | speakers[1]),
        "speakers in the test set only": len(speakers[1] - speakers[0]),
        "channels": N_CHANNELS,
        "channels that spike": len(active),
        "spikes per utterance": float(counts.mean()),
        "spikes per utterance, standard deviation": float(counts.std()),
        "rate per channel, Hz": float(counts.sum() / lasts.sum() / N_CHANNELS),
        "mean utterance, s": float(lasts.mean()),
        "longest utterance, s": float(lasts.max()),
    }


def comparison(values: dict[str, float]) -> str:
    """Return a table in Markdown: ours beside the recorded set's."""
    texts = {n: f"{x}" if isinstance(x, int) else f"{x:.4g}" for n, x in values.items()}
    rows = [(name, text, RECORDED.get(name, "")) for name, text in texts.items()]
    return tables.table(["", "stand-in", "Spiking Heidelberg Digits"], rows)
