"""The data sets by name, a class for each set."""

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pooch

from experiments.datasets import randman, synthetic
from experiments.datasets.events import N_CHANNELS, N_CLASSES, Events
from experiments.datasets.reader import FIX, load
from experiments.datasets.splits import shuffled
from experiments.engine.cache import user_cache, write_text
from experiments.engine.errors import UserError, no_such, readable_file

HERE = Path(__file__).parent
FIXTURE = (HERE / "fixture_train.h5.zip", HERE / "fixture_test.h5.zip")
SPEECH_CACHE = user_cache("speech")
"""Folder outside the repository: all checkouts of a machine share the generated speech."""
CHECKSUMS = "checksums.json"
"""Record of the checksums at first use, in the folder of published archives."""


@dataclass(frozen=True)
class Dataset:
    """A data set in memory.

    Attributes:
        title: Name in figures, with the number of training samples.
        train: Samples for training and validation.
        test: Samples for the test.
    """

    title: str
    train: Events
    test: Events


@dataclass(frozen=True)
class Source:
    """A data set that can be opened, and the samples that a run chooses of it.

    Attributes:
        folder: Folder of the files, present or to be written; by default in the user's cache.
        n_train: Number of training samples to generate, or to choose by `splits.shuffled`; None
            for the set's own number.
        n_test: Number of test samples, likewise.
        seed: Seed for the generated samples or the choice.
        download: Whether a published set may be downloaded.
        sizes: Numbers of classes and channels; None for those of the set.

    Raises:
        UserError: If the set has other sizes.
    """

    TITLE: ClassVar[str]
    """Name in figures. A stand-in does not have the name of the recorded set."""
    SIZES: ClassVar[tuple[int, int] | None] = (N_CLASSES, N_CHANNELS)
    """Numbers of classes and channels; None for any."""
    N_SAMPLES: ClassVar[tuple[int, int] | None] = None
    """Numbers of training and test samples, if they are known before the files are read."""
    NOUN: ClassVar[str] = "utterances"
    """Name of the samples in figures."""
    FIX: ClassVar[str] = FIX
    """Advice to the user about a bad file."""

    folder: Path | str | None = None
    n_train: int | None = None
    n_test: int | None = None
    seed: int = 0
    download: bool = False
    sizes: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.SIZES and self.sizes not in (None, self.SIZES):
            what = f"{self.TITLE}: the set has other numbers of classes and channels"
            got = "data.n_classes={} data.n_channels={}".format(*self.sizes)
            fix = "leave them out, or use your own files: data=own data.folder=FOLDER"
            raise UserError(what, got, "{} and {}".format(*self.SIZES), fix)

    def files(self) -> tuple[Path, ...]:
        """Find, generate or download the training and the test file.

        Raises:
            UserError: If a file is missing. Files are downloaded only on request.
        """
        raise NotImplementedError

    def digest(self) -> str:
        """Return a hash of everything the content depends on, for keys: by default, of the files.

        The choice of samples is part of the hash of generated sets only.
        """
        return _hash(path.read_bytes() for path in self.files())

    def check(self) -> None:
        """Find, generate or download the files before anything is computed.

        Raises:
            UserError: If files are missing, or the set has fewer samples than requested.
        """
        if self.N_SAMPLES:
            self._refuse_more(*self.N_SAMPLES)
        self.files()

    def open(self, digest: str = "") -> Dataset:
        """Find, generate or download the set, read both files and check them.

        Args:
            digest: Hash that `digest` returned before; empty for the present hash.

        Raises:
            UserError: If a file is missing or bad, or the digest differs. No set is ever
                substituted for another.
        """
        digest = digest or self.digest()
        train, test = self._read()
        # Compared after reading, so that the samples are those of the hash.
        if self.digest() != digest:
            what, got = "the data set was changed during the run", self.folder or self.TITLE
            fix = "run again, and change no file meanwhile"
            raise UserError(what, got, "files as the run began", fix)
        if test.classes != train.classes:
            what, got = "training and test set have different classes", self.folder or self.TITLE
            raise UserError(what, got, "the same classes", self.FIX)
        self._refuse_more(len(train), len(test))
        train, test = self._chosen(train, self.n_train), self._chosen(test, self.n_test)
        n_train = f"{len(train):,}".replace(",", " ")  # as in 8 156
        return Dataset(f"{self.TITLE}, {n_train} training {self.NOUN}", train, test)

    @property
    def _given(self) -> dict[str, int]:
        """The numbers of samples that are given."""
        numbers = {"n_train": self.n_train, "n_test": self.n_test}
        return {key: n for key, n in numbers.items() if n is not None}

    def _refuse_more(self, n_train: int, n_test: int) -> None:
        """Raise `UserError` if more samples are requested than the set has."""
        for name, most in {"n_train": n_train, "n_test": n_test}.items():
            n, key = self._given.get(name, most), f"data.{name}"
            if not 1 <= n <= most:
                got, expected = f"{key}={n}", f"1 to {most}"
                raise UserError("the data set has fewer samples", got, expected, f"{key}=null")

    def _read(self) -> Iterable[Events]:
        sizes = self.sizes or self.SIZES or (N_CLASSES, N_CHANNELS)
        return (load(path, *sizes, self.FIX) for path in self.files())

    def _chosen(self, events: Events, n: int | None) -> Events:
        """Return n samples chosen by `shuffled`; all samples if n is None."""
        if n is None or n == len(events):
            return events
        return events.select(np.sort(shuffled(len(events), self.seed)[:n]))


