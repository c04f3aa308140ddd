"""Data sets: open them, or check their files and sizes before a run."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.datasets.catalogue import SIZES, Request, entry
from experiments.datasets.events import Events
from experiments.datasets.reader import load
from experiments.datasets.splits import shuffled
from experiments.engine.errors import UserError


@dataclass(frozen=True)
class Dataset:
    """A data set in memory.

    Attributes:
        title: Name in figures, with the number of training samples.
        train: Samples for training and validation.
        test: Samples for the test.
        digest: Hash of everything the content depends on, for keys.
    """

    title: str
    train: Events
    test: Events
    digest: str


def open_dataset(
    name: str, sizes: tuple[int, int] = SIZES, digest: str = "", **request: Any
) -> Dataset:
    """Find, generate or download a data set, read both files and check them.

    Args:
        name: "fixture", the small committed set; "speech", generated on first use; "shd", the
            Spiking Heidelberg Digits; "ssc", the Spiking Speech Commands; "randman", curves,
            generated; "own", the user's own files in the same schema.
        sizes: Numbers of classes and channels; your own set may have any.
        digest: Hash that `Entry.digest` returned for the same set before; empty for the present
            hash.
        **request: The fields of `Request`: folder, n_train, n_test, seed, download.

    Returns:
        The data set.

    Raises:
        UserError: If the set is unknown, a file is missing or bad, or the digest differs. No set is
            ever substituted for another.
    """
    source, wanted = entry(name), Request(**request)
    check_sizes(name, sizes)
    files = source.files(wanted)
    digest = digest or source.digest(wanted)
    train, test = (load(path, *sizes, source.fix) for path in files)
    # Compared after reading, so that the samples are those of the hash.
    if source.digest(wanted) != digest:
        what, expected = "the data set was changed during the run", "files as the run began"
        fix = "run again, and change no file meanwhile"
        raise UserError(what, " and ".join(map(str, files)), expected, fix)
    if test.classes != train.classes:
        what, got = "training and test set have different classes", " and ".join(map(str, files))
        raise UserError(what, got, "the same classes", source.fix)
    train = _chosen(train, wanted.n_train, wanted.seed, "n_train")
    test = _chosen(test, wanted.n_test, wanted.seed, "n_test")
    n_train = f"{len(train):,}".replace(",", " ")  # as in 8 156
    return Dataset(f"{source.title}, {n_train} training {source.noun}", train, test, digest)


def check_inputs(name: str, request: Request) -> None:
    """Check files and numbers of samples as `open_dataset` does, before anything is computed.

    Files are neither read, nor generated, nor downloaded.

    Raises:
        UserError: If files are missing, or a set has fewer samples than requested.
    """
    source = entry(name)
    source.look(request)
    n_train, n_test = source.n_samples(request)
    _refuse_more(request.n_train, n_train, "n_train")
    _refuse_more(request.n_test, n_test, "n_test")


def check_sizes(name: str, sizes: tuple[int, int]) -> None:
    """Raise `UserError` if a set has other numbers of classes or channels.

    Args:
        name: Name of the set.
        sizes: Requested numbers of classes and channels.

    Raises:
        UserError: If the set has other sizes.
    """
    has = entry(name).sizes
    if has and has != sizes:
        what = "the set {} has {} classes and {} channels".format(name, *has)
        got = "data.n_classes={} data.n_channels={}".format(*sizes)
        fix = "leave them out, or use your own files: data=own data.folder=FOLDER"
        raise UserError(what, got, "{} and {}".format(*has), fix)


def _chosen(events: Events, n: int | None, seed: int, parameter: str) -> Events:
    """Return n samples chosen by `shuffled`; all samples if n is None."""
    _refuse_more(n, len(events), parameter)
    if n is None or n == len(events):
        return events
    return events.select(np.sort(shuffled(len(events), seed)[:n]))


def _refuse_more(n: int | None, most: int, parameter: str) -> None:
    """Raise `UserError` if n exceeds the number of samples; n = None means all samples."""
    if n is not None and not 1 <= n <= most:
        key = f"data.{parameter}"
        raise UserError(
            "the data set has fewer samples", f"{key}={n}", f"1 to {most}", f"{key}=null"
        )
