"""The data sets by name."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from experiments.datasets import shd, synthetic
from experiments.datasets.events import N_CHANNELS, N_CLASSES, Events
from experiments.datasets.hdf5 import FIX, count, load
from experiments.datasets.splits import shuffled
from experiments.engine.errors import UserError, no_such

TITLES = {
    "fixture": "synthetic speech, fixture",
    "speech": "synthetic speech",
    "shd": "Spiking Heidelberg Digits",
    "own": "own data",
}
NAMES = tuple(TITLES)
SIZES = (N_CLASSES, N_CHANNELS)
HERE = Path(__file__).parent
FIXTURE = (HERE / "fixture_train.h5.zip", HERE / "fixture_test.h5.zip")
OWN = ("train.h5", "test.h5")
OWN_FIX = "change the file, or data.n_classes and data.n_channels; its schema is in docs/data.md"
SPEECH_CACHE = HERE.parents[1] / "results" / "cache" / "speech"


@dataclass(frozen=True)
class Dataset:
    """A data set with its training samples in memory and its test samples still on disk.

    Attributes:
        name: "fixture", "speech", "shd" or "own".
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
    sizes: tuple[int, int] = SIZES,
) -> Dataset:
    """Finds, generates or downloads a data set, checks both files and reads the training samples.

    Args:
        name: "fixture", the small committed set; "speech", generated on first use; "shd", the
            Spiking Heidelberg Digits; "own", files of the user's own in their schema.
        folder: Where its files are, or are to be put. By default the user's cache for "shd", and
            results/cache/speech for "speech", with a folder for each size and seed.
        n_train: Number of training samples to generate, or to choose by `shuffled`.
        n_test: Number of test samples, likewise.
        seed: Seed of the generation or the choice.
        download: Whether the real set may be downloaded.
        sizes: Numbers of classes and channels; a set of one's own may have any.

    Raises:
        UserError: If there is no such set, its files are missing, or one of them is bad. One set
            is never substituted for another.
    """
    _check_name(name)
    check_sizes(name, sizes)
    if name == "fixture" and folder:
        what = "the fixture is part of the repository"
        raise UserError(what, folder, "no folder", "leave data.folder out")
    if name == "speech":
        corpora = Path(folder or SPEECH_CACHE).expanduser()
        paths = synthetic.generate(_settings(n_train, n_test, seed), corpora)
        fix = f"remove {paths[0].parent} and run again: it is generated anew"
    else:
        # No set takes another's place: one that is not here ends in an error.
        located = {
            "fixture": lambda: FIXTURE,
            "shd": lambda: shd.locate(folder, download),
            "own": lambda: _own(folder),
        }
        paths, fix = located[name](), OWN_FIX if name == "own" else FIX
    train_path, test_path = paths

    def read(path: Path) -> Events:
        return load(path, *sizes, fix)

    train = _chosen(read(train_path), n_train, seed, "n_train")
    # A bad test file must be found now, not after hours of training; its samples stay unused.
    test = read(test_path)
    if test.classes != train.classes:
        got = f"{train_path} and {test_path}"
        raise UserError(
            "training and test set have different classes", got, "the same classes", fix
        )
    _chosen(test, n_test, seed, "n_test")
    return Dataset(
        name,
        f"{TITLES[name]}, {_spaced(len(train))} training utterances",
        train,
        digest(name, n_train, n_test, seed, folder),
        lambda: _chosen(read(test_path), n_test, seed, "n_test"),
    )


def digest(
    name: str,
    n_train: int | None = None,
    n_test: int | None = None,
    seed: int = 0,
    folder: Path | str | None = None,
) -> str:
    """A hash of what the content of a set depends on, without reading its samples.

    These are settings and generator for "speech", the published checksums for "shd", and the files
    for "fixture" and "own". But for "speech", the choice of samples is not part of it.

    Raises:
        UserError: If there is no such set.
    """
    _check_name(name)
    if name == "speech":
        return _settings(n_train, n_test, seed).digest
    contents = {
        "fixture": lambda: [path.read_bytes() for path in FIXTURE],
        "shd": lambda: [archive.md5.encode() for archive in (shd.TRAIN, shd.TEST)],
        "own": lambda: [path.read_bytes() for path in _own(folder)],
    }
    return hashlib.sha256(b"".join(contents[name]())).hexdigest()


def n_own(folder: Path | str | None) -> int:
    """The number of training samples of a set of one's own, without reading them.

    Raises:
        UserError: If there is no such file, or it has no labels.
    """
    return count(_own(folder)[0], OWN_FIX)


def check_sizes(name: str, sizes: tuple[int, int]) -> None:
    """Refuses other numbers of classes and channels than a set has; one's own may have any."""
    if name != "own" and sizes != SIZES:
        what = f"the set {name} has {N_CLASSES} classes and {N_CHANNELS} channels"
        got = "data.n_classes={} data.n_channels={}".format(*sizes)
        fix = "leave them out, or take files of your own: data=own data.folder=FOLDER"
        raise UserError(what, got, f"{N_CLASSES} and {N_CHANNELS}", fix)


def _own(folder: Path | str | None) -> tuple[Path, Path]:
    """The files of a set of one's own, plain or zipped; the plain ones if there are both."""
    home = Path(folder or "").expanduser()
    either = [(home / name, home / f"{name}.zip") for name in OWN]
    found = [path for paths in either if (path := next(filter(Path.is_file, paths), None))]
    if not folder or len(found) < len(OWN):
        what, got = "a set of one's own has two files", folder or "no folder"
        expected = "a folder with train.h5 and test.h5, plain or as train.h5.zip and test.h5.zip"
        raise UserError(what, got, expected, "data=own data.folder=FOLDER; docs/data.md")
    return found[0], found[1]


def _check_name(name: str) -> None:
    if name not in TITLES:
        raise no_such("no such data set", name, name, TITLES, "data={}")


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
