"""Set JAX up and compute: with all that it imports, this module counts in the key of a result.

A run decides some settings of JAX and XLA, the environment others. What it says and the run does
not decide may change a number, and is in the key, as is a setting that a later JAX has. Importing
this module, or experiments, decides nothing.
"""

import hashlib
import os
import platform
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.errors import JaxRuntimeError
from jax.experimental.compilation_cache import compilation_cache

from experiments.engine.compute import speed
from experiments.engine.compute.places import private_cache
from experiments.engine.compute.provenance import (
    cores,
    cpu_info,
    environment,
    peak_memory_mb,
    processor_name,
)
from experiments.engine.configure.schema import Platform, Runtime
from experiments.engine.declare.experiment import Data, Experiment, SeedsAtOnce
from experiments.engine.errors import UserError
from snn.selftest import known_fault

DECIDED = {
    # One stream of random numbers on every JAX, whatever its default.
    "jax_threefry_partitionable": True,
    "jax_default_prng_impl": "threefry2x32",
    "jax_random_seed_offset": 0,
    # Last bits depend on it; tests set it for all that they compile themselves.
    "jax_disable_most_optimizations": False,
}
"""What every run sets."""

BY_RUN = frozenset(DECIDED) | {
    "jax_enable_x64",
    "jax_platforms",
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
}
"""What a run sets, here or by its `Runtime`."""

PREFIXES = "JAX", "XLA_"
OTHERS = "CHECK_VMA", "EAGER_CONSTANT_FOLDING", "MOCK_NUM_GPU_PROCESSES", "NVIDIA_TF32_OVERRIDE"
"""Settings of JAX, and of NVIDIA's libraries, that are named otherwise."""

Seed = int | None
Part = tuple[Data, dict[str, Any]]

# What JAX is to load, the first being the default. It stops at an assertion where it finds
# nothing to load: with the CPU as second it finds that, and the check below tells.
BACKENDS = {Platform.cpu: "cpu", Platform.gpu: "cuda,cpu"}

CACHE_FLAG = "jax_compilation_cache_dir"
COMPILED = "/jax/core/compile/backend_compile_duration"
"""What JAX tells of each program that it compiles, or finds compiled on disk."""


def activate(runtime: Runtime) -> None:
    """Make JAX compute on the platform and in the precision asked for.

    Args:
        runtime: Platform and precision, and whether compiled code is kept.

    Raises:
        UserError: If the platform is not available, or jaxlib is known to add up wrongly.
    """
    refuse_bad_jaxlib()
    speed.compile_briefly(users_flags())
    wanted = runtime.platform.name
    # Without effect, and found out below, where something has been computed already.
    jax.config.update("jax_platforms", BACKENDS[runtime.platform])
    for name, value in {**DECIDED, "jax_enable_x64": runtime.x64}.items():
        jax.config.update(name, value)
    speed.unroll()
    _keep_compiled_code(runtime.compilation_cache)
    try:
        found = jax.devices()[0].platform
    except RuntimeError as error:
        found = str(error).splitlines()[0]
    if found != wanted:
        what, expected = f"the platform {wanted} is not available", f"a {wanted} that JAX can use"
        fix = "runtime=cpu, or install JAX for this device: pip install 'jax[cuda12]'"
        raise UserError(what, found, expected, fix)


def refuse_bad_jaxlib() -> None:
    """Raise `UserError` for a jaxlib whose numbers cannot be trusted."""
    if message := known_fault():
        problem, _, fix = message.partition(": ")
        what = "nothing is computed with this version of jaxlib"
        expected = "one of the versions in requirements.lock"
        raise UserError(what, problem, expected, f"make setup, or {fix}")


def _keep_compiled_code(is_kept: bool) -> None:
    """Make JAX read and write compiled code in a folder for this processor, or nowhere.

    The folder is the user's own: JAX runs what it finds there, and a folder of results may come
    from anybody.
    """
    folder = None
    if is_kept:
        with suppress(OSError):
            folder = str(private_cache("xla") / processor_digest())
    # Code that cannot be read or kept is compiled again; results that cannot be are another matter.
    warnings.filterwarnings("ignore", "Error (reading|writing) persistent compilation cache")
    if getattr(jax.config, CACHE_FLAG) != folder:
        jax.config.update(CACHE_FLAG, folder)
        # All of it: to compile small programs again takes a tenth of a short run.
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        # JAX looks where the folder is only once.
        compilation_cache.reset_cache()


def processor_digest() -> str:
    """Return a hash of what compiled code depends on and JAX's own key of it leaves out.

    These are the instructions that the processor has, and the number of threads, by which XLA
    splits loops: code from a cache copied to another machine is then not found there.
    """
    parts = [platform.machine(), processor_name(), cpu_info("flags"), str(cores())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


_compiled: list[float] = []


def n_compiled() -> int:
    """Return how many programs this process has compiled so far, or found compiled on disk."""
    return len(_compiled)


@jax.monitoring.register_event_duration_secs_listener
def _listen(event: str, duration_secs: float, **_: object) -> None:
    if event == COMPILED:
        _compiled.append(duration_secs)


def jax_flags() -> dict[str, Any]:
    """Return device, precision, and the settings of JAX and XLA that decide numbers."""
    return {
        "device": jax.devices()[0].device_kind,
        "processor": processor_name(),
        "cores": cores(),
        "platform": jax.default_backend(),
        "settings": counting(),
    } | {name: jax.config.values[name] for name in ("jax_enable_x64", *DECIDED)}


def counts(variable: str) -> bool:
    """Return whether a variable of the environment can change a number."""
    of_jax = variable.startswith(PREFIXES) or variable in OTHERS
    return of_jax and variable.lower() not in BY_RUN


def counting() -> dict[str, str]:
    """Return the variables of the environment that can change a number, by name."""
    found = {name: value for name, value in os.environ.items() if counts(name)}
    found |= {"XLA_FLAGS": users_flags(), speed.SWITCH: "0" if speed.OFF else ""}
    return {name: value for name, value in found.items() if value}


def users_flags() -> str:
    """Return the XLA_FLAGS that the user has set.

    Raises:
        UserError: If they name a file of flags, which only XLA would read.
    """
    flags = os.environ.get("XLA_FLAGS", "").strip().removeprefix(speed.BRIEFLY).strip()
    if flags and not flags.startswith("-"):
        what, expected = "XLA_FLAGS name a file", "the flags themselves: results depend on them"
        raise UserError(what, flags, expected, f'XLA_FLAGS="$(cat {flags})"')
    return flags


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
        "inputs": experiment.input_digest(),
        "wall_time_s": round((time.perf_counter() - start) / len(seeds), 3),
        "process_time_s": round((time.process_time() - busy) / len(seeds), 3),
        "peak_memory_mb": round(peak_memory_mb(), 1),
        **jax_flags(),
        **environment(root),
    }
    # Of seeds that are computed at once, the first has them all.
    compilations = [n_compiled() - compiled, *[0] * (len(seeds) - 1)]
    return {
        seed: (data, {"key": keys[seed], "compilations": n, **record})
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
