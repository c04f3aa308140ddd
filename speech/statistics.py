"""What a corpus looks like in numbers, to hold beside the recorded data."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from speech.membrane import N_CHANNELS

# Of the recorded set, as published.
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
    """Counts and means of a corpus.

    The duration of an utterance is the time of its last spike; the rate of a channel is spikes per
    utterance, channel and duration.

    Args:
        train: File of the training set.
        test: File of the test set.
    """
    import h5py

    with h5py.File(train) as a, h5py.File(test) as b:
        files = (a, b)
        counts = np.array([len(t) for f in files for t in f["spikes/times"]])
        lasts = np.array([float(t[-1]) for f in files for t in f["spikes/times"]])
        active = np.zeros(N_CHANNELS, bool)
        for f in files:
            active[np.concatenate(list(f["spikes/units"]))] = True
        labels = [np.bincount(f["labels"]) for f in files]
        speakers = [set(map(int, f["extra/speaker"])) for f in files]
    return {
        "training utterances": int(labels[0].sum()),
        "test utterances": int(labels[1].sum()),
        "classes": len(labels[0]),
        "fewest utterances of a class in training": int(labels[0].min()),
        "most utterances of a class in training": int(labels[0].max()),
        "speakers": len(speakers[0] | speakers[1]),
        "speakers in the test set only": len(speakers[1] - speakers[0]),
        "channels": N_CHANNELS,
        "channels that spike": int(active.sum()),
        "spikes per utterance": float(counts.mean()),
        "spikes per utterance, standard deviation": float(counts.std()),
        "rate per channel, Hz": float(counts.sum() / lasts.sum() / N_CHANNELS),
        "mean utterance, s": float(lasts.mean()),
        "longest utterance, s": float(lasts.max()),
    }


def table(numbers: dict[str, float]) -> Iterable[str]:
    """Lines of a Markdown table: ours beside the recorded set's."""
    yield "| | stand-in | Spiking Heidelberg Digits |"
    yield "|---|---:|---:|"
    for name, value in numbers.items():
        text = f"{value}" if isinstance(value, int) else f"{value:.4g}"
        yield f"| {name} | {text} | {RECORDED.get(name, '')} |"
