"""Compute seeds of a panel: with all that it imports, this module counts in the key of a result."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from jax.errors import JaxRuntimeError

from experiments.engine.base import Data, Experiment, SeedsAtOnce
from experiments.engine.errors import UserError
from experiments.engine.provenance import environment, peak_memory_mb
from experiments.engine.runtime import jax_flags, n_compiled
from experiments.engine.store import sealed

Seed = int | None
Part = tuple[Data, dict[str, Any]]


def compute(root: Path, experiment: Experiment, keys: Mapping[Seed, str]) -> dict[Seed, Part]:
    """Return arrays and record of seeds, computed all at once if the experiment can.

    Args:
        root: The project's folder.
        experiment: What to compute, after `runtime.activate`.
        keys: The key of each seed.

    Raises:
        UserError: If the memory does not suffice.
    """
    start, busy, compiled = time.perf_counter(), time.process_time(), n_compiled()
    seeds = list(keys)
    with _memory():
        if isinstance(experiment, SeedsAtOnce):
            computed = experiment.compute_many([seed for seed in seeds if seed is not None])
        else:
            computed = [experiment.compute(seed) for seed in seeds]
        computed = [{name: np.asarray(x) for name, x in arrays.items()} for arrays in computed]
    record = {
        "experiment": type(experiment).__module__,
        "wall_time_s": round((time.perf_counter() - start) / len(seeds), 3),
        "process_time_s": round((time.process_time() - busy) / len(seeds), 3),
        "peak_memory_mb": round(peak_memory_mb(), 1),
        **jax_flags(),
        **environment(root),
    }
    # Of seeds that are computed at once, the first has them all.
    compilations = [n_compiled() - compiled, *[0] * (len(seeds) - 1)]
    return {
        seed: (data, sealed({"key": keys[seed], "compilations": n, **record}, data))
        for seed, data, n in zip(seeds, computed, compilations, strict=True)
    }


@contextmanager
def _memory() -> Iterator[None]:
    """Turn an allocation failure into a message, where the system reports one."""
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
