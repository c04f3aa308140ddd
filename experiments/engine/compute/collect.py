"""Compute the panels and checks of a plan, or load them from the cache."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np

from experiments.engine.compute.checkpoint import checkpointed
from experiments.engine.compute.key import SourceIndex, cache_key, sources_of
from experiments.engine.compute.progress import bar, count
from experiments.engine.compute.provenance import environment, peak_memory_mb
from experiments.engine.compute.record import Panel, Record
from experiments.engine.compute.runtime import Part, Seed, activate, compute
from experiments.engine.compute.store import Store
from experiments.engine.configure.compose import Plan
from experiments.engine.configure.registry import Project
from experiments.engine.configure.schema import Compute
from experiments.engine.declare.experiment import Data, Experiment, SeedsAtOnce, derived
from experiments.engine.errors import UserError


class NotCached(UserError):
    """A result is missing from the cache, and the run must not compute it."""


def collect(
    project: Project,
    plan: Plan,
    with_cache: bool = True,
    sources: SourceIndex | None = None,
) -> Record:
    """Compute or load every panel, check and seed.

    Args:
        project: Where experiments lie.
        plan: The validated run.
        with_cache: Whether results are read from the cache of the run's results, and kept there.
        sources: The code that results depend on; by default this process's index.

    Returns:
        The run with its arrays, its summary and its provenance.

    Raises:
        UserError: If compute=never and a result is missing, or an experiment refuses its
            parameters or inputs.
        OSError: If something has to be computed, and the cache cannot be written.
    """
    experiments = plan.root.experiments
    store = Store(project.root / plan.root.results_dir / "cache") if with_cache else None
    folder = store.folder if store else None
    sources = sources or sources_of(project)
    keyed = _keyed(plan, sources)
    cached = {name: _cached(plan, store, keys) for name, keys in keyed.items()}
    for name, keys in keyed.items():
        if len(cached[name]) < len(keys):
            experiments[name].check_inputs()
            _refuse_never(plan)
    record = Record(plan, provenance=environment(project.root))
    # Panels of equal keys are computed once.
    by_key: dict[str, Part] = {}
    total = sum(len(experiment.seed_list) for experiment in experiments.values())
    with bar(total=total, desc=plan.figure, unit="panel") as progress:
        for name, experiment in experiments.items():
            progress.set_postfix_str(name)
            keys, parts = keyed[name], cached[name]
            parts |= {seed: by_key[key] for seed, key in keys.items() if key in by_key}
            progress.update(len(parts))
            missing = [seed for seed in keys if seed not in parts]
            if missing and folder:
                _try_to_write(folder)
            n = len(missing) if isinstance(experiment, SeedsAtOnce) else 1
            for together in (missing[i : i + n] for i in range(0, len(missing), n or 1)):
                label = name if together == [None] else f"{name} seed {str(together)[1:-1]}"
                progress.set_postfix_str(label)
                activate(plan.root.runtime)
                with checkpointed(folder, [keys[seed] for seed in together]):
                    computed = compute(project.root, experiment, {s: keys[s] for s in together})
                    sources.refuse_imported_since(type(experiment).__module__)
                    for part in computed.values():
                        if store:
                            store.save(*part)
                parts |= computed
                by_key |= {keys[seed]: part for seed, part in computed.items()}
                seconds = sum(record["wall_time_s"] for _, record in computed.values())
                count(progress, f"{plan.figure} {label}", len(together), seconds)
            data = _stack(experiment, [parts[seed][0] for seed in keys])
            record.panels[name] = Panel(
                type(experiment).__module__,
                data,
                tuple(
                    {"seed": seed, "cached": seed not in missing} | parts[seed][1] for seed in keys
                ),
            )
            quantities = experiment.summary(data)
            record.summary.update({f"{name}.{key}": value for key, value in quantities.items()})
    for name, arrays in derived(experiments, record.arrays).items():
        record.panels[name].arrays.update(arrays)
        _refuse_undeclared(experiments[name], record.panels[name].arrays)
    record.provenance["peak_memory_mb"] = round(peak_memory_mb(), 1)
    return record


def _try_to_write(folder: Path) -> None:
    """Write to a folder before anything is computed; an `OSError` ends the command."""
    folder.mkdir(parents=True, exist_ok=True)
    TemporaryFile(dir=folder).close()


def _keyed(plan: Plan, sources: SourceIndex) -> dict[str, dict[Seed, str]]:
    """Return the key of each experiment's seeds."""
    keyed = {}
    for name, experiment in plan.root.experiments.items():
        source = sources.source_hash(type(experiment).__module__)
        keyed[name] = {
            seed: cache_key(experiment, seed, source, plan.root.runtime)
            for seed in experiment.seed_list
        }
    return keyed


def _cached(plan: Plan, store: Store | None, keys: Mapping[Seed, str]) -> dict[Seed, Part]:
    """Return the seeds that are in the cache."""
    if store is None or plan.root.compute is Compute.always:
        return {}
    parts = {seed: store.load(key) for seed, key in keys.items()}
    return {seed: part for seed, part in parts.items() if part}


def _refuse_never(plan: Plan) -> None:
    """Raise `NotCached` if the run must not compute."""
    if plan.root.compute is Compute.never:
        rest = [item for item in plan.overrides if not item.startswith("compute=")]
        raise NotCached(
            f"{plan.figure} is not in the cache",
            "compute=never",
            "results computed before with the same parameters and sources",
            " ".join(["python -m experiments.run", f"figure={plan.figure}/{plan.preset}", *rest]),
        )


def _stack(experiment: Experiment, parts: list[Data]) -> Data:
    """Return one panel's arrays, with a leading axis of seeds if the experiment has any."""
    if experiment.seed_list == [None]:
        return parts[0]

    def kept(name: str) -> list[Data]:
        return parts[:1] if experiment.about(name).axes[:1] == ("first seed",) else parts

    return {name: np.stack([part[name] for part in kept(name)]) for name in parts[0]}


def _refuse_undeclared(experiment: Experiment, data: Data) -> None:
    """Refuse arrays that differ from the experiment's declaration."""
    for name, array in data.items():
        axes = experiment.about(name).axes
        if len(axes) != np.ndim(array):
            raise TypeError(
                f"{type(experiment).__name__}.ARRAYS: {name} has axes ({', '.join(axes)}), "
                f"computed shape {np.shape(array)}"
            )
