"""Open a data set, or say what it depends on and how large it is."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from experiments.datasets.catalogue import SIZES, Asked, entry
from experiments.datasets.events import Events
from experiments.datasets.hdf5 import load
from experiments.datasets.splits import shuffled
from experiments.engine.errors import UserError


@dataclass(frozen=True)
class Dataset:
    """A data set with its training samples in memory and its test samples still on disk.

    Attributes:
        title: What a figure calls it, with the number of training samples.
        train: The samples to train on and to validate with.
        digest: Hash of what its content depends on, for cache keys.
        read_test: Read the test samples.
    """

    title: str
    train: Events
    digest: str
    read_test: Callable[[], Events] = field(repr=False)

    @cached_property
    def test(self) -> Events:
        """The test samples, read on first access: after training."""
        return self.read_test()


def open_dataset(
    name: str, sizes: tuple[int, int] = SIZES, digest: str = "", **asked: Any
) -> Dataset:
    """Find, generate or download a data set, check both files and read the training samples.

    Args:
        name: "fixture", the small committed set; "speech", generated on first use; "shd", the
            Spiking Heidelberg Digits; "ssc", the Spiking Speech Commands; "randman", curves,
            generated; "own", files of the user's own in their schema.
        sizes: Numbers of classes and channels; a set of one's own may have any.
        digest: What `Entry.digest` has returned for the same set; empty for whatever it is now.
        **asked: The fields of `Asked`: folder, n_train, n_test, seed, download.

    Raises:
        UserError: If there is no such set, its files are missing, or one of them is bad, or another
            than the digest's. One set is never substituted for another.
    """
    known, wanted = entry(name), Asked(**asked)
    check_sizes(name, sizes)
    train_path, test_path = known.files(wanted)
    digest = digest or known.digest(wanted)

    def read(path: Path) -> Events:
        events = load(path, *sizes, known.fix)
        # What has been read is what was hashed. To look for published files verifies them.
        known.look(replace(wanted, download=False))
        if known.digest(wanted) != digest:
            what, expected = "the data set was changed during the run", "files as the run began"
            raise UserError(what, path, expected, "run again, and change no file meanwhile")
        return events

    train = _chosen(read(train_path), wanted.n_train, wanted.seed, "n_train")
    # A bad test file must be found now, not after hours of training; its samples stay unused.
    test = read(test_path)
    if test.classes != train.classes:
        what, got = "training and test set have different classes", f"{train_path} and {test_path}"
        raise UserError(what, got, "the same classes", known.fix)
    _chosen(test, wanted.n_test, wanted.seed, "n_test")
    return Dataset(
        f"{known.title}, {_spaced(len(train))} training {known.noun}",
        train,
        digest,
        lambda: _chosen(read(test_path), wanted.n_test, wanted.seed, "n_test"),
    )


def check_inputs(name: str, asked: Asked) -> None:
    """Refuse, before anything is computed, what `open_dataset` would refuse of files and numbers.

    Files are looked for, not read, generated or downloaded.
    """
    known = entry(name)
    known.look(asked)
    n_train, n_test = known.n_samples(asked)
    _refuse_more(asked.n_train, n_train, "n_train")
    _refuse_more(asked.n_test, n_test, "n_test")


def check_sizes(name: str, sizes: tuple[int, int]) -> None:
    """Refuse other numbers of classes and channels than a set has."""
    has = entry(name).sizes
    if has and has != sizes:
        what = "the set {} has {} classes and {} channels".format(name, *has)
        got = "data.n_classes={} data.n_channels={}".format(*sizes)
        fix = "leave them out, or take files of your own: data=own data.folder=FOLDER"
        raise UserError(what, got, "{} and {}".format(*has), fix)


def _chosen(events: Events, n: int | None, seed: int, parameter: str) -> Events:
    """Return samples chosen by the fixed rule; all if `n` is None or their number."""
    _refuse_more(n, len(events), parameter)
    if n is None or n == len(events):
        return events
    return events.select(np.sort(shuffled(len(events), seed)[:n]))


def _refuse_more(n: int | None, most: int, parameter: str) -> None:
    """Refuse more samples than there are; None stands for all."""
    if n is not None and not 1 <= n <= most:
        key = f"data.{parameter}"
        raise UserError(
            "the data set has fewer samples", f"{key}={n}", f"1 to {most}", f"{key}=null"
        )


def _spaced(n: int) -> str:
    """Separate thousands, as in 8 156."""
    return f"{n:,}".replace(",", " ")
