"""Runs beside each other in one folder, and in places where a run may less than usual.

Each gives the numbers of an undisturbed run. Where the folder is removed below runs, those may end
in one message instead.
"""

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from scripts.survive.counting import LIMIT_S, Figure, Tried, faults, leftovers, numbers, start

OTHER = "fig4"
READ_ONLY = (
    'for d in "$PWD" "$HOME"; do '
    'mount --bind "$d" "$d" && mount -o remount,ro,bind "$d" || exit 9; done; exec "$@"'
)
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
PLACES = {
    "umask 077": (["sh", "-c", 'umask 077; exec "$@"', "sh"], {}),
    "one core": (["taskset", "-c", "0"], {}),
    "no network": (["unshare", "-n"], {}),
    "checkout and HOME read-only": (["unshare", "-m", "sh", "-c", READ_ONLY, "sh"], {}),
    "no HOME": ([], {"HOME": "/nonexistent"}),
    "another user, who owns nothing": (NOBODY, {"HOME": "/nonexistent"}),
    "python -O": ([], {"PYTHONOPTIMIZE": "1"}),
    "another hash seed, locale and time zone": (
        [],
        {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Kathmandu"},
    ),
}
"""What stands before the command, and what its environment has."""


def places(figure: Figure, folder: Path, *_: object) -> Iterator[Tried]:
    """Run a figure once in each place, whatever the rounds."""
    figure.finish(folder / "undisturbed")
    expected = numbers(folder / "undisturbed")
    folder.chmod(0o755)
    for number, (name, (before, environment)) in enumerate(PLACES.items()):
        if not _permitted(before):
            yield Tried(name, 0, (), f"{before[0]} is not there, or not permitted")
            continue
        results = folder / f"place-{number}"
        results.mkdir()
        results.chmod(0o777)
        process = start([*before, *figure.command(results)], environment)
        _, err = process.communicate(timeout=LIMIT_S)
        fault = f"status {process.returncode}: {err[-300:]}" if process.returncode else ""
        if not fault and numbers(results) != expected:
            fault = "other numbers"
        yield Tried(name, 1, faults([fault]))
    if _permitted(NOBODY):
        command = [*NOBODY, *figure.command(folder / "undisturbed")]
        process = start(command, {"HOME": "/nonexistent"})
        _, err = process.communicate(timeout=LIMIT_S)
        fault = "" if "Traceback" not in err and process.returncode == 2 else err[-300:]
        if numbers(folder / "undisturbed") != expected:
            fault = "other numbers"
        yield Tried("another user, in results that are not his", 1, faults([fault]), "one message")


def _permitted(before: list[str]) -> bool:
    """Return whether Python starts behind these words."""
    command = [*before, sys.executable, "-c", ""]
    with suppress(FileNotFoundError):
        return subprocess.run(command, capture_output=True).returncode == 0
    return False


def together(figure: Figure, folder: Path, rounds: int, chance: random.Random) -> Iterator[Tried]:
    """Start runs at once in one folder: the same figure twice, another, and sweeps."""
    other = Figure(f"{OTHER}/{figure.choice.partition('/')[2]}")
    figure.finish(folder / "undisturbed")
    other.finish(folder / "undisturbed")
    expected = numbers(folder / "undisturbed")
    launchers = ["basic", *["joblib"] * bool(find_spec("joblib"))]
    n_runs = 3 + len(launchers)
    for cleaned in (False, True):
        results, found = folder / f"together-{cleaned}", []
        for _ in range(rounds):
            shutil.rmtree(results, ignore_errors=True)
            runs = [figure, figure, other]
            processes = [run.start(results) for run in runs]
            for name in launchers:
                sweep = ("-m", f"hydra/launcher={name}", "seeds=[0],[1]")
                processes.append(figure.start(results, *sweep))
            if cleaned:
                _remove(results, chance)
            found += [_ended(process, cleaned) for process in processes]
            figure.finish(results)
            kept = numbers(results)
            same = {key: kept[key] for key in kept if key in expected}
            if any(expected[key] != value for key, value in same.items()) or not same:
                found.append("other numbers")
            if left := leftovers(results):
                found.append(f"left {left}")
        what = f"{n_runs} runs at once in one folder" + ", which is removed meanwhile" * cleaned
        seen = f"sweeps by {' and '.join(launchers)}"
        yield Tried(what, n_runs * rounds, faults(found), seen)


def _remove(results: Path, chance: random.Random) -> None:
    """Remove the folder some time after the first run has made it."""
    while not results.exists():
        time.sleep(0.05)
    time.sleep(chance.uniform(0, 2))
    shutil.rmtree(results, ignore_errors=True)


def _ended(process: subprocess.Popen, cleaned: bool) -> str:
    """Wait for a run, and say what is wrong."""
    _, err = process.communicate(timeout=LIMIT_S)
    allowed = (0, 2) if cleaned else (0,)
    if process.returncode in allowed and "Traceback" not in err:
        return ""
    return f"status {process.returncode}: {err[-500:]}"
