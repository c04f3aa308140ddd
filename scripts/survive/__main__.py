"""Disturb runs of a figure, damage what they keep, and count what happens.

signals: Ctrl-C, SIGTERM and SIGKILL at random moments, then a run that computes anew.
resumption: SIGKILL after a checkpoint, then a run that has that alone (a figure that trains).
damage: bytes of what is kept inverted, entries of two keys exchanged (a figure of several panels).
together: four or, with joblib, five runs at once in one folder, and while that is removed.
places: umask 077, one core, no network, read-only checkout and HOME, another user, and the like.
set-ups, sites: two at once in a fresh clone; minutes and the network each, and only by name.

The exit status is 1 if anything was not survived.
"""

import argparse
import multiprocessing
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from experiments.engine.errors import run_command
from scripts.survive.counting import Figure, Tried
from scripts.survive.damage import damage
from scripts.survive.ends import resumption, signals
from scripts.survive.places import places, together
from scripts.survive.twice import set_ups, sites

SECTIONS = {
    "signals": ("fig5", signals),
    "resumption": ("fig6", resumption),
    "damage": ("fig5", damage),
    "together": ("fig1", together),
    "places": ("fig1", places),
}
"""Sections, each with the figure that it disturbs unless another is named."""
BY_NAME = {"set-ups": set_ups, "sites": sites}


def main(arguments: Sequence[str]) -> int:
    """Print one line for each disturbance, and one for each time that it was not survived."""
    parser = argparse.ArgumentParser("python -m scripts.survive", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, *BY_NAME, []])
    parser.add_argument("--figure", metavar="figN")
    parser.add_argument("--preset", default="smoke")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--busy", type=int, default=0, help="processes that keep cores busy")
    parser.add_argument("--seed", type=int, default=0, help="of moments and places")
    options = parser.parse_args(arguments)
    busy = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(options.busy)]
    for process in busy:
        process.start()
    n_faults = 0
    try:
        for section in options.sections or SECTIONS:
            for tried in _section(section, options):
                print(f"{section}: {tried}", flush=True)
                n_faults += len(tried.faults)
    finally:
        for process in busy:
            process.kill()
    return int(n_faults > 0)


def _section(section: str, options: argparse.Namespace) -> Iterator[Tried]:
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if section in BY_NAME:
            yield from BY_NAME[section](folder)
            return
        usual, disturbed = SECTIONS[section]
        figure = Figure(f"{options.figure or usual}/{options.preset}")
        yield from disturbed(figure, folder, options.rounds, chance)


def _spin() -> None:
    """Keep one processor busy."""
    while True:
        sum(range(1_000_000))


if __name__ == "__main__":
    run_command(main)
