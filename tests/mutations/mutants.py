"""Run tests with one line of code changed: python -m tests.mutations.mutants ROWS.

ROWS are rows of mutations.toml as JSON. This process imports the libraries, which takes seconds,
and forks a child for each row. The child imports our code with the change. Nothing is written.
"""

import json
import os
import shlex
import signal
import sys
import warnings
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARIES = """
    beartype grimp h5py hydra.compose hydra.test_utils.test_utils hydra.utils hypothesis jaxtyping
    jax.experimental.compilation_cache.compilation_cache matplotlib.pyplot omegaconf optax PIL.Image
    platformdirs pydantic pytest scipy.optimize scipy.stats tqdm xarray
""".split()
"""Libraries that the tests import."""
NOT_RUN = 99
"""Exit status if tests could not be run, or the text to change is not there once."""
LIMIT_S = 300
"""Tests that take longer have failed."""


def main(rows: list[dict]) -> None:
    """Print the exit status of each row's tests, as JSON."""
    for name in LIBRARIES:
        import_module(name)
    # No JAX program has run in this process, so that there is no thread that a fork could lose.
    warnings.filterwarnings("ignore", message=".*os.fork", category=RuntimeWarning)
    print(json.dumps([_forked(row) for row in rows]))


def _forked(row: dict) -> int:
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT_S)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (1, 2):
            os.dup2(nothing, stream)
        status = NOT_RUN
        try:
            status = _tested(row)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _tested(row: dict) -> int:
    """Return pytest's exit status with the change of a row."""
    import pytest

    path = ROOT / row["file"]
    text = path.read_text()
    if text.count(row["old"]) != 1:
        return NOT_RUN
    changed = text.replace(row["old"], row["new"]).encode()
    get_data, path_stats = SourceFileLoader.get_data, SourceFileLoader.path_stats

    def data(loader: SourceFileLoader, name: str) -> bytes:
        return changed if Path(name) == path else get_data(loader, name)

    def stats(loader: SourceFileLoader, name: str) -> dict:
        if Path(name) == path:
            raise OSError("without byte code")
        return dict(path_stats(loader, name))

    SourceFileLoader.get_data, SourceFileLoader.path_stats = data, stats
    words = "-q -x -p no:cacheprovider -p no:xdist -W ignore::pytest.PytestAssertRewriteWarning"
    return pytest.main([*words.split(), *shlex.split(row["tests"])])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
