"""Kills runs at random moments, resumes them, and compares the numbers bit by bit.

python -m scripts.kill_and_resume [--figures fig6 fig7] [--runs 5] [--kills 2] [--busy 2]

Each run starts with an empty cache, is killed (SIGKILL) a few times and restarted until it ends.
Meanwhile other processes keep the processors busy, so that threads are scheduled differently each
time. The exit status is 1 if any run differs from the first, which is not killed.
"""

import argparse
import json
import multiprocessing
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str]) -> int:
    """Prints one line per run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--figures", nargs="+", default=["fig6", "fig7"], metavar="figN")
    parser.add_argument("--preset", default="smoke")
    parser.add_argument(
        "--runs", type=int, default=5, help="killed and resumed runs of each figure"
    )
    parser.add_argument("--kills", type=int, default=2, help="times that each run is killed")
    parser.add_argument("--busy", type=int, default=2, help="processes that keep the machine busy")
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments of the kills")
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    busy = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(options.busy)]
    for process in busy:
        process.start()
    different = 0
    try:
        for figure in options.figures:
            choice = f"figure={figure}/{options.preset}"
            reference, _, seconds = _run(choice, [])
            print(f"{figure}: reference {reference[:12]}, {seconds:.0f} s", flush=True)
            for number in range(options.runs):
                kills = [chance.uniform(0, seconds) for _ in range(options.kills)]
                found, hits, last = _run(choice, kills)
                # A busy machine is not always as busy: later kills shall hit, too.
                seconds = min(seconds, sum(hits) + last)
                different += found != reference
                verdict = "the same bits" if found == reference else f"DIFFERENT: {found[:12]}"
                moments = ", ".join(f"{moment:.0f}" for moment in hits) or "no"
                print(f"{figure}: run {number}, killed after {moments} s: {verdict}", flush=True)
    finally:
        for process in busy:
            process.kill()
    return int(different > 0)


def _run(choice: str, kills: Sequence[float]) -> tuple[str, list[float], float]:
    """Computes a figure in a folder of its own, killed after so many seconds, and started anew.

    Returns:
        A hash of all its numbers; the kills that came before the end; seconds of the last start.
    """
    hits = []
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "experiments.run", choice, f"results_dir={folder}"]
        for moment in [*kills, None]:
            start = time.monotonic()
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
            try:
                status = process.wait(timeout=moment)
            except subprocess.TimeoutExpired as late:
                process.kill()
                process.wait()
                hits.append(late.timeout)
                continue
            if status:
                raise SystemExit(f"{' '.join(command)} ended with status {status}")
            break
        (record,) = Path(folder).glob("*/fig*/meta.json")
        sha256 = json.loads(record.read_text())["data_sha256"]
    return sha256, hits, time.monotonic() - start


def _spin() -> None:
    """Keeps one processor busy."""
    while True:
        sum(range(1_000_000))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
