"""Estimate a run before it starts: memory from shapes, time from measured times."""

import json
import math
import os
import resource
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from experiments.engine.errors import UserError

LONG_S = 60.0
"""Of a run that takes longer the time is told."""
TIMES, PAGE = "docs/times.json", "docs/times.md"
CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def machine_memory() -> float:
    """Return the bytes of memory that this process may use: the machine's, or a lower limit."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in map(Path, CGROUPS):
        if path.is_file() and (text := path.read_text().strip()).isdigit():
            limits.append(int(text))
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return min(limits) if limit == resource.RLIM_INFINITY else min(limit, *limits)


def refuse_too_large(experiment: Any, path: str, number_bytes: int) -> None:
    """Raise `UserError` where arrays would not fit into memory, and name what to lower.

    Args:
        experiment: An `Experiment`, whose parameters are in range one by one.
        path: Where it stands in the config.
        number_bytes: Bytes of a number; 0 where nothing is computed.
    """
    needed, memory = number_bytes * experiment.held(), machine_memory()
    if needed <= memory:
        return
    name, value = _lowered(experiment, memory / number_bytes)
    raise UserError(
        f"{path} does not fit into memory",
        f"arrays of {_bytes(needed)} or more, {path}.{name}={getattr(experiment, name)}",
        f"less than the {_bytes(memory)} that there are",
        f"{path}.{name}={value}".replace(" ", ""),
    )


def _lowered(experiment: Any, limit: float) -> tuple[str, Any]:
    """Return the parameter that adds most memory, and a value that needs half the limit."""
    usual = type(experiment)()

    def held(name: str, value: Any) -> float:
        return replace(experiment, **{name: value}).held()

    names = [x.name for x in fields(usual) if x.name != "seeds" and _sizes(getattr(usual, x.name))]
    name = min(names, key=lambda name: held(name, getattr(usual, name)))
    value = getattr(experiment, name)
    while held(name, value) > limit / 2 and (largest := max(_sizes(value))) > 1:
        half = largest // 2
        power = 10 ** (len(str(half)) - 1)
        half = half // power * power
        value = [min(size, half) for size in value] if isinstance(value, list) else half
    return name, value


def _sizes(value: Any) -> list[int]:
    """Return the whole numbers in a parameter's value; none for other types."""
    values = value if isinstance(value, list) else [value]
    return values if all(type(size) is int for size in values) else []


def _bytes(number: float) -> str:
    power = min(int(math.log10(max(number, 1)) // 3), 6)
    return f"{number / 1000**power:.3g} {('B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB')[power]}"


def work(experiments: Mapping[str, Any], missing: Mapping[str, int]) -> float:
    """Return the work of experiments, each with its number of seeds."""
    return float(sum(n * experiments[name].work() for name, n in missing.items()))


def tell_time(root: Path, plan: Any, missing: Mapping[str, int]) -> None:
    """Say how long a run will take with so many seeds of each experiment, if over a minute."""
    seconds = figure_seconds(root, plan, missing)
    if seconds > LONG_S:
        message = f"{plan.figure}: will take about {told(seconds)} of processor time, by {PAGE}"
        print(message, file=sys.stderr, flush=True)  # noqa: T201


def figure_seconds(root: Path, plan: Any, missing: Mapping[str, int]) -> float:
    """Return the processor time that a run will take; 0 if nothing like it was measured."""
    path, experiments = root / TIMES, plan.root.experiments
    if not path.is_file() or not sum(missing.values()) or plan.root.runtime.platform.name != "cpu":
        return 0.0
    amount = work(experiments, missing)
    try:
        measured = json.loads(path.read_text())["figures"].get(plan.figure, {}).values()
        return expected_seconds(measured, amount)
    # A damaged file can make its reader raise nearly anything.
    except Exception as error:
        message = f"{path} is damaged ({type(error).__name__}): no time is told"
        print(message, file=sys.stderr, flush=True)  # noqa: T201
        return 0.0


def expected_seconds(measured: Iterable[Mapping[str, Any]], amount: float) -> float:
    """Return the scaled time of the preset nearest in work; 0 if no time was measured.

    Args:
        measured: Of each preset the seconds, as "process_s", and the "work" that they went into.
        amount: The `work` of what is to be computed.
    """
    ratios = {amount / entry["work"]: entry["process_s"] for entry in measured if "work" in entry}
    nearest = min(ratios, key=lambda ratio: abs(math.log(ratio)), default=0.0)
    return nearest * ratios.get(nearest, 0.0)


def told(seconds: float) -> str:
    """Return a time in words, to two digits."""
    units = (("days", 86400), ("h", 3600), ("min", 60))
    unit, length = next(((u, s) for u, s in units if seconds >= 2 * s), units[-1])
    return f"{float(f'{seconds / length:.2g}'):g} {unit}"
