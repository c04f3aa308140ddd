"""What the benchmarks share: times, the machine and its peak, and processes of their own."""

import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from experiments.engine import speed
from experiments.engine.provenance import cores, processor_name, tunables

ROOT = Path(__file__).parents[1]

# As figures have it.
speed.unroll()


def seconds(call: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Return the median wall and CPU time of a call; the first, which compiles, does not count."""
    call()
    times = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = zip(*times, strict=True)
    return statistics.median(wall), statistics.median(cpu)


def arithmetic_peak() -> tuple[float, float]:
    """Measure floating-point operations per second, and per second of a core's time.

    A product of two large float32 matrices.
    """
    import jax
    import jax.numpy as jnp

    n = 2048
    a = jax.random.normal(jax.random.key(0), (n, n), jnp.float32)
    product = jax.jit(jnp.matmul)
    wall, cpu = seconds(lambda: product(a, a).block_until_ready(), 7)
    return 2 * n**3 / wall, 2 * n**3 / cpu


def machine(precision: str) -> str:
    """Return hardware, threads, versions, precision and memory settings, in one line."""
    import jax

    packages = ", ".join(f"{name} {version(name)}" for name in ("jax", "jaxlib", "numpy"))
    device = jax.devices()[0]
    return (
        f"{device.platform} ({device.device_kind}); {processor_name()}, {cores()} threads; "
        f"Python {platform.python_version()}, {packages}; {precision}; "
        f"GLIBC_TUNABLES={tunables()}"
    )


def in_a_process(module: str, *arguments: str) -> dict[str, Any]:
    """Return what a module prints as JSON in its last line, in a process whose memory is its own.

    Raises:
        CalledProcessError: If it fails.
    """
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])
