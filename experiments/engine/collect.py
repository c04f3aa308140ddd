"""Computes the panels of a plan, or finds them in the cache."""

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.engine import progress
from experiments.engine.base import Data, Experiment, Quantity
from experiments.engine.compose import Plan
from experiments.engine.errors import UserError
from experiments.engine.provenance import environment, peak_memory_mb
from experiments.engine.registry import Project
from experiments.engine.schema import Compute
from experiments.engine.sources import SourceIndex
from experiments.engine.store import Store, cache_key, checksum


@dataclass
class Results:
    """What a plan's panels came to.

    Attributes:
        data: Arrays by panel and name; those of seeded panels have a leading axis of seeds.
        records: By panel, one record per seed: how, where and how fast it was computed.
        summary: Quantities by "panel.name".
    """

    data: dict[str, Data] = field(default_factory=dict)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    summary: dict[str, Quantity] = field(default_factory=dict)


def collect(project: Project, plan: Plan, store: Store | None) -> Results:
    """Computes or loads every panel and seed.

    Args:
        project: Where experiments lie.
        plan: The validated run.
        store: The cache; None neither reads nor writes one.

    Raises:
        UserError: If compute=never and something is not in the cache, or an experiment refuses.
    """
    panels = plan.root.panels
    index = SourceIndex(project)
    results = Results()
    with progress.panels(plan.figure, sum(len(p.seed_list) for p in panels.values())) as bar:
        for panel, experiment in panels.items():
            source = index.source_hash(type(experiment).__module__)
            parts = []
            for seed in experiment.seed_list:
                label = panel if seed is None else f"{panel} seed {seed}"
                bar.start(label)
                key = cache_key(experiment, seed, source, plan.root.runtime)
                data, record = _one(project, plan, store, experiment, seed, key)
                parts.append(data)
                results.records.setdefault(panel, []).append({"seed": seed, "key": key, **record})
                bar.done(label, None if record["cached"] else record["wall_time_s"])
            results.data[panel] = _stack(parts, seeded=experiment.seed_list != [None])
            quantities = experiment.summary(results.data[panel])
            results.summary |= {f"{panel}.{name}": q for name, q in quantities.items()}
    return results


def _one(
    project: Project,
    plan: Plan,
    store: Store | None,
    experiment: Experiment,
    seed: int | None,
    key: str,
) -> tuple[Data, dict[str, Any]]:
    """One panel and seed, from the cache or computed."""
    mode = plan.root.compute
    if store and mode is not Compute.always:
        found = store.load(key)
        if found:
            return found[0], {**found[1], "cached": True}
        if mode is Compute.never:
            command = ["python -m experiments.run", f"figure={plan.figure}/{plan.preset}"]
            command += [item for item in plan.overrides if not item.startswith("compute=")]
            raise UserError(
                f"{plan.figure} is not in the cache",
                "compute=never",
                "results computed before with the same parameters and sources",
                " ".join(command),
            )
    data, record = _computed(project, plan, experiment, seed)
    if store:
        store.save(key, data, record)
    return data, {**record, "cached": False}


def _computed(
    project: Project, plan: Plan, experiment: Experiment, seed: int | None
) -> tuple[Data, dict[str, Any]]:
    # Here and not at the top: this import loads JAX, which a run from the cache never needs.
    from experiments.engine.runtime import activate, jax_flags

    activate(plan.root.runtime)
    start = time.perf_counter()
    arrays = project.compute_module(experiment).compute(experiment, seed)
    data = {name: np.asarray(array) for name, array in arrays.items()}
    seconds = time.perf_counter() - start
    record = {
        "experiment": type(experiment).__module__,
        "seed": seed,
        "wall_time_s": round(seconds, 3),
        "peak_memory_mb": round(peak_memory_mb(), 1),
        **jax_flags(),
        **environment(project.root),
        "data_sha256": checksum(data),
    }
    return data, record


def _stack(parts: list[Data], seeded: bool) -> Data:
    if not seeded:
        return parts[0]
    return {name: np.stack([part[name] for part in parts]) for name in parts[0]}
