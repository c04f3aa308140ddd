"""Write the tables of docs/times.md, the times of all figures.

Update docs/times.json with the times that some runs recorded in results/PRESET/figN. Name a run as
"fig2/smoke", or as "fig2" for all its presets. All other entries stay. Processor and wall time are
sums over panels, checks and seeds, cached or not, and include compilation. Measure with an empty
cache (`make clean`, then `make figure-N ARGS=runtime.compilation_cache=false`). Measure one figure
after another, since the wall time grows if several figures are computed at once.
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.engine.compute.atomic import write_text
from experiments.engine.compute.record import Record, read_meta
from experiments.engine.configure.registry import SIZES, Project
from experiments.engine.errors import UserError, run_command
from experiments.runs.published import place
from experiments.tables import filled, table

ROOT = Path(__file__).parents[1]
TIMES = ROOT / "docs" / "times.json"
PAGE = ROOT / "docs" / "times.md"

Times = dict[str, Any]
"""Record of a run or another command: seconds, machine and an optional note."""


def collected(results: Path, named: Sequence[str]) -> dict[str, Times]:
    """Return the times of the named runs in a folder of results, by "figN/preset".

    Raises:
        UserError: If the folder has no run of this name that a single machine computed.
    """
    collected_times: dict[str, Times] = {}
    for name in named:
        figure, _, preset = name.partition("/")
        sizes = [preset] if preset else SIZES
        runs = {
            f"{figure}/{size}": read_meta(results / size / figure, "left out") for size in sizes
        }
        new = {x: times for x, run in runs.items() if run and (times := taken(run))}
        if not new:
            fix = f"make figure-{figure.removeprefix('fig')} PRESET={preset or 'quick'}"
            expected = f"a run in {results}/PRESET/{figure}, all of it on one machine"
            raise UserError("there are no times to take in", name, expected, fix)
        collected_times |= new
    return collected_times


def taken(run: Record) -> Times | None:
    """Return times, machine and size of a run, or None unless a single machine computed it."""
    machines = {machine(part) for part in run.parts}
    if len(machines) != 1:
        return None
    return {
        "process_s": round(sum(part["process_time_s"] for part in run.parts), 1),
        "wall_s": round(sum(part["wall_time_s"] for part in run.parts), 1),
        "machine": machines.pop(),
        "disk_mb": round(sum(file.stat().st_size for file in place(run).iterdir()) / 1e6, 1),
    }


def machine(part: Mapping[str, Any]) -> str:
    """Return processor and versions in words."""
    python = ".".join(part["python"].split(".")[:2])
    name = f"{part['cores']} cores of {part['processor']}"
    return f"{name}, Python {python}, jax {part['packages']['jax']}"


def tables(times: Mapping[str, Times], presets: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the blocks of the page, with a dash for a preset without a measurement."""
    machines = list(dict.fromkeys(entry["machine"] for entry in times.values()))
    runs = {f"{figure}/{name}" for figure, names in presets.items() for name in names}
    rows = []
    for figure, names in presets.items():
        places = [f"{figure}/{name}" if name in names else "" for name in SIZES]
        cells = [place and _cell(times.get(place), machines) for place in places]
        sizes = [times[place]["disk_mb"] for place in places if "disk_mb" in times.get(place, ())]
        size = f"{max(sizes):g}" if sizes else "–"
        rows.append([f"`make figure-{figure.removeprefix('fig')}`", *cells, size])
    others = [(what, _cell(times[what], machines)) for what in times if what not in runs]
    return {
        "figures": table(["command", *SIZES, "MB on disk"], rows),
        "machines": "".join(f"- {name}{_mark(name, machines)}\n" for name in machines),
        "other commands": table(["what", "seconds"], others),
    }


def _cell(entry: Times | None, machines: list[str]) -> str:
    if entry is None:
        return "–"
    wall = f" ({_shown(entry['wall_s'])})" if "wall_s" in entry else ""
    note = f", {entry['note']}" if "note" in entry else ""
    return f"{_shown(entry['process_s'])}{wall}{note}{_mark(entry['machine'], machines)}"


def _mark(machine: str, machines: list[str]) -> str:
    """Return a machine's letter."""
    return f"<sup>{chr(ord('a') + machines.index(machine))}</sup>"


def _shown(seconds: float) -> str:
    """Write seconds to two significant digits, or days."""
    if seconds > 2 * 86400:
        return f"{seconds / 86400:.0f} days"
    digits = max(0, math.floor(math.log10(max(seconds, 1))) - 1)
    return f"{round(seconds, -digits):,.0f}".replace(",", " ")


def write(times: Mapping[str, Times]) -> None:
    """Write the measurements, one on each line, and the page."""
    lines = [f"  {json.dumps(what)}: {json.dumps(entry)}" for what, entry in times.items()]
    write_text(TIMES, "{\n" + ",\n".join(lines) + "\n}\n")
    write_text(PAGE, filled(PAGE.read_text(), tables(times, Project().presets())))


def main(arguments: Sequence[str]) -> None:
    """Read the times of the named runs, and write both files."""
    parser = argparse.ArgumentParser("python -m scripts.times", description=__doc__)
    parser.add_argument("runs", nargs="*", metavar="figN[/PRESET]", help="none: only the page")
    new = collected(ROOT / "results", parser.parse_args(arguments).runs)
    write(json.loads(TIMES.read_text()) | new)
    print(f"{PAGE.relative_to(ROOT)}: {len(new)} runs taken in")


if __name__ == "__main__":
    run_command(main)
