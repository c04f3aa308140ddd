"""Disturb runs of a figure at random moments, damage what they keep, and count what happens.

A round starts with an empty cache, ends one run each by Ctrl-C, SIGTERM and SIGKILL, and then lets
one complete, whose numbers must be those of an undisturbed run to the last bit. Ctrl-C and SIGTERM
must end a run within five seconds, with one line and status 130 or 143. An inverted byte in a kept
result must be a miss, or change nothing. The exit status is 1 if anything else happens.
"""

import argparse
import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.errors import run_command
from experiments.engine.store import Store, checksum

ROOT = Path(__file__).resolve().parents[1]
ENDS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -signal.SIGKILL}
PROMPT_S = 5.0


def main(arguments: Sequence[str]) -> int:
    """Print one line for the bytes, one a round, and one for each signal."""
    parser = argparse.ArgumentParser("python -m scripts.survive", description=__doc__)
    parser.add_argument("--figure", default="fig5", metavar="figN")
    parser.add_argument("--preset", default="smoke")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--bytes", type=int, default=4000, help="bytes inverted, one at a time")
    parser.add_argument("--busy", type=int, default=0, help="processes that keep cores busy")
    parser.add_argument("--seed", type=int, default=0, help="of moments and places")
    options = parser.parse_args(arguments)
    chance, choice = random.Random(options.seed), f"figure={options.figure}/{options.preset}"
    busy = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(options.busy)]
    for process in busy:
        process.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return int(_disturb(choice, Path(folder), options.rounds, options.bytes, chance) > 0)
    finally:
        for process in busy:
            process.kill()


def _disturb(choice: str, results: Path, rounds: int, n_bytes: int, chance: random.Random) -> int:
    """Count the faults of all rounds and bytes."""
    start = time.perf_counter()
    _finish(choice, results)
    longest, expected = time.perf_counter() - start, _numbers(results)
    faults = _damage(results / "cache", n_bytes, chance)
    ends: dict[int, list[tuple[float | None, str]]] = {number: [] for number in ENDS}
    for round_ in range(rounds):
        shutil.rmtree(results)
        for number in ENDS:
            ends[number].append(_end(choice, results, number, chance.uniform(0.1, 0.8) * longest))
        _finish(choice, results)
        same = _numbers(results) == expected
        faults += not same
        print(f"round {round_}: {'the same bits' if same else 'DIFFERENT'}", flush=True)
    for number, found in ends.items():
        name, wrong = signal.Signals(number).name, [fault for _, fault in found if fault]
        faults += len(wrong)
        took = [seconds for seconds, _ in found if seconds is not None]
        print(
            f"{name}: {len(found)} tried, {len(found) - len(wrong)} survived "
            f"({len(found) - len(took)} came after the end), "
            f"slowest end {max(took, default=0):.1f} s",
            *wrong,
            sep="\n  ",
        )
    return faults


def _command(choice: str, results: Path) -> list[str]:
    return [sys.executable, "-m", "experiments.run", choice, f"results_dir={results}"]


def _finish(choice: str, results: Path) -> None:
    subprocess.run(_command(choice, results), cwd=ROOT, check=True, capture_output=True)


def _numbers(results: Path) -> dict[str, str]:
    """Return checksums of what the cache holds, by key."""
    store = Store(results / "cache")
    keys = [path.parent.name for path in (results / "cache").glob("*/meta.json")]
    return {key: checksum(part[0]) for key in keys if (part := store.load(key))}


def _end(choice: str, results: Path, number: int, moment: float) -> tuple[float | None, str]:
    """Start a run that computes anew, and send it a signal after so many seconds.

    Returns:
        Seconds from the signal to the end, None where it came too late; and what was wrong.
    """
    process = subprocess.Popen(
        [*_command(choice, results), "compute=always"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    late = False
    try:
        process.wait(moment)
        late = True
    except subprocess.TimeoutExpired:
        os.kill(process.pid, number)
    start = time.perf_counter()
    _, err = process.communicate()
    took = time.perf_counter() - start
    if process.returncode not in (ENDS[signal.Signals(number)], 0):
        return took, f"status {process.returncode}: {err[-300:]}"
    if number != signal.SIGKILL and process.returncode:
        lines = [line for line in err.splitlines() if line and "computed in" not in line]
        if len(lines) != 1 or took > PROMPT_S:
            return took, f"{took:.1f} s, {len(lines)} lines: {err[-300:]}"
        if left := list(results.rglob(".tmp*")):
            return took, f"left {left}"
    return None if late else took, ""


def _damage(cache: Path, tries: int, chance: random.Random) -> int:
    """Invert bytes of results one at a time, and count those that load as something else."""
    files = sorted([*cache.glob("*/result.npz"), *cache.glob("*/meta.json")])
    whole = {path.parent.name: Store(cache).load(path.parent.name) for path in files}
    expected = {key: checksum(part[0]) for key, part in whole.items() if part}
    wrong = missed = 0
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        for _ in range(tries):
            path = chance.choice(files)
            content, place = path.read_bytes(), chance.randrange(path.stat().st_size)
            path.write_bytes(
                content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
            )
            found = Store(cache).load(path.parent.name)
            path.write_bytes(content)
            missed += found is None
            wrong += found is not None and checksum(found[0]) != expected[path.parent.name]
    print(f"bytes: {tries} inverted, {missed} misses, {wrong} other numbers", flush=True)
    return wrong


def _spin() -> None:
    """Keep one processor busy."""
    while True:
        sum(range(1_000_000))


if __name__ == "__main__":
    run_command(main)
