"""Set up JAX before anything is computed; importing it, or experiments, decides nothing."""

import hashlib
import platform
import warnings
from pathlib import Path
from typing import Any

import jax
from jax.experimental.compilation_cache import compilation_cache

from experiments.engine import speed
from experiments.engine.errors import UserError
from experiments.engine.provenance import cores, cpu_info, processor_name
from experiments.engine.schema import Platform, Runtime
from experiments.engine.settings import DECIDED, counting, users_flags
from snn.selftest import known_fault

# What JAX is to load, the first being the default. It stops at an assertion where it finds
# nothing to load: with the CPU as second it finds that, and the check below tells.
BACKENDS = {Platform.cpu: "cpu", Platform.gpu: "cuda,cpu"}

CACHE_FLAG = "jax_compilation_cache_dir"
COMPILED = "/jax/core/compile/backend_compile_duration"
"""What JAX tells of each program that it compiles, or finds compiled on disk."""


def activate(runtime: Runtime, cache: Path | None = None) -> None:
    """Make JAX compute on the platform and in the precision asked for.

    Args:
        runtime: Platform and precision, and whether compiled code is kept.
        cache: Folder of the results' cache, in which it is kept; None for nowhere.

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
    _keep_compiled_code(cache if runtime.compilation_cache else None)
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


def _keep_compiled_code(cache: Path | None) -> None:
    """Make JAX read and write compiled code in a folder for this processor, or nowhere."""
    folder = None if cache is None else str(cache / "xla" / processor_digest())
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
