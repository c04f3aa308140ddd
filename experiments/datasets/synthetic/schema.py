"""The files: spikes in the schema of the Heidelberg data sets."""

from pathlib import Path

import numpy as np

from experiments.datasets.synthetic.jobs import CHUNK, spikes_path
from experiments.datasets.synthetic.plan import CLASS_NAMES, Utterance, utterances
from experiments.datasets.synthetic.settings import CorpusSettings
from experiments.engine.cache import new_file

ABOUT = (
    "Synthetic spoken digits: eSpeak NG voices through lauscher's model of the inner ear. "
    "A stand-in in the schema of the Spiking Heidelberg Digits; it is not that data set."
)


def write(settings: CorpusSettings, parts: Path, files: tuple[Path, Path]) -> None:
    """Gather the spikes of all utterances into the files of training and test set.

    Args:
        settings: Settings of the corpus.
        parts: Folder of the intermediate files.
        files: Files of the training and the test set.
    """
    corpus = utterances(settings)
    sets = {"train": corpus[: settings.n_train], "test": corpus[settings.n_train :]}
    for (name, chosen), path in zip(sets.items(), files, strict=True):
        meta = {
            "description": ABOUT,
            "split": name,
            "n_train": settings.n_train,
            "n_test": settings.n_test,
            "seed": settings.seed,
            "digest": settings.digest,
        }
        write_file(path, chosen, [_spikes(parts, u) for u in chosen], meta)


def _spikes(parts: Path, utterance: Utterance) -> tuple[np.ndarray, np.ndarray]:
    i = utterance.index
    with np.load(spikes_path(parts, i - i % CHUNK)) as arrays:
        return arrays[f"times_{i}"], arrays[f"units_{i}"]


def write_file(
    path: Path,
    corpus: list[Utterance],
    spikes: list[tuple[np.ndarray, np.ndarray]],
    meta: dict[str, str | int],
) -> None:
    """Write a file atomically.

    Args:
        path: The file.
        corpus: The utterances of the file.
        spikes: Times in seconds, float16, and channels, uint16, of each utterance.
        meta: Entries of `extra/meta_info`.
    """
    import h5py

    # No time stamps: the same spikes make the same file.
    with new_file(path) as temporary, h5py.File(temporary, "w", track_order=False) as file:
        for name, dtype, column in (("times", np.float16, 0), ("units", np.uint16, 1)):
            data = file.create_dataset(f"spikes/{name}", (len(corpus),), h5py.vlen_dtype(dtype))
            for i, sample in enumerate(spikes):
                data[i] = sample[column]
        file["labels"] = np.array([u.label for u in corpus], np.uint16)
        file["extra/speaker"] = np.array([u.speaker for u in corpus], np.uint16)
        file["extra/keys"] = [name.encode() for name in CLASS_NAMES]
        for name, value in meta.items():
            file[f"extra/meta_info/{name}"] = value
