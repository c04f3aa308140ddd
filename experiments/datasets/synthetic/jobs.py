"""Jobs of worker processes: tables, words, spikes. Each writes one file, atomically.

A file that exists is not computed again, so that a killed generation resumes.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np

from experiments.datasets.synthetic import membrane, room
from experiments.datasets.synthetic.plan import Utterance, utterances
from experiments.datasets.synthetic.settings import CorpusSettings, code_digest
from experiments.engine.cache import new_file

# Utterances per file: about two seconds of work.
CHUNK = 20


def tables_folder(cache: Path) -> Path:
    """Return the folder of the ear's tables, shared by all corpora of a cache."""
    return cache / f"membrane-{code_digest(('membrane.py',))[:16]}"


def words_path(parts: Path, speaker: int, language: str) -> Path:
    """Return the file with the words of a speaker in a language."""
    return parts / f"words-{speaker:02d}-{language}.npz"


def spikes_path(parts: Path, first: int) -> Path:
    """Return the file with the spikes of `CHUNK` utterances from number `first` on."""
    return parts / f"spikes-{first:06d}.npz"


def say(settings: CorpusSettings, parts: Path, speaker: int, language: str) -> None:
    """Synthesise all words of a speaker in a language; run at most one such job per process."""
    from experiments.datasets.synthetic.synthesis import say_all

    path = words_path(parts, speaker, language)
    words = [u for u in utterances(settings) if (u.speaker, u.language) == (speaker, language)]
    if not path.exists() and words:
        waves = say_all(words, settings.seed)
        save(path, {str(u.index): wave for u, wave in zip(words, waves, strict=True)})


def hear(settings: CorpusSettings, parts: Path, tables: Path, first: int, n: int) -> None:
    """Write the spikes of `n` utterances from number `first` on.

    Args:
        settings: Settings of the corpus.
        parts: Folder of the intermediate files.
        tables: Folder with the tables of the ear.
        first: Number of the first utterance of the job.
        n: Number of utterances of the job; the last job of a corpus may have fewer.
    """
    path = spikes_path(parts, first)
    chunk = utterances(settings)[first : first + n]
    if not path.exists():
        arrays = {}
        for utterance in chunk:
            # Each utterance has a generator: the order of the jobs does not change the samples.
            rng = np.random.default_rng([settings.seed, 2, utterance.index])
            wave, length = room.place(_word(parts, utterance), membrane.N_SAMPLES, rng)
            times, units = _ear(tables).listen(wave, length, rng)
            arrays |= {f"times_{utterance.index}": times, f"units_{utterance.index}": units}
        save(path, arrays)


def _word(parts: Path, utterance: Utterance) -> np.ndarray:
    path = words_path(parts, utterance.speaker, utterance.language)
    with np.load(path) as words:
        return words[str(utterance.index)]


@lru_cache
def _ear(tables: Path):
    from experiments.datasets.synthetic.ear import Ear

    return Ear(tables)


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays to a file, atomically."""
    with new_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