class Fixture(Source):
    """Small synthetic set in the repository."""

    TITLE, N_SAMPLES = "synthetic speech, fixture", (160, 40)

    def files(self) -> tuple[Path, Path]:
        if self.folder:
            what = "the fixture is part of the repository"
            raise UserError(what, self.folder, "no folder", "leave data.folder out")
        return FIXTURE


class Speech(Source):
    """Synthetic speech, generated on first use into a folder for each size and seed."""

    TITLE = "synthetic speech"
    FIX = "remove the folder of these files and run again: they are generated anew"

    def files(self) -> tuple[Path, Path]:
        home = Path(self.folder or SPEECH_CACHE).expanduser()
        return synthetic.generate(self._settings, home)

    def digest(self) -> str:
        return self._settings.digest

    @property
    def _settings(self) -> synthetic.CorpusSettings:
        return synthetic.CorpusSettings(**self._given, seed=self.seed)


class Randman(Source):
    """Random manifolds, generated in memory."""

    TITLE, NOUN = "random manifolds", "samples"
    SIZES = (randman.N_CLASSES, randman.N_CHANNELS)

    def files(self) -> tuple[()]:
        return ()

    def digest(self) -> str:
        return f"{self._given} {self.seed}"

    def _read(self) -> tuple[Events, Events]:
        return randman.generate(**self._given, seed=self.seed)


