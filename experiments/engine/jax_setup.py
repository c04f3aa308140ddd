"""Set JAX up and compute, as fast as the machine allows.

A run sets some options of JAX and XLA; environment variables set others. A variable that no run
overrides may change a number, and is part of the key, even if only a later JAX knows the option.
Importing this module sets no option.

Settings that make commands faster, with the saved time. Time is processor time; smaller is better::

  | setting | where | command | with | without |
  |---|---|---|---|---|
  | short programs are compiled briefly | compile_briefly | figure 8 (quick) | 71 s | 92 s |
  | loops of trainings are compiled with more effort | FOR_LONG | figure 6 (quick) | 32 s | 47 s |
  | Threefry is compiled without its loop | unroll | figure 6 (quick) | 0.72 | 1 |
  | | | figure 3 | 0.87 | 1 |
  | memory is kept for the next array | Makefile | a sample of figure 7 | 16 ms | 24 ms |
  | Matplotlib is loaded only to draw | figures.drawing | figure 4, cached | 0.74 s | 0.95 s |

Figure 4 is a median of five runs or more, in turn, on two cores that other programs used.

`SNN_SPEED=0` in the environment switches off all settings but the last. Arrays then differ by
rounding, so that the switch is part of keys. JAX keeps compiled code: `runtime.compilation_cache`.
"""

import hashlib
import os
import platform
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jax.errors import JaxRuntimeError
from jax.experimental.compilation_cache import compilation_cache

from experiments.engine.cache import private_cache
from experiments.engine.config import Runtime
from experiments.engine.errors import UserError
from experiments.engine.experiment import Data, Experiment, SeedsAtOnce
from experiments.engine.provenance import (
    cores,
    cpu_info,
    environment,
    peak_memory_mb,
    processor_name,
)
from snn.selftest import known_fault

if TYPE_CHECKING:
    from jax import Array

SWITCH = "SNN_SPEED"
OFF = os.environ.get(SWITCH) == "0"

BRIEFLY = "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=2"
"""XLA_FLAGS that reduce the time to compile to three fifths.

jaxlib 0.10 generates the loops of a program with MLIR, up to 32 loops separately. Without MLIR,
compilation is faster, and loops that draw random numbers in each step are slower. Later versions
always use MLIR.
"""
CHOOSES_EMITTERS = version("jaxlib").startswith("0.10.") and not OFF
"""True if jaxlib can do without MLIR, and speed is switched on."""

FOR_LONG = {"xla_cpu_use_fusion_emitters": True} if CHOOSES_EMITTERS else {}
"""`compiler_options` of `jax.jit` for loops of long trainings."""

PARITY = 0x1BD11BDA
ROTATIONS = (13, 15, 26, 6), (17, 29, 16, 24)


def compile_briefly(flags: str) -> None:
    """Set XLA's flags to `BRIEFLY`, followed by the user's flags, which take precedence."""
    if CHOOSES_EMITTERS:
        os.environ["XLA_FLAGS"] = f"{BRIEFLY} {flags}".strip()


def unroll() -> None:
    """Use `threefry` in all programs that are compiled for a CPU from now on."""
    from jax.extend.random import threefry2x32_p
    from jax.interpreters import mlir

    if not OFF:
        lowering = mlir.lower_fun(threefry, multiple_results=True)
        mlir.register_lowering(threefry2x32_p, lowering, platform="cpu")


def threefry(key0: "Array", key1: "Array", word0: "Array", word1: "Array") -> list["Array"]:
    """Compute Threefry-2x32, JAX's random bit generator, without a loop.

    For a CPU, JAX compiles the 20 rounds as a loop of five times four rounds. XLA computes the two
    words in separate passes over that loop, and cannot fuse the loop with other operations.

    Reference: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

    Args:
        key0: First word of the key, uint32.
        key1: Second word of the key, of the same shape.
        word0: First word of the counter, uint32, with a shape that broadcasts with the key's.
        word1: Second word of the counter, of the same shape.

    Returns:
        Both words of random bits, the same bits as JAX's.
    """
    u32 = np.uint32
    keys = key0, key1, key0 ^ key1 ^ u32(PARITY)
    word0, word1 = word0 + keys[0], word1 + keys[1]
    for i in range(5):
        for bits in ROTATIONS[i % 2]:
            word0 = word0 + word1
            word1 = ((word1 << u32(bits)) | (word1 >> u32(32 - bits))) ^ word0
        word0 = word0 + keys[(i + 1) % 3]
        word1 = word1 + keys[(i + 2) % 3] + u32(i + 1)
    return [word0, word1]


DECIDED = {
    # The same random numbers with every version of JAX.
    "jax_threefry_partitionable": True,
    "jax_default_prng_impl": "threefry2x32",
    "jax_random_seed_offset": 0,
    # The last bits depend on this option, which tests set for their own programs.
    "jax_disable_most_optimizations": False,
}
"""Options that every run sets."""

BY_RUN = frozenset(DECIDED) | {
    "jax_enable_x64",
    "jax_platforms",
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
}
"""Options that a run sets, in this module or by `Runtime`."""

PREFIXES = "JAX", "XLA_"
OTHERS = "CHECK_VMA", "EAGER_CONSTANT_FOLDING", "MOCK_NUM_GPU_PROCESSES", "NVIDIA_TF32_OVERRIDE"
"""Variables of JAX and NVIDIA's libraries without these prefixes."""

Seed = int | None
Part = tuple[Data, dict[str, Any]]

