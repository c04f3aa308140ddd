"""Runs that are ended by signals.

Ctrl-C and SIGTERM must end a run at once, without a word.
Whatever ended runs before it, a run that computes anew gives the bits of an undisturbed one.
"""

import os
import random
import re
import select
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.torture import runs
from tests.torture.runs import cached_checksums, command, finish, start

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
PROMPT_S = 5.0
ATTEMPTS = 3
"""Where a signal came after the end, the next one is sent sooner."""
DONE = re.compile(rb"computed, \d+ from the cache")
"""What a run says when all is done."""
PROGRESS = re.compile(r"computed in [\d.]+ s$|goes on after|waiting for another")
"""Lines of a run that is well."""


def signalled(choice: str, folder: Path, rounds: int, chance: random.Random) -> None:
    """End runs by each signal at random moments, and let the last one of each round complete."""
    undisturbed, results = folder / "undisturbed", folder / "disturbed"
    finish(choice, undisturbed)
    expected, begun = cached_checksums(undisturbed), time.perf_counter()
    # Most runs find compiled code, and are shorter than the first.
    finish(choice, undisturbed, "compute=always")
    usual = time.perf_counter() - begun
    for _ in range(rounds):
        shutil.rmtree(results, ignore_errors=True)
        for number in ENDS:
            moment = chance.uniform(0.1, 0.8) * usual
            for attempt in range(ATTEMPTS):
                process = start(command(choice, results, "compute=always"))
                if ended(process, number, moment / 2**attempt):
                    break
            else:
                raise AssertionError(f"{number.name} always came after the end")
        finish(choice, results, "compute=always")
        assert cached_checksums(results) == expected


def ended(process: subprocess.Popen[str], number: signal.Signals, moment: float) -> bool:
    """Send a signal to a run after so many seconds, and see that it ends as it should.

    Returns:
        False where the signal came after the end.
    """
    with suppress(subprocess.TimeoutExpired):
        process.wait(moment)
    assert process.stdout
    readable = select.select([process.stdout], [], [], 0)[0]
    before = os.read(process.stdout.fileno(), 2**16) if readable else b""
    if process.poll() is not None or DONE.search(before):
        _, err = runs.output_of(process)
        assert process.returncode == 0, err
        return False
    os.kill(process.pid, number)
    begun = time.perf_counter()
    _, err = runs.output_of(process)
    took = time.perf_counter() - begun
    assert process.returncode == -number, f"status {process.returncode}: {err[-300:]}"
    assert not [line for line in err.splitlines() if line and not PROGRESS.search(line)], err
    assert took <= PROMPT_S, f"it took {took:.1f} s"
    return True
