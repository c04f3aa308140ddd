"""The data sets by name: one entry each, which holds all that is known of a set."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from experiments.datasets import generated, randman, synthetic
from experiments.datasets.events import N_CHANNELS, N_CLASSES
from experiments.datasets.hdf5 import FIX, count
from experiments.datasets.published import Archive, Published
from experiments.engine.compute.places import user_cache
from experiments.engine.errors import UserError, no_such

SIZES = (N_CLASSES, N_CHANNELS)
HERE = Path(__file__).parent
FIXTURE = (HERE / "fixture_train.h5.zip", HERE / "fixture_test.h5.zip")
OWN = ("train.h5", "test.h5")
SPEECH_CACHE = user_cache("speech")
RANDMAN_CACHE = user_cache("randman")
"""Outside the repository: one corpus serves all checkouts of a machine."""

SHD = Published(
    "Spiking Heidelberg Digits",  # Cramer et al., IEEE TNNLS 33(7), 2022; CC BY 4.0
    "shd",
    "https://zenkelab.org/datasets/",
    Archive("shd_train.h5.zip", "f3252aeb598ac776c1b526422d90eecb"),
    Archive("shd_test.h5.zip", "1503a5064faa34311c398fb0a1ed0a6f"),
)

SSC = Published(
    "Spiking Speech Commands",  # Cramer et al., as above; CC BY 4.0
    "ssc",
    SHD.url,
    Archive("ssc_train.h5.zip", "d102be95e7144fcc0553d1f45ba94170"),
    Archive("ssc_test.h5.zip", "a35ff1e9cffdd02a20eb850c17c37748"),
)


@dataclass(frozen=True)
class Asked:
    """What a run asks of a set.

    Attributes:
        folder: Where its files are, or are to be put. By default the user's cache for "shd" and
            "speech", which has a folder for each size and seed.
        n_train: Number of training samples to generate, or to choose by `splits.shuffled`.
        n_test: Number of test samples, likewise.
        seed: Seed of the generation or the choice.
        download: Whether the real set may be downloaded.
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
        title: What a figure calls it; only the recorded set bears its name.
        files: Find, generate or download the training and the test file. What is missing is
            refused with the way to get it; nothing is downloaded unasked.
        digest: Hash of what its content depends on, for cache keys, without reading samples. But
            for a generated set, the choice of samples is not part of it.
        n_samples: Numbers of its training and test samples.
        look: Refuse files that are missing, unless they are to be generated or downloaded.
        sizes: Numbers of classes and channels; None for any.
        fix: What the user should do about a bad file.
        noun: What a figure calls its samples.
    """

    title: str
    files: Callable[[Asked], tuple[Path, Path]]
    digest: Callable[[Asked], str]
    n_samples: Callable[[Asked], tuple[int, int]]
    look: Callable[[Asked], object]
    sizes: tuple[int, int] | None = SIZES
    fix: str = FIX
    noun: str = "utterances"


def entry(name: str) -> Entry:
    """Return the entry of that name; refuse a name that there is not."""
    if name not in CATALOGUE:
        raise no_such("no such data set", name, name, CATALOGUE, "data={}")
    return CATALOGUE[name]


def _hash(contents: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in contents:
        digest.update(part)
    return digest.hexdigest()


def _fixture(asked: Asked) -> tuple[Path, Path]:
    if asked.folder:
        what = "the fixture is part of the repository"
        raise UserError(what, asked.folder, "no folder", "leave data.folder out")
    return FIXTURE


def _speech(asked: Asked) -> tuple[Path, Path]:
    return synthetic.generate(_settings(asked), Path(asked.folder or SPEECH_CACHE).expanduser())


def _randman(asked: Asked) -> tuple[Path, Path]:
    home = Path(asked.folder or RANDMAN_CACHE).expanduser()
    return randman.generate(randman.Settings(**_sizes(asked), seed=asked.seed), home)


def _sizes(asked: Asked) -> dict[str, int]:
    sizes = {"n_train": asked.n_train, "n_test": asked.n_test}
    return {key: n for key, n in sizes.items() if n is not None}


def _settings(asked: Asked) -> synthetic.Settings:
    try:
        return synthetic.Settings(**_sizes(asked), seed=asked.seed)
    except UserError as error:
        # In a figure's config these settings are fields of `data`.
        raise UserError(error.what, error.got, error.expected, f"data.{error.fix}") from error


def _own(asked: Asked) -> tuple[Path, Path]:
    """Return the files of a set of one's own; the plain ones if there are zipped ones, too."""
    home = Path(asked.folder or "").expanduser()
    either = [(home / name, home / f"{name}.zip") for name in OWN]
    found = [path for paths in either if (path := next(filter(Path.is_file, paths), None))]
    if not asked.folder or len(found) < len(OWN):
        what, got = "a set of one's own has two files", asked.folder or "no folder"
        expected = "a folder with train.h5 and test.h5, plain or as train.h5.zip and test.h5.zip"
        raise UserError(what, got, expected, "data=own data.folder=FOLDER; docs/data.md")
    return found[0], found[1]


def published(
    archives: Published, n_samples: tuple[int, int], sizes: tuple[int, int] = SIZES
) -> Entry:
    """Return the entry of a set that is two archives with published checksums."""
    return Entry(
        archives.title,
        lambda asked: archives.locate(asked.folder, asked.download),
        lambda _: _hash(archive.md5.encode() for archive in archives.archives),
        lambda _: n_samples,
        lambda asked: asked.download or archives.locate(asked.folder),
        sizes,
    )


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
        lambda asked: _settings(asked).digest,
        lambda asked: (_settings(asked).n_train, _settings(asked).n_test),
        lambda asked: None,
        fix=generated.AGAIN,
    ),
    "shd": published(SHD, (8156, 2264)),
    "ssc": published(SSC, (75_466, 20_382), (35, N_CHANNELS)),
    "randman": Entry(
        "random manifolds",
        _randman,
        lambda asked: randman.Settings(**_sizes(asked), seed=asked.seed).digest,
        lambda asked: randman.Settings(**_sizes(asked)).numbers,
        lambda asked: None,
        (randman.N_CLASSES, randman.N_CHANNELS),
        generated.AGAIN,
        "samples",
    ),
    "own": Entry(
        "own data",
        _own,
        lambda asked: _hash(path.read_bytes() for path in _own(asked)),
        lambda asked: (count(_own(asked)[0], OWN_FIX), count(_own(asked)[1], OWN_FIX)),
        _own,
        None,
        OWN_FIX,
    ),
}
