"""Runs that are ended by signals, and runs that go on from a checkpoint.

Ctrl-C and SIGTERM must end a run within five seconds, with one line, status 130 or 143, and nothing
half written. Whatever ended runs before it, a run that computes anew gives the bits of an
undisturbed one.
"""

import os
import random
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from scripts.survive.counting import LIMIT_S, Figure, Tried, faults, leftovers, name, numbers

ENDS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -signal.SIGKILL}
PROMPT_S = 5.0
LONGEST_S = 0.05
"""From a checkpoint to the kill: trainings of smoke presets are short."""
ATTEMPTS = 3
"""Where a signal came after the end, the next one is sent sooner."""
DONE = re.compile(rb"computed, \d+ from the cache")
"""What a run says when all is done."""
RESUMED = re.compile(r"goes on after (\d+) of \d+")
PROGRESS = re.compile(r"computed in [\d.]+ s$|goes on after|waiting for another")
"""Lines of a run that is well."""


def signals(figure: Figure, folder: Path, rounds: int, chance: random.Random) -> Iterator[Tried]:
    """End runs by each signal, and let the last one of each round complete."""
    undisturbed, results = folder / "undisturbed", folder / "disturbed"
    figure.finish(undisturbed)
    expected = numbers(undisturbed)
    # Most runs find compiled code, and are shorter than the first.
    _, usual = figure.finish(undisturbed, "compute=always")
    ends: dict[int, list[tuple[float | None, str]]] = {number: [] for number in ENDS}
    different = []
    for _ in range(rounds):
        shutil.rmtree(results, ignore_errors=True)
        for number in ENDS:
            moment = chance.uniform(0.1, 0.8) * usual
            for attempt in range(ATTEMPTS):
                process = figure.start(results, "compute=always")
                seconds, fault = ended(process, number, moment / 2**attempt, results)
                ends[number].append((seconds, fault))
                if seconds is not None:
                    break
        figure.finish(results, "compute=always")
        different.append("" if numbers(results) == expected else "other numbers")
    for number, found in ends.items():
        took = [each for each, _ in found if each is not None]
        late, slowest = len(found) - len(took), max(took, default=0.0)
        seen = f"{late} more came after the end; slowest {slowest:.1f} s"
        wrong = faults((fault for _, fault in found), len(took))
        yield Tried(name(number), len(took), wrong, seen)
    yield Tried("computed anew after three that were ended", rounds, faults(different))


def resumption(figure: Figure, folder: Path, rounds: int, chance: random.Random) -> Iterator[Tried]:
    """Kill runs that have written a checkpoint, and let the next one go on from it."""
    undisturbed, results = folder / "undisturbed", folder / "resumed"
    figure.finish(undisturbed)
    expected, found, none = numbers(undisturbed), [], 0
    for _ in range(rounds):
        shutil.rmtree(results, ignore_errors=True)
        process = figure.start(results, "compute=always")
        while process.poll() is None and not _checkpoints(results):
            time.sleep(0.002)
        fault = ended(process, signal.SIGKILL, chance.uniform(0, LONGEST_S), results)[1]
        if not _checkpoints(results):
            # That training had ended, and the next had not begun.
            none += 1
            continue
        # No result is read: what is not computed anew comes from the checkpoint.
        said, _ = figure.finish(results, "compute=always")
        if not RESUMED.search(said):
            fault = fault or "it did not go on from the checkpoint"
        elif numbers(results) != expected:
            fault = "other numbers"
        elif _checkpoints(results):
            fault = "the checkpoint stays"
        found.append(fault)
    what, seen = "SIGKILL after a checkpoint, and resumption from it alone", f"{none} more had none"
    yield Tried(what, len(found), faults(found, len(found)), seen)


def ended(
    process: subprocess.Popen, number: int, moment: float, results: Path
) -> tuple[float | None, str]:
    """Send a signal to a run after so many seconds, and wait for its end.

    Returns:
        Seconds from the signal to the end, None where it came too late; and what was wrong.
    """
    with suppress(subprocess.TimeoutExpired):
        process.wait(moment)
    assert process.stdout
    readable = select.select([process.stdout], [], [], 0)[0]
    said = os.read(process.stdout.fileno(), 2**16) if readable else b""
    if process.poll() is not None or DONE.search(said):
        process.communicate()
        return None, f"status {process.returncode}" if process.returncode else ""
    os.kill(process.pid, number)
    start = time.perf_counter()
    try:
        _, err = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return LIMIT_S, f"{name(number)} was ignored: it still runs after {LIMIT_S:g} s"
    took = time.perf_counter() - start
    if process.returncode != ENDS[signal.Signals(number)]:
        return took, f"status {process.returncode} {took:.1f} s after {name(number)}: {err[-300:]}"
    if number == signal.SIGKILL:
        return took, ""
    lines = [line for line in err.splitlines() if line and not PROGRESS.search(line)]
    if len(lines) != 1 or took > PROMPT_S:
        return took, f"{took:.1f} s, {len(lines)} lines: {err[-300:]}"
    left = leftovers(results)
    return took, f"left {left}" if left else ""


def _checkpoints(results: Path) -> list[Path]:
    return list((results / "cache" / "checkpoints").glob("[!.]*.npz"))
