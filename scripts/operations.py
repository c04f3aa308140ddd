"""Where the time of a compiled function goes, by kind of operation, from XLA's own trace.

XLA merges operations. What it merged counts as the last of them, so that a hash which ends in the
product that uses its number is one of the neurons' terms.
"""

import re
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import quantiles
from typing import Any

import jax
from jax.profiler import ProfileData

KINDS = {
    "products": "dot_general",
    "windows, pads and copies": "concatenate copy pad reshape slice split transpose",
    "steps stored and read": "dynamic_slice dynamic_update_slice",
    "sums of gradients": "add_any",
    "zeros": "broadcast broadcast_in_dim",
}
"""Operations by kind; all others are neurons, noise and loss."""
OTHERS = "neurons, noise and loss"


def by_kind(compiled: Any, arguments: tuple, repeats: int = 5) -> dict[str, float]:
    """Return seconds of one call by kind of operation.

    Of each operation the lower quartile counts, which waiting for a core hardly touches.

    Args:
        compiled: what ``jax.jit(f).lower(*arguments).compile()`` returns; compiled for one thread
            (the option ``xla_cpu_multi_thread_eigen``), these are seconds of a core.
        arguments: what it is called with.
        repeats: calls.
    """
    jax.block_until_ready(compiled(*arguments))
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            for _ in range(repeats):
                jax.block_until_ready(compiled(*arguments))
        (path,) = Path(folder).rglob("*.xplane.pb")
        planes = list(ProfileData.from_file(str(path)).planes)
    kinds = {op: kind for kind, ops in KINDS.items() for op in ops.split()}
    kind_of = {
        name: kinds.get(_operation(name, rest), OTHERS)
        for name, rest in re.findall(r"^\s*(?:ROOT )?%?([\w.-]+) = (.*)", compiled.as_text(), re.M)
        # A loop or a call is the sum of what is in it.
        if not name.startswith(("while", "call"))
    }
    durations = defaultdict(list)
    for event in (event for plane in planes for line in plane.lines for event in line.events):
        if event.name in kind_of:
            durations[event.name].append(event.duration_ns)
    total = dict.fromkeys([*KINDS, OTHERS], 0.0)
    for name, times in durations.items():
        total[kind_of[name]] += 1e-9 * quantiles(times, n=4)[0] * len(times) / repeats
    return total


def _operation(name: str, rest: str) -> str:
    """Return what JAX called an instruction, or XLA, where that inserted it."""
    traced = re.search(r'op_name="[^"]*?([^"/;]+)"', rest)
    return traced[1] if traced else re.sub(r"^wrapped_|[.\d]+$", "", name)
