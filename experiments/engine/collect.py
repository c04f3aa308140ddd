"""Computes the panels and checks of a plan, or finds them in the cache."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from jax.errors import JaxRuntimeError

from experiments.engine.atomic import writable
from experiments.engine.base import Data, Experiment, Quantity
from experiments.engine.compose import Plan
from experiments.engine.errors import UserError
from experiments.engine.progress import Panels
from experiments.engine.provenance import environment, peak_memory_mb
from experiments.engine.registry import Project
from experiments.engine.runtime import activate, jax_flags
from experiments.engine.schema import Compute
from experiments.engine.sources import SourceIndex
from experiments.engine.store import Store, cache_key, checksum
from experiments.training.checkpoint import checkpointed

Seed = int | None
Part = tuple[Data, dict[str, Any]]


@dataclass
class Results:
    """What a plan's panels and checks came to.

    Attributes:
        data: Arrays by panel or check, and name; with a leading axis of seeds where it has any.
        records: By panel or check, one record per seed: how, where and how fast it was computed.
        summary: Quantities by "panel.name" and "check.name".
    """

    data: dict[str, Data] = field(default_factory=dict)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    summary: dict[str, Quantity] = field(default_factory=dict)


def collect(project: Project, plan: Plan, store: Store | None) -> Results:
    """Computes or loads every panel, check and seed.

    Args:
        project: Where experiments lie.
        plan: The validated run.
        store: The cache; None neither reads nor writes one.

    Raises:
        UserError: If compute=never and something is not in the cache, or an experiment refuses.
    """
    panels = plan.root.experiments
    index = SourceIndex(project)
    results = Results()
    with Panels(plan.figure, sum(len(p.seed_list) for p in panels.values())) as bar:
        for panel, experiment in panels.items():
            source = index.source_hash(type(experiment).__module__)
            keys = {
                seed: cache_key(experiment, seed, source, plan.root.runtime)
                for seed in experiment.seed_list
            }
            bar.set_postfix_str(panel)
            parts = _cached(plan, store, keys)
            missing = {seed: key for seed, key in keys.items() if seed not in parts}
            if missing and store:
                refuse_unwritable(store.folder)
            for together in _batches(experiment, list(missing)):
                label = panel if together == [None] else f"{panel} seed {_listed(together)}"
                bar.set_postfix_str(label)
                computed = _computed(project, plan, store, experiment, together, missing)
                parts |= computed
                bar.done(label, len(together), sum(r["wall_time_s"] for _, r in computed.values()))
            bar.update(len(keys) - len(missing))
            for seed, key in keys.items():
                record = {"seed": seed, "key": key, **parts[seed][1]}
                results.records.setdefault(panel, []).append(record)
            data = [parts[seed][0] for seed in keys]
            stacked = _stack(experiment, data)
            results.data[panel] = stacked | experiment.pooled(stacked)
            quantities = experiment.summary(stacked)
            results.summary |= {f"{panel}.{name}": q for name, q in quantities.items()}
    return results


def refuse_unwritable(folder: Path) -> None:
    """Raises `UserError` where results could not be kept, before they are computed."""
    if not writable(folder):
        raise UserError(
            "results cannot be written",
            f"{folder} is no folder, or may not be written",
            "a results_dir that can be written",
            "results_dir=another/folder",
        )


def _cached(plan: Plan, store: Store | None, keys: Mapping[Seed, str]) -> dict[Seed, Part]:
    """The seeds that are in the cache already."""
    mode = plan.root.compute
    if store is None or mode is Compute.always:
        return {}
    found = {seed: store.load(key) for seed, key in keys.items()}
    if mode is Compute.never and None in found.values():
        command = ["python -m experiments.run", f"figure={plan.figure}/{plan.preset}"]
        command += [item for item in plan.overrides if not item.startswith("compute=")]
        raise UserError(
            f"{plan.figure} is not in the cache",
            "compute=never",
            "results computed before with the same parameters and sources",
            " ".join(command),
        )
    return {s: (part[0], {**part[1], "cached": True}) for s, part in found.items() if part}


def _module(experiment: Experiment) -> ModuleType:
    """The experiment's own module, in which its `compute` stands, too."""
    return sys.modules[type(experiment).__module__]


def _batches(experiment: Experiment, seeds: list[Seed]) -> list[list[Seed]]:
    """The seeds to compute together: all, where the experiment is vectorised over them."""
    if not seeds:
        return []
    if hasattr(_module(experiment), "compute_many"):
        return [seeds]
    return [[seed] for seed in seeds]


def _computed(
    project: Project,
    plan: Plan,
    store: Store | None,
    experiment: Experiment,
    seeds: list[Seed],
    keys: Mapping[Seed, str],
) -> dict[Seed, Part]:
    """Computes seeds, in one go where there are several, and stores each."""
    activate(plan.root.runtime, store.folder if store else None)
    start, busy = time.perf_counter(), time.process_time()
    with _memory(), checkpointed(store and store.folder, [keys[seed] for seed in seeds]):
        module = _module(experiment)
        if hasattr(module, "compute_many"):
            computed = module.compute_many(experiment, seeds)
        else:
            computed = [module.compute(experiment, seed) for seed in seeds]
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        parts = {}
        for seed, arrays in zip(seeds, computed, strict=True):
            data = {name: np.asarray(array) for name, array in arrays.items()}
            record = {
                "experiment": type(experiment).__module__,
                "seed": seed,
                "wall_time_s": round(seconds / len(seeds), 3),
                "process_time_s": round(busy / len(seeds), 3),
                "peak_memory_mb": round(peak_memory_mb(), 1),
                **jax_flags(),
                **environment(project.root),
                "data_sha256": checksum(data),
            }
            if store:
                store.save(keys[seed], data, record)
            parts[seed] = (data, {**record, "cached": False})
    return parts


@contextmanager
def _memory() -> Iterator[None]:
    """Says in words that memory did not suffice, where the system lets that be known."""
    try:
        yield
    except (MemoryError, JaxRuntimeError) as error:
        if isinstance(error, JaxRuntimeError) and "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise UserError(
            "the memory does not suffice",
            str(error).splitlines()[0] if str(error) else "no message",
            "arrays that fit into memory",
            "smaller numbers of trials, steps or neurons",
        ) from error


def _listed(seeds: list[Seed]) -> str:
    return ", ".join(map(str, seeds))


def _stack(experiment: Experiment, parts: list[Data]) -> Data:
    """One panel's arrays, with a leading axis of seeds where the experiment has any."""
    if experiment.seed_list == [None]:
        return parts[0]
    return {
        name: np.stack([part[name] for part in parts])
        if name not in experiment.OF_FIRST_SEED
        else parts[0][name][None]
        for name in parts[0]
    }
