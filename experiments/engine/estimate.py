"""What a run will take, told before it starts: memory from shapes, time from what was measured."""

import json
import os
import resource
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.engine.errors import UserError

LONG_S = 60.0
"""Of a run that takes longer the time is told."""
TIMES, PAGE = "docs/times.json", "docs/times.md"
CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def machine_memory() -> float:
    """Bytes that this process may hold: the machine's, or what it is limited to."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in map(Path, CGROUPS):
        if path.is_file() and (text := path.read_text().strip()).isdigit():
            limits.append(int(text))
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return min(limits) if limit == resource.RLIM_INFINITY else min(limit, *limits)


def refuse_too_large(experiment: Any, path: str, number_bytes: int) -> None:
    """Raises `UserError` where arrays would not fit into memory, and names what to lower.

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
    """The parameter furthest above its default, and a value with which half the limit is held."""
    fresh, most, found = type(experiment)(), 0.0, ("", None)
    before = experiment.held()
    for name, value in vars(experiment).items():
        numbers = value if isinstance(value, list) else [value]
        if name == "seeds" or not all(isinstance(number, int) for number in numbers):
            continue
        usual = getattr(fresh, name)
        usual = max(usual) if isinstance(usual, list) else usual
        largest = max(numbers)
        above = largest / usual if isinstance(usual, int) and usual else float(largest)
        setattr(experiment, name, _capped(value, largest // 2))
        if experiment.held() < before and above > most:
            cap = largest
            while cap > 1 and experiment.held() > limit / 2:
                cap = _round(cap // 2)
                setattr(experiment, name, _capped(value, cap))
            most, found = above, (name, getattr(experiment, name))
        setattr(experiment, name, value)
    return found


def _round(number: int) -> int:
    """Down to one digit."""
    power = 10 ** (len(str(number)) - 1)
    return number // power * power


def _capped(value: Any, cap: int) -> Any:
    return [min(number, cap) for number in value] if isinstance(value, list) else min(value, cap)


def _bytes(number: float) -> str:
    power = min(int(np.log10(max(number, 1)) // 3), 6)
    return f"{number / 1000**power:.3g} {('B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB')[power]}"


def work(experiments: Mapping[str, Any], missing: Mapping[str, int]) -> float:
    """What time grows with, of so many seeds of some experiments."""
    return float(sum(n * experiments[name].work() for name, n in missing.items()))


def tell_time(root: Path, plan: Any, missing: Mapping[str, int]) -> None:
    """Says how long a run will take, if that is more than a minute.

    Args:
        root: The repository.
        plan: The validated run.
        missing: The number of seeds to be computed of each experiment.
    """
    path, experiments = root / TIMES, plan.root.experiments
    if not path.is_file() or not sum(missing.values()) or plan.root.runtime.platform.name != "cpu":
        return
    measured = json.loads(path.read_text())["figures"].get(plan.figure, {}).values()
    share = sum(map(bool, missing.values())) / len(missing)
    seconds = expected_seconds(measured, work(experiments, missing), share)
    if seconds > LONG_S:
        message = f"{plan.figure}: will take about {told(seconds)} of processor time, by {PAGE}"
        print(message, file=sys.stderr, flush=True)  # noqa: T201


def expected_seconds(measured: Iterable[Mapping[str, Any]], amount: float, share: float) -> float:
    """Processor time by what the figure's presets took; 0 where no time was measured.

    A constant, most of it compilation, and a part that grows with `work`, fitted to the presets;
    scaled so that each preset's own time comes out.

    Args:
        measured: Of each preset the seconds, as "process_s", and the "work" that they went into.
        amount: The `work` of what is to be computed.
        share: The share of the figure's panels that this is part of.
    """
    from scipy.optimize import nnls

    pairs = sorted((entry["work"], entry["process_s"]) for entry in measured if "work" in entry)
    if not pairs:
        return 0.0
    amounts, seconds = np.array(pairs, float).T
    # Errors count relative to the time, so that days do not drown minutes. Where presets do not
    # differ in work, they do not tell what it costs.
    columns = np.stack([np.ones(len(pairs)), amounts * (np.ptp(amounts) > 0)])
    (constant, rate), _ = nnls((columns / seconds).T, np.ones(len(pairs)))
    off = np.log(seconds / (constant + rate * amounts))
    scale = np.exp(np.interp(np.log(amount), np.log(amounts), off))
    return float(scale * (share * constant + rate * amount))


def told(seconds: float) -> str:
    """A time in words, to two digits."""
    units = (("days", 86400), ("h", 3600), ("min", 60))
    unit, length = next(((u, s) for u, s in units if seconds >= 2 * s), units[-1])
    return f"{float(f'{seconds / length:.2g}'):g} {unit}"
