"""Set JAX up: platform, precision, options that decide numbers, and the cache of compiled code.

A run sets some options of JAX and XLA; environment variables set others. A variable that no run
overrides may change a number, and is part of the key, even if only a later JAX knows the option.
Importing this module sets no option, and does not import JAX: a command that only reads results
starts faster.
"""

import hashlib
import os
import platform
import warnings
from importlib.metadata import version
from typing import Any

from experiments.engine.cache import user_cache
from experiments.engine.config import Runtime
from experiments.engine.errors import UserError
from experiments.engine.provenance import cores, cpu_info, processor_name

BRIEFLY = "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=2"
"""XLA_FLAGS that reduce the time to compile to three fifths.

jaxlib 0.10 generates the loops of a program with MLIR, up to 32 loops separately. Without MLIR,
compilation is faster, and loops that draw random numbers in each step are slower. Later versions
always use MLIR.
"""
CHOOSES_EMITTERS = version("jaxlib").startswith("0.10.")
"""True if jaxlib can do without MLIR."""

FOR_LONG = {"xla_cpu_use_fusion_emitters": True} if CHOOSES_EMITTERS else {}
"""`compiler_options` of `jax.jit` for loops of long trainings."""

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

# Backends that JAX loads; the first is the default. JAX fails at an assertion without any backend,
# so the CPU comes second, and `activate` reports a missing GPU.
BACKENDS = {"cpu": "cpu", "gpu": "cuda,cpu"}

CACHE_FLAG = "jax_compilation_cache_dir"


def activate(runtime: Runtime) -> None:
    """Make JAX compute on the platform and in the precision asked for.

    Args:
        runtime: Platform and precision.

    Raises:
        UserError: If the platform is not available, or jaxlib is known to add up wrongly.
    """
    import jax

    refuse_bad_jaxlib()
    if CHOOSES_EMITTERS:
        # The user's own flags take precedence.
        os.environ["XLA_FLAGS"] = f"{BRIEFLY} {users_flags()}".strip()
    wanted = runtime.platform
    # Without effect if JAX has computed before; the check below finds that.
    jax.config.update("jax_platforms", BACKENDS[runtime.platform])
    for name, value in {**DECIDED, "jax_enable_x64": runtime.x64}.items():
        jax.config.update(name, value)
    _keep_compiled_code()
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
    from snn.selftest import known_fault

    if message := known_fault():
        problem, _, fix = message.partition(": ")
        what = "nothing is computed with this version of jaxlib"
        expected = "one of the versions in requirements.lock"
        raise UserError(what, problem, expected, f"make setup, or {fix}")


def _keep_compiled_code() -> None:
    """Make JAX keep compiled code in the user's cache folder.

    JAX runs the code in that folder. A folder of results may come from anybody, and contains none.
    """
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    folder = str(user_cache("xla") / processor_digest())
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


def jax_flags() -> dict[str, Any]:
    """Return device, precision, and the options of JAX and XLA that can change a number."""
    import jax

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
    values["XLA_FLAGS"] = users_flags()
    return {name: value for name, value in values.items() if value}


def users_flags() -> str:
    """Return the user's XLA_FLAGS, without those of `BRIEFLY`."""
    return os.environ.get("XLA_FLAGS", "").strip().removeprefix(BRIEFLY).strip()
