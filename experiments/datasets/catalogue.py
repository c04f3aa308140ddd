"""The data sets by name, an entry for each set."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from experiments.datasets import randman, synthetic
from experiments.datasets.events import N_CHANNELS, N_CLASSES
from experiments.datasets.published import Published
from experiments.datasets.reader import FIX, count
from experiments.engine.cache import user_cache
from experiments.engine.errors import UserError, no_such

SIZES = (N_CLASSES, N_CHANNELS)
HERE = Path(__file__).parent
FIXTURE = (HERE / "fixture_train.h5.zip", HERE / "fixture_test.h5.zip")
OWN = ("train.h5", "test.h5")
SPEECH_CACHE = user_cache("speech")
RANDMAN_CACHE = user_cache("randman")
"""Folders outside the repository: all checkouts of a machine share the sets."""

URL = "https://zenkelab.org/datasets/"
# Cramer et al., IEEE TNNLS 33(7), 2022; CC BY 4.0.
SHD = Published(
    "Spiking Heidelberg Digits",
    "shd",
    URL,
    {
        "shd_train.h5.zip": "f3252aeb598ac776c1b526422d90eecb",
        "shd_test.h5.zip": "1503a5064faa34311c398fb0a1ed0a6f",
    },
)
SSC = Published(
    "Spiking Speech Commands",
    "ssc",
    URL,
    {
        "ssc_train.h5.zip": "d102be95e7144fcc0553d1f45ba94170",
        "ssc_test.h5.zip": "a35ff1e9cffdd02a20eb850c17c37748",
    },
)


@dataclass(frozen=True)
class Request:
    """Parameters of a run that choose the samples of a set.

    Attributes:
        folder: Folder of the files, present or to be written; by default in the user's cache.
            Generated sets have a folder for each size and seed in it.
        n_train: Number of training samples to generate, or to choose by `splits.shuffled`; None
            for the set's own number.
        n_test: Number of test samples, likewise.
        seed: Seed for the generated samples or the choice.
        download: Whether a published set may be downloaded.
    """

    folder: Path | str | None = None
    n_train: int | None = None
    n_test: int | None = None
    seed: int = 0
    download: bool = False


@dataclass(frozen=True)
class Entry:
    """A data set.

    Attributes:
        title: Name in figures. A stand-in does not have the name of the recorded set.
        files: Function that finds, generates or downloads the training and the test file. It raises
            `UserError` for missing files, and downloads only on request.
        digest: Function that returns a hash of everything the content depends on, for keys, without
            reading samples. The choice of samples is part of the digest of generated sets only.
        n_samples: Function that returns the numbers of training and test samples.
        look: Function that raises `UserError` for missing files, unless they can be generated or
            downloaded.
        sizes: Numbers of classes and channels; None for any.
        fix: Advice to the user about a bad file.
        noun: Name of the samples in figures.
    """

    title: str
    files: Callable[[Request], tuple[Path, Path]]
    digest: Callable[[Request], str]
    n_samples: Callable[[Request], tuple[int, int]]
    look: Callable[[Request], object]
    sizes: tuple[int, int] | None = SIZES
    fix: str = FIX
    noun: str = "utterances"


def entry(name: str) -> Entry:
    """Return the entry of a data set.

    Raises:
        UserError: If the catalogue has no set of this name.
    """
    if name not in CATALOGUE:
        raise no_such("no such data set", name, name, CATALOGUE, "data={}")
    return CATALOGUE[name]


def _hash(contents: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in contents:
        digest.update(part)
    return digest.hexdigest()


def _fixture(request: Request) -> tuple[Path, Path]:
    if request.folder:
        what = "the fixture is part of the repository"
        raise UserError(what, request.folder, "no folder", "leave data.folder out")
    return FIXTURE


def _speech(request: Request) -> tuple[Path, Path]:
    return synthetic.generate(_settings(request), Path(request.folder or SPEECH_CACHE).expanduser())


def _randman(request: Request) -> tuple[Path, Path]:
    home = Path(request.folder or RANDMAN_CACHE).expanduser()
    return randman.generate(randman.RandmanSettings(**_sizes(request), seed=request.seed), home)


def _sizes(request: Request) -> dict[str, int]:
    sizes = {"n_train": request.n_train, "n_test": request.n_test}
    return {key: n for key, n in sizes.items() if n is not None}


def _settings(request: Request) -> synthetic.CorpusSettings:
    try:
        return synthetic.CorpusSettings(**_sizes(request), seed=request.seed)
    except UserError as error:
        # In a figure's config these settings are fields of `data`.
        raise UserError(error.what, error.got, error.expected, f"data.{error.fix}") from error


def _own(request: Request) -> tuple[Path, Path]:
    """Return the files of the user's own set, plain files before zipped ones."""
    home = Path(request.folder or "").expanduser()
    either = [(home / name, home / f"{name}.zip") for name in OWN]
    files = [path for paths in either if (path := next(filter(Path.is_file, paths), None))]
    if not request.folder or len(files) < len(OWN):
        what, got = "your own data set needs two files", request.folder or "no folder"
        expected = "a folder with train.h5 and test.h5, plain or as train.h5.zip and test.h5.zip"
        raise UserError(what, got, expected, "data=own data.folder=FOLDER; docs/data.md")
    return files[0], files[1]


def published(
    archives: Published, n_samples: tuple[int, int], sizes: tuple[int, int] = SIZES
) -> Entry:
    """Return the entry of a set that consists of two archives with published checksums.

    Args:
        archives: The two archives.
        n_samples: Numbers of training and test samples.
        sizes: Numbers of classes and channels.
    """
    return Entry(
        archives.title,
        lambda request: archives.locate(request.folder, request.download),
        lambda _: _hash(md5.encode() for md5 in archives.md5.values()),
        lambda _: n_samples,
        lambda request: request.download or archives.locate(request.folder),
        sizes,
    )


AGAIN = "remove the folder of these files and run again: they are generated anew"
OWN_FIX = "change the file, or data.n_classes and data.n_channels; its schema is in docs/data.md"
CATALOGUE = {
    "fixture": Entry(
        "synthetic speech, fixture",
        _fixture,
        lambda _: _hash(path.read_bytes() for path in FIXTURE),
        lambda _: (160, 40),
        _fixture,
    ),
    "speech": Entry(
        "synthetic speech",
        _speech,
        lambda request: _settings(request).digest,
        lambda request: (_settings(request).n_train, _settings(request).n_test),
        lambda request: None,
        fix=AGAIN,
    ),
    "shd": published(SHD, (8156, 2264)),
    "ssc": published(SSC, (75_466, 20_382), (35, N_CHANNELS)),
    "randman": Entry(
        "random manifolds",
        _randman,
        lambda request: randman.RandmanSettings(**_sizes(request), seed=request.seed).digest,
        lambda request: randman.RandmanSettings(**_sizes(request)).n_samples,
        lambda request: None,
        (randman.N_CLASSES, randman.N_CHANNELS),
        AGAIN,
        "samples",
    ),
    "own": Entry(
        "own data",
        _own,
        lambda request: _hash(path.read_bytes() for path in _own(request)),
        lambda request: (count(_own(request)[0], OWN_FIX), count(_own(request)[1], OWN_FIX)),
        _own,
        None,
        OWN_FIX,
    ),
}
