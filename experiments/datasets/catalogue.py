"""The data sets by name."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from experiments.datasets import shd, synthetic
from experiments.datasets.events import Events
from experiments.datasets.hdf5 import FIX, load
from experiments.datasets.splits import shuffled
from experiments.engine.errors import UserError, nearest

TITLES = {
    "fixture": "synthetic speech, fixture",
    "speech": "synthetic speech",
    "shd": "Spiking Heidelberg Digits",
}
NAMES = tuple(TITLES)
HERE = Path(__file__).parent
FIXTURE = (HERE / "fixture_train.h5.zip", HERE / "fixture_test.h5.zip")
SPEECH_CACHE = HERE.parents[1] / "results" / "cache" / "speech"


@dataclass(frozen=True)
class Dataset:
    """A data set with its training samples in memory and its test samples still on disk.

    Attributes:
        name: "fixture", "speech" or "shd".
        title: What a figure calls it; only the recorded set bears its name.
        train: The samples to train on and to validate with.
        digest: Hash of what its content depends on, for cache keys.
        read_test: Reads the test samples.
    """

    name: str
    title: str
    train: Events
    digest: str
    read_test: Callable[[], Events] = field(repr=False)

    @cached_property
    def test(self) -> Events:
        """The test samples, read on first access: after training."""
        return self.read_test()


def open_dataset(
    name: str,
    folder: Path | str | None = None,
    n_train: int | None = None,
    n_test: int | None = None,
    seed: int = 0,
    download: bool = False,
) -> Dataset:
    """Finds, generates or downloads a data set, checks both files and reads the training samples.

    Args:
        name: "fixture", the small committed set; "speech", generated on first use; "shd", the
            Spiking Heidelberg Digits.
        folder: Where its files are, or are to be put. By default the user's cache for "shd", and
            results/cache/speech for "speech", with a folder for each size and seed.
        n_train: Number of training samples to generate, or to choose by `shuffled`.
        n_test: Number of test samples, likewise.
        seed: Seed of the generation or the choice.
        download: Whether the real set may be downloaded.

    Raises:
        UserError: If there is no such set, its files are missing, or one of them is bad. One set
            is never substituted for another.
    """
    _check_name(name)
    if name == "fixture" and folder:
        raise UserError(
            "the fixture is part of the repository", folder, "no folder", "leave data.folder out"
        )
    if name == "speech":
        corpora = Path(folder or SPEECH_CACHE).expanduser()
        paths = synthetic.generate(_settings(n_train, n_test, seed), corpora)
        fix = f"remove {paths[0].parent} and run again: it is generated anew"
    else:
        paths = shd.locate(folder, download) if name == "shd" else FIXTURE
        fix = FIX
    train_path, test_path = paths
    train = _chosen(load(train_path, fix=fix), n_train, seed, "n_train")
    # A bad test file must be found now, not after hours of training; its samples stay unused.
    if load(test_path, fix=fix).classes != train.classes:
        got = f"{train_path} and {test_path}"
        raise UserError(
            "training and test set have different classes", got, "the same classes", fix
        )
    return Dataset(
        name,
        f"{TITLES[name]}, {_spaced(len(train))} training utterances",
        train,
        digest(name, n_train, n_test, seed),
        lambda: _chosen(load(test_path, fix=fix), n_test, seed, "n_test"),
    )


def digest(name: str, n_train: int | None = None, n_test: int | None = None, seed: int = 0) -> str:
    """A hash of what the content of a set depends on, without reading its samples.

    These are settings and generator for "speech", the published checksums for "shd", and the files
    for "fixture". For the latter two, the choice of samples is not part of it.

    Raises:
        UserError: If there is no such set.
    """
    _check_name(name)
    if name == "speech":
        return _settings(n_train, n_test, seed).digest
    if name == "shd":
        content = [archive.md5.encode() for archive in (shd.TRAIN, shd.TEST)]
    else:
        content = [path.read_bytes() for path in FIXTURE]
    return hashlib.sha256(b"".join(content)).hexdigest()


def _check_name(name: str) -> None:
    if name not in TITLES:
        close = nearest(name, TITLES) or "fixture"
        raise UserError("no such data set", name, "one of " + ", ".join(TITLES), f"data={close}")


def _settings(n_train: int | None, n_test: int | None, seed: int) -> synthetic.Settings:
    sizes = {"n_train": n_train, "n_test": n_test}
    try:
        given = {key: n for key, n in sizes.items() if n is not None}
        return synthetic.Settings(**given, seed=seed)
    except UserError as error:
        # In a figure's config these settings are fields of `data`.
        raise UserError(error.what, error.got, error.expected, f"data.{error.fix}") from error


def _chosen(events: Events, n: int | None, seed: int, parameter: str) -> Events:
    """Samples chosen by the fixed rule; all of them if `n` is None or their number."""
    if n is None or n == len(events):
        return events
    if not 1 <= n < len(events):
        wanted = f"1 to {len(events)}"
        key = f"data.{parameter}"
        raise UserError("the data set has fewer samples", f"{key}={n}", wanted, f"{key}=null")
    return events.select(np.sort(shuffled(len(events), seed)[:n]))


def _spaced(n: int) -> str:
    """A number with thousands separated, as in 8 156."""
    return f"{n:,}".replace(",", " ")
