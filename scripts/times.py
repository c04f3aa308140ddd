"""Write the tables of docs/times.md, the times of all figures.

Update docs/times.json with the times that the runs named have recorded in PRESET/figN/meta.json:
"fig2/smoke", or "fig2" for all its presets. All other entries stay. Processor and wall time are
sums over panels, checks and seeds, cached or not, compilation included: measure with an empty cache
and one figure after another (`make clean`, then `make figure-N`), since of several at once the
clock shows more. Runs with changed parameters are left out.
"""

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.engine.atomic import write_text
from experiments.engine.errors import UserError, run_command
from experiments.engine.registry import SIZES, Project
from experiments.engine.store import read_or_tell
from experiments.tables import filled, table

ROOT = Path(__file__).parents[1]
TIMES = ROOT / "docs" / "times.json"
PAGE = ROOT / "docs" / "times.md"

Times = dict[str, Any]


def collected(results: Path, named: Sequence[str]) -> dict[str, dict[str, Times]]:
    """Return times of the runs named that lie in a folder of results, by figure and preset.

    Raises:
        UserError: If one of them has no unchanged run with times there.
    """
    found: dict[str, dict[str, Times]] = {}
    for path in sorted(results.glob("*/fig*/meta.json")):
        preset, figure = path.parts[-3:-1]
        if not {figure, f"{figure}/{preset}"} & set(named):
            continue
        meta = read_or_tell(path, lambda p=path: json.loads(p.read_text()), "left out")
        if meta and not meta["modified"] and (times := taken(meta)) is not None:
            size = sum(file.stat().st_size for file in path.parent.iterdir())
            times["disk_mb"] = round(size / 1e6, 1)
            found.setdefault(meta["figure"], {})[meta["preset"]] = times
    taken_in = {*found, *(f"{figure}/{preset}" for figure in found for preset in found[figure])}
    for name in named:
        if name not in taken_in:
            figure, _, preset = name.partition("/")
            fix = f"make figure-{figure.removeprefix('fig')} PRESET={preset or 'quick'}"
            expected = f"a run with nothing changed in {results}/PRESET/{figure}"
            raise UserError("there are no times to take in", name, expected, fix)
    return found


def taken(meta: dict[str, Any]) -> Times | None:
    """Return times and machine of one run; None if the record lacks them or names two machines."""
    experiments = (meta["panels"] | meta.get("checks", {})).values()
    records = [record for seeds in experiments for record in seeds]
    machines = {machine(record) for record in records}
    if len(machines) != 1 or None in machines:
        return None
    return {
        "process_s": round(sum(record["process_time_s"] for record in records), 1),
        "wall_s": round(sum(record["wall_time_s"] for record in records), 1),
        "machine": machines.pop(),
    }


def machine(record: dict[str, Any]) -> str | None:
    """Return processor and versions in words; None for an old record without them."""
    if not {"process_time_s", "processor", "cores"} <= record.keys():
        return None
    python = ".".join(record["python"].split(".")[:2])
    name = f"{record['cores']} cores of {record['processor']}"
    return f"{name}, Python {python}, jax {record['packages']['jax']}"


def merged(old: dict[str, Any], new: dict[str, dict[str, Times]]) -> dict[str, Any]:
    """Return the measurements, older ones replaced by newer ones."""
    figures = {name: old["figures"].get(name, {}) | new.get(name, {}) for name in old["figures"]}
    return old | {"figures": figures | {name: new[name] for name in new if name not in figures}}


def tables(times: dict[str, Any], presets: dict[str, list[str]]) -> dict[str, str]:
    """Return the blocks of the page, with a dash for a preset without a measurement."""
    every = {preset for names in presets.values() for preset in names}
    order = sorted(
        every, key=lambda name: (SIZES.index(name) if name in SIZES else len(SIZES), name)
    )
    runs = [entry for measured in times["figures"].values() for entry in measured.values()]
    machines = list(dict.fromkeys(entry["machine"] for entry in [*runs, *times["others"].values()]))
    rows = []
    for figure, names in presets.items():
        measured = times["figures"].get(figure, {})
        cells = [_cell(measured.get(name), machines) if name in names else "" for name in order]
        sizes = [entry["disk_mb"] for entry in measured.values() if "disk_mb" in entry]
        size = f"{max(sizes):g}" if sizes else "–"
        rows.append([f"`make figure-{figure.removeprefix('fig')}`", *cells, size])
    others = [(what, _cell(entry, machines)) for what, entry in times["others"].items()]
    return {
        "figures": table(["command", *order, "MB on disk"], rows),
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
    """Return the letter of a machine, if there are several."""
    letter = chr(ord("a") + machines.index(machine))
    return f"<sup>{letter}</sup>" if len(machines) > 1 else ""


def _shown(seconds: float) -> str:
    """Write seconds to two significant digits, or days."""
    if seconds > 2 * 86400:
        return f"{seconds / 86400:.0f} days"
    digits = max(0, math.floor(math.log10(max(seconds, 1))) - 1)
    return f"{round(seconds, -digits):,.0f}".replace(",", " ")


def write(times: dict[str, Any]) -> None:
    """Write the measurements, one a line, and the page."""
    figures = [
        f'    "{figure}": {{\n'
        + ",\n".join(f'      "{p}": {json.dumps(entry)}' for p, entry in sorted(measured.items()))
        + "\n    }"
        for figure, measured in times["figures"].items()
    ]
    others = [f"    {json.dumps(what)}: {json.dumps(x)}" for what, x in times["others"].items()]
    write_text(
        TIMES,
        '{\n  "figures": {\n' + ",\n".join(figures) + "\n  },\n"
        '  "others": {\n' + ",\n".join(others) + "\n  }\n}\n",
    )
    write_text(PAGE, filled(PAGE.read_text(), tables(times, Project().presets())))


def main(arguments: Sequence[str]) -> None:
    """Take in the runs named, and write both files."""
    parser = argparse.ArgumentParser("python -m scripts.times", description=__doc__)
    parser.add_argument("runs", nargs="*", metavar="figN[/PRESET]", help="none: only the page")
    parser.add_argument("--results", type=Path, default=ROOT / "results", help="their folder")
    given = parser.parse_args(arguments)
    new = collected(given.results, given.runs)
    write(merged(json.loads(TIMES.read_text()), new))
    print(f"{PAGE.relative_to(ROOT)}: {sum(map(len, new.values()))} runs taken in")


if __name__ == "__main__":
    run_command(main)
