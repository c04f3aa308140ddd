"""Settings of a corpus, their checks, and the corpus's digest."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from experiments.engine.cache import code_hash
from experiments.engine.errors import UserError

# Modules that decide the content of a corpus.
DECIDING = (
    "plan.py",
    "voices.py",
    "synthesis.py",
    "room.py",
    "membrane.py",
    "hair_cells.py",
    "ear.py",
)


@dataclass(frozen=True)
class CorpusSettings:
    """Size and seed of a corpus.

    Attributes:
        n_train: Number of training utterances by ten speakers, a multiple of the 20 classes.
        n_test: Number of test utterances, a multiple of 40 and at most n_train. Half of them
            are by two speakers who are not in the training set, half by the ten others.
        seed: Seed for all draws: prosody, room, noise, release of transmitter.

    Raises:
        UserError: if a number is not possible.
    """

    n_train: int = 3000
    n_test: int = 800
    seed: int = 0

    def __post_init__(self) -> None:
        if self.n_train <= 0 or self.n_train % 20:
            raise parameter_error(
                "n_train", self.n_train, "a positive multiple of 20", "n_train=3000"
            )
        if self.n_test <= 0 or self.n_test % 40:
            raise parameter_error("n_test", self.n_test, "a positive multiple of 40", "n_test=800")
        if self.n_test > self.n_train:
            most = self.n_train // 40 * 40
            fix = f"n_test={most}" if most else f"n_train={self.n_test}"
            raise parameter_error("n_test", self.n_test, "at most n_train", fix)
        if not 0 <= self.seed < 2**32:
            raise parameter_error("seed", self.seed, "0 <= seed < 2**32", "seed=0")

    @property
    def digest(self) -> str:
        """Name of the corpus: 16 hexadecimal digits, a hash of settings and generating code."""
        text = json.dumps([asdict(self), code_digest(DECIDING)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def parameter_error(name: str, got: object, expected: str, fix: str) -> UserError:
    """Return the error about one setting.

    Args:
        name: Name of the setting.
        got: Its value.
        expected: Values that are possible.
        fix: What to write instead.
    """
    what = f"{name} of a speech corpus is not possible"
    return UserError(what, f"{name}={got!r}", expected, f"data.{fix}")


@cache
def code_digest(names: tuple[str, ...]) -> str:
    """Return a hash of the code of modules of this package, without comments and docstrings."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(code_hash(Path(__file__).parent / name).encode())
    return digest.hexdigest()
