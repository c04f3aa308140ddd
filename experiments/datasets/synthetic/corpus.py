"""Generation of a corpus on all cores, into files in the schema of the Heidelberg data sets."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from itertools import repeat
from pathlib import Path

import numpy as np

from experiments.datasets.synthetic.plan import CLASS_NAMES, Utterance, utterances
from experiments.datasets.synthetic.settings import CorpusSettings, code_digest
from experiments.engine.cache import locked, new_file
from experiments.engine.errors import UserError
from experiments.engine.processes import new_processes
from experiments.engine.progress import bar
from experiments.engine.provenance import cores

NEEDED = ("espeakng_loader", "lauscher", "numba", "scipy", "h5py")
"""Optional packages."""
ABOUT = (
    "Synthetic spoken digits: eSpeak NG voices through lauscher's model of the inner ear. "
    "A stand-in in the schema of the Spiking Heidelberg Digits; it is not that data set."
)
# Core seconds per utterance and for the tables, for the estimate that is shown at the start.
COST, TABLES_COST = 0.16, 12
CHUNK = 20
"""Utterances that a process gets at once."""

log = logging.getLogger(__name__)
Spikes = tuple[np.ndarray, np.ndarray]


def generate(
    settings: CorpusSettings, folder: Path | str, workers: int | None = None
) -> tuple[Path, Path]:
    """Generate a corpus of synthetic spoken digits, unless it exists.

    The same settings give the same bits on the same installation, whatever the number of workers.

    Args:
        settings: Size and seed.
        folder: Cache of corpora; this one goes to `folder/<settings.digest>`.
        workers: Processes; default is one per core.

    Returns:
        The files of the training and the test set, HDF5 in the schema of the Heidelberg sets.

    Raises:
        UserError: if the optional packages are not installed.
    """
    home = Path(folder) / settings.digest
    files = home / "speech_train.h5", home / "speech_test.h5"
    # Each file appears whole.
    if not all(path.is_file() for path in files):
        require()
        with locked(home):
            if not all(path.is_file() for path in files):
                _generate(settings, files, workers or cores())
    return files


def require() -> None:
    """Check that speech can be generated here.

    Raises:
        UserError: naming what is missing and the command that installs it.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        what, got = "packages that synthesise speech are missing", f"no {', '.join(missing)}"
        command = "pip install --require-hashes -r configs/figure/fig7/requirements.lock"
        fix = f"{command} (make figure-7 does it)"
        raise UserError(what, got, "the packages of the extra 'speech'", fix)


def tables_folder(cache: Path) -> Path:
    """Return the folder of the ear's tables, shared by all corpora of a cache."""
    return cache / f"membrane-{code_digest(('membrane.py',))[:16]}"


def _generate(settings: CorpusSettings, files: tuple[Path, Path], workers: int) -> None:
    from experiments.datasets.synthetic import membrane
    from experiments.datasets.synthetic.ear import hear

    home, corpus = files[0].parent, utterances(settings)
    tables, n = tables_folder(home.parent), len(corpus)
    minutes = max(1, round((n * COST + TABLES_COST) / workers / 60))
    words = "speech: %d synthetic utterances to generate in %s, about %d min on %d cores"
    log.info(words, n, home, minutes, workers)
    dry = _spoken(corpus, settings.seed, workers)
    with new_processes(workers) as pool:
        blocks = pool.map(membrane.tabulate, repeat(tables), range(membrane.N_BLOCKS))
        list(bar(blocks, desc="ear: tables", total=membrane.N_BLOCKS))
        seeds = ([settings.seed, 2, utterance.index] for utterance in corpus)
        heard = pool.map(hear, dry, seeds, repeat(tables), chunksize=CHUNK)
        spikes = list(bar(heard, desc="spikes", total=n))
    middle = settings.n_train
    _write(files[0], settings, "train", corpus[:middle], spikes[:middle])
    _write(files[1], settings, "test", corpus[middle:], spikes[middle:])


def _spoken(corpus: Sequence[Utterance], seed: int, workers: int) -> list[np.ndarray]:
    """Return the dry waves of all utterances.

    eSpeak needs a new process for each speaker and language.
    """
    from experiments.datasets.synthetic.synthesis import say_all

    groups: dict[tuple[int, str], list[Utterance]] = {}
    for utterance in corpus:
        groups.setdefault((utterance.speaker, utterance.language), []).append(utterance)
    dry: dict[int, np.ndarray] = {}
    with ThreadPoolExecutor(workers) as pool:
        said = pool.map(partial(_in_a_new_process, say_all), groups.values(), repeat(seed))
        for group, waves in zip(groups.values(), bar(said, "words", len(groups)), strict=True):
            dry |= {u.index: wave for u, wave in zip(group, waves, strict=True)}
    return [dry[utterance.index] for utterance in corpus]


def _in_a_new_process(function, *arguments):
    with new_processes(1) as pool:
        return pool.submit(function, *arguments).result()


def _write(
    path: Path,
    settings: CorpusSettings,
    split: str,
    corpus: Sequence[Utterance],
    spikes: Sequence[Spikes],
) -> None:
    """Write a file of spikes.

    Args:
        path: The file.
        settings: Settings of the corpus.
        split: "train" or "test".
        corpus: The utterances of the file.
        spikes: Times in seconds, float16, and channels, uint16, of each utterance.
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
        meta = {
            "description": ABOUT,
            "split": split,
            "n_train": settings.n_train,
            "n_test": settings.n_test,
            "seed": settings.seed,
            "digest": settings.digest,
        }
        for name, value in meta.items():
            file[f"extra/meta_info/{name}"] = value
