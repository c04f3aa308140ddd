"""Run tests with one line of code changed: python -m tests.mutations.mutants ROWS.

ROWS are rows of a table of mutations as JSON. Run this in a copy of the repository: it changes the
files. This process imports the libraries and `snn`, which takes seconds, and forks a child for each
row. The child imports the rest of our code with the change.
"""

import gc
import json
import os
import shlex
import signal
import sys
import warnings
from contextlib import contextmanager
from importlib import import_module

from tests.tracked import ROOT

LIBRARIES = """
    beartype grimp h5py hydra.compose hydra.test_utils.test_utils hydra.utils hypothesis jaxtyping
    jax.experimental.compilation_cache.compilation_cache matplotlib.pyplot omegaconf optax PIL.Image
    platformdirs pooch pydantic pytest scipy.integrate scipy.optimize scipy.stats tqdm xarray yaml
""".split()
"""Libraries that the tests import."""
FAILED = 1
"""Exit status of pytest if a test fails."""
NOT_RUN = 99
"""Exit status if tests could not be run, or the text to change is not there once."""
LIMIT_S = 600
"""Tests that take longer have failed."""


def main(rows: list[dict]) -> None:
    """Print the exit status of each row's tests, as JSON."""
    # Files get another time stamp with each change, so that byte code is never that of another.
    sys.dont_write_bytecode = False
    import_module("tests.quick")
    for name in LIBRARIES:
        import_module(name)
    # No JAX program has run in this process, so that there is no thread that a fork could lose.
    warnings.filterwarnings("ignore", message=".*os.fork", category=RuntimeWarning)
    statuses = {}
    core = [i for i, row in enumerate(rows) if row["file"].startswith("snn/")]
    for i in core:
        statuses[i] = _status(rows[i], i)
    _import_core()
    for i in sorted(set(range(len(rows))) - set(core)):
        statuses[i] = _status(rows[i], i)
    print(json.dumps([statuses[i] for i in range(len(rows))]))


def _import_core() -> None:
    """Import `snn` with the checks of types that the tests have."""
    os.environ["SNN_CHECK"] = "1"
    snn = import_module("snn")
    for name in dir(snn):
        getattr(snn, name)
    del os.environ["SNN_CHECK"]


def _status(row: dict, number: int) -> int:
    """Return pytest's exit status with the change of a row, from a child process."""
    with _changed(row, number) as once:
        if not once:
            return NOT_RUN
        # Collecting garbage would copy the memory that the child shares with this process.
        gc.freeze()
        child = os.fork()
        if child == 0:
            status = NOT_RUN
            try:
                status = _tested(row["tests"])
            finally:
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return FAILED if status == -signal.SIGALRM else status


@contextmanager
def _changed(row: dict, number: int):
    """Change a file, and restore it; False if the text to change is not there once."""
    path = ROOT / row["file"]
    text, times = path.read_text(), path.stat()
    path.write_text(text.replace(row["old"], row["new"]))
    os.utime(path, (number, number))
    try:
        yield text.count(row["old"]) == 1
    finally:
        path.write_text(text)
        os.utime(path, (times.st_atime, times.st_mtime))


def _tested(tests: str) -> int:
    import pytest

    signal.alarm(LIMIT_S)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    words = "-q -x -p no:cacheprovider -p no:xdist -W ignore::pytest.PytestAssertRewriteWarning"
    return pytest.main([*words.split(), *shlex.split(tests)])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
