"""Small files in the schema of the spoken digits, good ones and bad ones."""

import zipfile
from pathlib import Path

import h5py
import numpy as np

N_CLASSES = 20


def samples(n=40, n_spikes=60, seed=0, n_classes=N_CLASSES, n_channels=700):
    """Random content: per sample a list of times and one of units, then a label."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(n_spikes // 2, n_spikes + 1, n)
    times = [np.sort(rng.uniform(0, 0.9, count)).astype(np.float16) for count in counts]
    units = [rng.integers(0, n_channels, count).astype(np.uint16) for count in counts]
    return {
        "spikes/times": times,
        "spikes/units": units,
        "labels": np.arange(n, dtype=np.uint16) % n_classes,
        "extra/keys": [f"word {i}" for i in range(n_classes)],
    }


def write(path: Path, content: dict) -> Path:
    """An HDF5 file of that content; spikes become lists of the type that they have."""
    with h5py.File(path, "w") as file:
        for name, value in content.items():
            if name.startswith("spikes/") and isinstance(value, list):
                entry = file.create_dataset(name, len(value), h5py.vlen_dtype(value[0].dtype))
                for i, spikes in enumerate(value):
                    entry[i] = spikes
            else:
                file[name] = value
    return path


def zipped(path: Path, *more: str) -> Path:
    """The file in a zip archive beside it, with further members of these names."""
    archive = path.with_name(path.name + ".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(path, path.name)
        for name in more:
            file.writestr(name, "more")
    return archive
