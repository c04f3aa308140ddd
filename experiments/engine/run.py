"""Runs: compute each panel and seed, or load it from the cache."""

import hashlib
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np

from experiments.engine import cache
from experiments.engine.checkpoint import checkpointed
from experiments.engine.config import Project, Run
from experiments.engine.errors import UserError
from experiments.engine.experiment import Data, Experiment, SeedsAtOnce, derived
from experiments.engine.jax_setup import activate, counting, jax_flags
from experiments.engine.progress import bar
from experiments.engine.provenance import environment, peak_memory_mb

log = logging.getLogger(__name__)
Part = tuple[Data, dict[str, Any]]


class NotCached(UserError):
    """A result is missing from the cache, and the run must not compute it."""


def collect(project: Project, run: Run, with_cache: bool = True) -> Run:
    """Compute or load every panel and seed.

    Args:
        project: Where experiments lie.
        run: The validated run.
        with_cache: Whether results are read from the cache of the run's results, and kept there.

    Returns:
        The run with its arrays, its summary and its provenance.

    Raises:
        UserError: If compute=never and a result is missing, or an experiment refuses its
            parameters or inputs.
        OSError: If something has to be computed, and the cache cannot be written.
    """
    folder = project.root / run.settings.results_dir / "cache" if with_cache else None
    experiments = run.panels
    keyed = {name: _keys(project, run, x) for name, x in experiments.items()}
    found: dict[str, Part] = {}
    if folder and run.settings.compute != "always":
        keys = {key for each in keyed.values() for key in each.values()}
        found = {key: part for key in keys if (part := cache.load_result(folder, key))}
    missing = {
        name: absent
        for name, keys in keyed.items()
        if (absent := {seed: key for seed, key in keys.items() if key not in found})
    }
    if missing and run.settings.compute == "never":
        raise NotCached(
            f"{run.figure} is not in the cache",
            "compute=never, without " + "; ".join(_label(x, missing[x]) for x in missing),
            "results computed before with the same parameters and sources",
            "leave out compute=never",
        )
    for name in missing:
        experiments[name].check_inputs()
    is_read = set(found)
    done = replace(run, provenance=environment(project.root))
    with bar(total=sum(map(len, keyed.values())), desc=run.figure, unit="panel") as progress:
        for name, experiment in experiments.items():
            keys = keyed[name]
            absent = {seed: key for seed, key in keys.items() if key not in found}
            progress.update(len(keys) - len(absent))
            if absent and folder:
                folder.mkdir(parents=True, exist_ok=True)
                TemporaryFile(dir=folder).close()
            for some in _together(experiment, absent):
                label = _label(name, some)
                progress.set_postfix_str(label)
                start = time.perf_counter()
                found |= _computed(project, run, experiment, some, folder)
                seconds = time.perf_counter() - start
                progress.update(len(some))
                if progress.disable:
                    log.info("%s %s: computed in %.1f s", run.figure, label, seconds)
            data = _stack(experiment, [found[key][0] for key in keys.values()])
            done.arrays[name] = data
            done.parts[name] = [
                {"seed": seed, "cached": key in is_read or seed not in absent, **found[key][1]}
                for seed, key in keys.items()
            ]
            quantities = experiment.summary(data)
            done.summary.update({f"{name}.{key}": value for key, value in quantities.items()})
    for name, arrays in derived(experiments, done.arrays).items():
        done.arrays[name].update(arrays)
        _refuse_undeclared(experiments[name], done.arrays[name])
    done.provenance["peak_memory_mb"] = round(peak_memory_mb(), 1)
    return done


def _keys(project: Project, run: Run, experiment: Experiment) -> dict[Any, str]:
    """Return the keys of an experiment's results, by seed."""
    source, settings = cache.source_hash(project, type(experiment).__module__), counting()
    return {
        seed: cache.cache_key(experiment, seed, source, run.settings.runtime, settings)
        for seed in experiment.seed_list
    }


def _label(panel: str, seeds: Iterable[int | None]) -> str:
    """Return the name of some results of a panel, as "draws seed 1, 2"."""
    words = str([*seeds])[1:-1]
    return panel if words == "None" else f"{panel} seed {words}"


def _together(experiment: Experiment, missing: dict[Any, str]) -> Iterator[dict[Any, str]]:
    """Yield seeds that are computed together, with their keys."""
    if isinstance(experiment, SeedsAtOnce) and missing:
        yield missing
        return
    for seed, key in missing.items():
        yield {seed: key}


def _computed(
    project: Project, run: Run, experiment: Experiment, keys: dict[Any, str], folder: Path | None
) -> dict[str, Part]:
    """Compute some seeds of an experiment, and store their results by their keys."""
    module, seeds = type(experiment).__module__, list(keys)
    name = hashlib.sha256("".join(keys.values()).encode()).hexdigest()
    activate(run.settings.runtime)
    with ExitStack() as stack:
        if folder:
            # A second process with the same keys waits here, and then reads the results.
            waited = stack.enter_context(cache.locked(folder / "locks", name))
            if waited and run.settings.compute != "always":
                stored = {key: cache.load_result(folder, key) for key in keys.values()}
                if all(stored.values()):
                    return {key: part for key, part in stored.items() if part}
        start, busy = time.perf_counter(), time.process_time()
        with checkpointed(folder, name):
            if isinstance(experiment, SeedsAtOnce):
                computed = experiment.compute_many(seeds)
            else:
                computed = [experiment.compute(seed) for seed in seeds]
            arrays = [{key: np.asarray(x) for key, x in data.items()} for data in computed]
            record = {
                "experiment": module,
                "inputs": experiment.input_digest(),
                "wall_time_s": round((time.perf_counter() - start) / len(seeds), 3),
                "process_time_s": round((time.process_time() - busy) / len(seeds), 3),
                "peak_memory_mb": round(peak_memory_mb(), 1),
                **jax_flags(),
                **environment(project.root),
            }
            parts = {
                key: (data, {"key": key, **record})
                for key, data in zip(keys.values(), arrays, strict=True)
            }
            if folder and not cache.is_edited(project, module):
                for key, (data, own) in parts.items():
                    cache.write_result(folder / f"{key}.npz", data, own)
    return parts


def _stack(experiment: Experiment, parts: list[Data]) -> Data:
    """Return one panel's arrays, with a leading axis of seeds if the experiment has any."""
    if experiment.seed_list == [None]:
        return dict(parts[0])

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
