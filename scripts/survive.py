"""Ends runs at random moments, damages what they keep, and counts what happens.

python -m scripts.survive [--figure fig5] [--signals 40] [--kills 20] [--bytes 4000]

Signals (Ctrl-C and SIGTERM in turn) must end a run within five seconds, with one line and status
130 or 143. After them, and after the kills (SIGKILL), a run must complete with the numbers of an
undisturbed one. An inverted byte in a kept result must be a miss, or change nothing. Ends with
status 1 if anything else happens.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from experiments.engine.store import Store, checksum

ROOT = Path(__file__).resolve().parents[1]
ENDS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -signal.SIGKILL}
PROMPT_S = 5.0


def main(arguments: Sequence[str]) -> int:
    """Prints one line per kind of disturbance: tried, survived, the slowest end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--figure", default="fig5", metavar="figN")
    parser.add_argument("--signals", type=int, default=40)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--bytes", type=int, default=4000, help="bytes inverted, one at a time")
    parser.add_argument("--seed", type=int, default=0, help="of moments and places")
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder)
        start = time.perf_counter()
        _finish(options.figure, results)
        longest, expected = time.perf_counter() - start, _numbers(results)
        bad = _damaged(results / "cache", options.bytes, chance)
        kinds = [signal.SIGINT, signal.SIGTERM]
        numbers = [kinds[i % 2] for i in range(options.signals)]
        for name, signals in (
            ("signals", numbers),
            ("kills", [signal.SIGKILL] * options.kills),
        ):
            slowest, wrong, late = 0.0, 0, 0
            for number in signals:
                took, fault = _disturbed(options.figure, results, number, chance, longest)
                late += took is None
                slowest = max(slowest, took or 0.0)
                wrong += bool(fault)
                if fault:
                    print(f"{signal.Signals(number).name}: {fault}", flush=True)
            _finish(options.figure, results)
            whole = _numbers(results) == expected
            bad += wrong + (not whole)
            print(
                f"{name}: {len(signals)} tried, {len(signals) - wrong} survived ({late} came after "
                f"the end), slowest end {slowest:.1f} s; numbers afterwards "
                f"{'the same' if whole else 'DIFFER'}",
                flush=True,
            )
    return bool(bad)


def _command(figure: str, results: Path) -> list[str]:
    choice = [f"figure={figure}/smoke", f"results_dir={results}"]
    return [sys.executable, "-m", "experiments.run", *choice]


def _finish(figure: str, results: Path) -> None:
    subprocess.run(_command(figure, results), cwd=ROOT, check=True, capture_output=True)


def _numbers(results: Path) -> dict[str, str]:
    """Checksums of what the cache holds, by key."""
    keys = [path.name for path in (results / "cache").glob("*") if (path / "meta.json").is_file()]
    found = {key: Store(results / "cache").load(key) for key in keys}
    return {key: checksum(part[0]) for key, part in found.items() if part}


def _disturbed(
    figure: str, results: Path, number: int, chance: random.Random, longest: float
) -> tuple[float | None, str]:
    """Starts a run that computes anew, disturbs it, and says what was wrong with its end.

    Returns:
        Seconds from the disturbance to the end, None where it came too late; and the fault.
    """
    process = subprocess.Popen(
        [*_command(figure, results), "compute=always"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    late = False
    try:
        # From when Python has been started, until the end of a run and beyond.
        process.wait(chance.uniform(0.2, 1) * longest)
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


def _damaged(cache: Path, tries: int, chance: random.Random) -> int:
    """Inverts bytes of results one at a time, and counts those that load as something else."""
    files = sorted([*cache.glob("*/result.npz"), *cache.glob("*/meta.json")])
    wrong = missed = 0
    stderr, sys.stderr = sys.stderr, open(os.devnull, "w")  # noqa: SIM115
    try:
        for _ in range(tries):
            path = chance.choice(files)
            key, whole = path.parent.name, path.read_bytes()
            before = Store(cache).load(key)
            place = chance.randrange(len(whole))
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
            after = Store(cache).load(key)
            path.write_bytes(whole)
            missed += after is None
            if after and before:
                same = all(np.array_equal(after[0][n], before[0][n]) for n in before[0])
                wrong += not same
    finally:
        sys.stderr.close()
        sys.stderr = stderr
    print(f"bytes: {tries} inverted, {missed} misses, {wrong} other numbers", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
