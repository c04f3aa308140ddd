"""Cost of one training step of figure 7: a step bins a batch, differentiates, updates the weights.

Times are medians over steps of compiled code. CPU time is the cost of a step on a machine whose
cores are shared with other programs. A process measures one variant, and its own peak memory.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version

import jax
import numpy as np

from experiments.engine.config import Project, plan
from experiments.engine.errors import run_command
from experiments.engine.provenance import cores, peak_memory_mb, processor_name
from experiments.speech.batches import Batches
from experiments.speech.classification import Classification
from experiments.speech.learner import Learner
from experiments.speech.trainer import State, Trainer

BATCH, STEPS = 400, 3
"""Samples in a training step, and timed steps."""


def main(arguments: Sequence[str]) -> None:
    """Measure a variant of the training step, and print a row."""
    parser = argparse.ArgumentParser("python -m scripts.bench", description=__doc__)
    parser.add_argument("spikes", choices=("stochastic", "deterministic"))
    parser.add_argument("--event-driven", action="store_true", help="sum over spikes only, in C++")
    options = parser.parse_args(arguments)
    changes = ["figure=fig7/paper", "data=fixture", f"all.event_driven={options.event_driven}"]
    config = plan(Project(), changes).panels[options.spikes]
    assert isinstance(config, Classification)
    wall, cpu = (1e3 * s / BATCH for s in seconds(training_step(config)))
    sums = "event-driven sums" if options.event_driven else "matrix products"
    print(
        f"{options.spikes}, {sums}: {wall:.1f} ms a sample, CPU {cpu:.1f} ms, "
        f"peak {peak_memory_mb() / 1e3:.2f} GB; {machine()}"
    )


def training_step(config: Classification) -> Callable[[], None]:
    """Return a function that performs one training step of a network."""
    learner, key, train = Learner(config), jax.random.key(0), config.open().train
    params = learner.init(key)
    trainer = Trainer(config, learner, [], Batches(train, config), None, key, seed=0)
    state = State(params, trainer.descent.init(params))
    # The few committed utterances are repeated: the time depends on shapes alone.
    indices = np.arange(BATCH) % len(train)

    def step() -> None:
        nonlocal state
        grad, _ = trainer.gradient(state, indices, key)
        state = jax.block_until_ready(trainer.update(state, grad))

    return step


def seconds(call: Callable[[], object]) -> tuple[float, float]:
    """Return the median wall and CPU time of a call, in seconds, after a call that compiles."""
    call()
    times = []
    for _ in range(STEPS):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = zip(*times, strict=True)
    return statistics.median(wall), statistics.median(cpu)


def machine() -> str:
    """Return hardware, threads, versions and memory settings, in one line."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("jax", "jaxlib", "numpy"))
    device = jax.devices()[0]
    return (
        f"{device.platform} ({device.device_kind}); {processor_name()}, {cores()} threads; "
        f"Python {platform.python_version()}, {packages}; "
        f"GLIBC_TUNABLES={os.environ.get('GLIBC_TUNABLES', '')}"
    )


if __name__ == "__main__":
    run_command(main)