class Published(Source):
    """A set that was published as two archives with checksums."""

    NAME: ClassVar[str]
    """Folder in the user's cache."""
    MD5: ClassVar[dict[str, str]]
    """MD5 checksum of the training archive and of the test archive, by file name."""
    URL: ClassVar[str] = "https://zenkelab.org/datasets/"
    """Folder on the server; ends with a slash."""

    def files(self) -> tuple[Path, Path]:
        """Return the archives with verified checksums.

        An archive with another checksum is never replaced. MD5 can be forged, so both MD5 and
        SHA-256 are recorded beside the archives at first use, and compared at each later use.
        """
        for name, md5 in self.MD5.items():
            path = self._home / name
            if path.is_file():
                if (actual := pooch.file_hash(str(path), "md5")) != md5:
                    raise self._error(
                        f"{path} is not the published file, remove it", f"md5 {actual}"
                    )
            elif not self.download:
                raise self._error("not found", f"no {path}")
        registry = {name: f"md5:{md5}" for name, md5 in self.MD5.items()}
        store = pooch.create(self._home, self.URL, registry=registry)
        try:
            train, test = (
                Path(store.fetch(name, progressbar=sys.stderr.isatty())) for name in registry
            )
        # Errors of the connection are OSErrors; ValueError is another checksum.
        except (OSError, ValueError) as error:
            # Pooch leaves the answer of a server that refuses open.
            if (response := getattr(error, "response", None)) is not None:
                response.close()
            got = f"{type(error).__name__}: {error}"
            raise self._error("could not be downloaded", got) from error
        self._compare_with_first_use(train, test)
        return train, test

    def _compare_with_first_use(self, *archives: Path) -> None:
        """Compare checksums with the record of the first use, or write the record."""
        record = self._home / CHECKSUMS
        sums = {
            path.name: {name: pooch.file_hash(str(path), name) for name in ("md5", "sha256")}
            for path in archives
        }
        if record.is_file():
            fix = f"remove {record}, if the archives are as you got them"
            with readable_file("the record of checksums", record, fix):
                first = json.loads(record.read_text())
                changed = [name for name in sums if sums[name] != first[name]]
            for name in changed:
                what = f"{self._home / name} is not the file of its first use, remove it"
                raise self._error(what, f"{sums[name]}; {record} has {first[name]}")
        elif os.access(self._home, os.W_OK):
            write_text(record, json.dumps(sums, indent=2) + "\n")

    def digest(self) -> str:
        return _hash(md5.encode() for md5 in self.MD5.values())

    @property
    def _home(self) -> Path:
        return Path(self.folder).expanduser() if self.folder else user_cache(self.NAME)

    def _error(self, what: str, got: str) -> UserError:
        archives = " and ".join(f"{name} (md5 {md5})" for name, md5 in self.MD5.items())
        fix = f"download {archives} from {self.URL} into {self._home}, or data.download=true"
        return UserError(f"{self.TITLE}: {what}", got, "the archives as published", fix)


class HeidelbergDigits(Published):
    """Cramer et al., IEEE TNNLS 33(7), 2022; CC BY 4.0."""

    TITLE, NAME = "Spiking Heidelberg Digits", "shd"
    MD5: ClassVar = {
        "shd_train.h5.zip": "f3252aeb598ac776c1b526422d90eecb",
        "shd_test.h5.zip": "1503a5064faa34311c398fb0a1ed0a6f",
    }
    N_SAMPLES = (8156, 2264)


class Own(Source):
    """Files of the user: train.h5 and test.h5, plain files before zipped ones."""

    TITLE, SIZES = "own data", None
    FIX = "change the file, or data.n_classes and data.n_channels; its schema is in docs/data.md"

    def files(self) -> tuple[Path, Path]:
        home = Path(self.folder or "").expanduser()
        either = [(home / name, home / f"{name}.zip") for name in ("train.h5", "test.h5")]
        files = [path for paths in either if (path := next(filter(Path.is_file, paths), None))]
        if not self.folder or len(files) < 2:
            what, got = "your own data set needs two files", self.folder or "no folder"
            expected = (
                "a folder with train.h5 and test.h5, plain or as train.h5.zip and test.h5.zip"
            )
            raise UserError(what, got, expected, "data=own data.folder=FOLDER; docs/data.md")
        return files[0], files[1]


CATALOGUE: dict[str, type[Source]] = {
    "fixture": Fixture,
    "speech": Speech,
    "shd": HeidelbergDigits,
    "randman": Randman,
    "own": Own,
}


def source(name: str, **settings: Any) -> Source:
    """Return a data set by name, with the fields of `Source`.

    Raises:
        UserError: If the catalogue has no set of this name, or the set has other sizes.
    """
    if name not in CATALOGUE:
        raise no_such("no such data set", name, name, CATALOGUE, "data={}")
    return CATALOGUE[name](**settings)


def open_dataset(name: str, **settings: Any) -> Dataset:
    """Open a data set by name, as "fixture", with the fields of `Source`; see `Source.open`."""
    return source(name, **settings).open()


def _hash(contents: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in contents:
        digest.update(part)
    return digest.hexdigest()
