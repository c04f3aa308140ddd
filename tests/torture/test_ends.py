"""Runs that are ended at random moments, and runs that go on from a checkpoint."""

import multiprocessing
import re
import shutil
import signal
import time

import pytest

from tests.torture.ends import ended, signalled
from tests.torture.runs import cached_checksums, command, finish, start

LONGEST_S = 0.05
"""From a checkpoint to the kill: trainings of smoke presets are short."""


def test_signals(tmp_path, rounds, chance):
    signalled("fig5/smoke", tmp_path, rounds, chance)


def spin():
    while True:
        sum(range(1_000_000))


@pytest.fixture
def busy():
    """Two processes that keep cores busy."""
    processes = [multiprocessing.Process(target=spin, daemon=True) for _ in range(2)]
    for process in processes:
        process.start()
    yield
    for process in processes:
        process.kill()


def test_a_killed_training_goes_on_from_its_checkpoint_alone(tmp_path, rounds, chance, busy):
    undisturbed, results = tmp_path / "undisturbed", tmp_path / "resumed"
    finish("fig6/smoke", undisturbed)
    n_resumed = 0

    def checkpoints():
        return list((results / "cache" / "checkpoints").glob("[!.]*.npz"))

    for _ in range(rounds):
        shutil.rmtree(results, ignore_errors=True)
        process = start(command("fig6/smoke", results, "compute=always"))
        while process.poll() is None and not checkpoints():
            time.sleep(0.002)
        ended(process, signal.SIGKILL, chance.uniform(0, LONGEST_S))
        if checkpoints():  # Else that training had ended, and the next had not begun.
            # No result is read: what is not computed anew comes from the checkpoint.
            output = finish("fig6/smoke", results, "compute=always")
            assert re.search(r"goes on after (\d+) of \d+", output)
            assert cached_checksums(results) == cached_checksums(undisturbed)
            assert not checkpoints()
            n_resumed += 1
    assert n_resumed