# Backends that JAX loads; the first is the default. JAX fails at an assertion without any backend,
# so the CPU comes second, and `activate` reports a missing GPU.
BACKENDS = {"cpu": "cpu", "gpu": "cuda,cpu"}

CACHE_FLAG = "jax_compilation_cache_dir"
COMPILED = "/jax/core/compile/backend_compile_duration"
"""JAX's event for each program that is compiled, or loaded from disk."""


def activate(runtime: Runtime) -> None:
    """Make JAX compute on the platform and in the precision asked for.

    Args:
        runtime: Platform and precision, and whether compiled code is kept.

    Raises:
        UserError: If the platform is not available, or jaxlib is known to add up wrongly.
    """
    refuse_bad_jaxlib()
    compile_briefly(users_flags())
    wanted = runtime.platform
    # Without effect if JAX has computed before; the check below finds that.
    jax.config.update("jax_platforms", BACKENDS[runtime.platform])
    for name, value in {**DECIDED, "jax_enable_x64": runtime.x64}.items():
        jax.config.update(name, value)
    unroll()
    _keep_compiled_code(runtime.compilation_cache)
    try:
        active = jax.devices()[0].platform
    except RuntimeError as error:
        active = str(error).splitlines()[0]
    if active != wanted:
        what, expected = f"the platform {wanted} is not available", f"a {wanted} that JAX can use"
        fix = "runtime=cpu, or install JAX for this device: pip install 'jax[cuda12]'"
        raise UserError(what, active, expected, fix)


def refuse_bad_jaxlib() -> None:
    """Raise `UserError` for a jaxlib whose numbers cannot be trusted.

    Raises:
        UserError: If the installed version computes wrong sums.
    """
    if message := known_fault():
        problem, _, fix = message.partition(": ")
        what = "nothing is computed with this version of jaxlib"
        expected = "one of the versions in requirements.lock"
        raise UserError(what, problem, expected, f"make setup, or {fix}")


def _keep_compiled_code(is_kept: bool) -> None:
    """Make JAX keep compiled code in the user's cache folder, or nowhere.

    JAX runs the code in that folder. A folder of results may come from anybody, and contains none.
    """
    folder = None
    if is_kept:
        with suppress(OSError):
            folder = str(private_cache("xla") / processor_digest())
    # Harmless: the program is compiled again.
    warnings.filterwarnings("ignore", "Error (reading|writing) persistent compilation cache")
    if getattr(jax.config, CACHE_FLAG) != folder:
        jax.config.update(CACHE_FLAG, folder)
        # Small programs, too: compiling them again takes a tenth of a short run.
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        # JAX reads the folder setting once.
        compilation_cache.reset_cache()


def processor_digest() -> str:
    """Return a hash of the processor's instructions and the number of its threads.

    Compiled code depends on both, and JAX's own key contains neither. XLA splits loops by the
    number of threads. With this hash, code in a copied cache is not found on another machine.
    """
    parts = [platform.machine(), processor_name(), cpu_info("flags"), str(cores())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


_compiled: list[float] = []


def n_compiled() -> int:
    """Return the number of programs that this process compiled or loaded from disk."""
    return len(_compiled)


@jax.monitoring.register_event_duration_secs_listener
def _listen(event: str, duration_secs: float, **_: object) -> None:
    if event == COMPILED:
        _compiled.append(duration_secs)


def jax_flags() -> dict[str, Any]:
    """Return device, precision, and the options of JAX and XLA that can change a number."""
    return {
        "device": jax.devices()[0].device_kind,
        "processor": processor_name(),
        "cores": cores(),
        "platform": jax.default_backend(),
        "settings": counting(),
    } | {name: jax.config.values[name] for name in ("jax_enable_x64", *DECIDED)}


def counts(variable: str) -> bool:
    """Return whether an environment variable can change a number."""
    is_option = variable.startswith(PREFIXES) or variable in OTHERS
    return is_option and variable.lower() not in BY_RUN


def counting() -> dict[str, str]:
    """Return the environment variables that can change a number, by name."""
    values = {name: value for name, value in os.environ.items() if counts(name)}
    values |= {"XLA_FLAGS": users_flags(), SWITCH: "0" if OFF else ""}
    return {name: value for name, value in values.items() if value}


def users_flags() -> str:
    """Return the user's XLA_FLAGS, without the flags that `speed` adds.

    Raises:
        UserError: If XLA_FLAGS names a file of flags, whose content no key would contain.
    """
    flags = os.environ.get("XLA_FLAGS", "").strip().removeprefix(BRIEFLY).strip()
    if flags and not flags.startswith("-"):
        what, expected = "XLA_FLAGS name a file", "the flags themselves: results depend on them"
        raise UserError(what, flags, expected, f'XLA_FLAGS="$(cat {flags})"')
    return flags


def compute(root: Path, experiment: Experiment, keys: Mapping[Seed, str]) -> dict[Seed, Part]:
    """Compute an experiment for several seeds, at once if it is vectorised over seeds.

    Args:
        root: The project's folder.
        experiment: The experiment; call `activate` first.
        keys: The key of each seed.

    Returns:
        Arrays and record of each seed.

    Raises:
        UserError: If an array does not fit into memory.
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
    # If seeds are computed at once, the first seed counts all compilations.
    compilations = [n_compiled() - compiled, *[0] * (len(seeds) - 1)]
    return {
        seed: (data, {"key": keys[seed], "compilations": n, **record})
        for seed, data, n in zip(seeds, computed, compilations, strict=True)
    }


@contextmanager
def _memory() -> Iterator[None]:
    """Turn a failed allocation into a `UserError`."""
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
