"""Cost of one training step of figure 7: a step bins a batch, differentiates, updates the weights.

Each variant needs a process of its own, whose peak memory is reported. Wall time is the time that a
user waits on an idle machine. CPU time is the cost of a step on a machine whose cores are shared
with other programs.
"""

import argparse
from collections.abc import Callable, Sequence

import jax
import numpy as np

from experiments.engine.config import Project, plan
from experiments.engine.errors import run_command
from experiments.engine.provenance import peak_memory_mb
from experiments.speech.batches import Batches
from experiments.speech.classification import Classification
from experiments.speech.learner import Learner
from experiments.speech.trainer import State, Trainer
from scripts.bench import machine, seconds

BATCH, REPEATS = 400, 3
"""Samples in a step, and timed steps; their median is reported."""


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


def main(arguments: Sequence[str]) -> None:
    """Measure one variant, and print a row."""
    parser = argparse.ArgumentParser("python -m scripts.bench_speech", description=__doc__)
    parser.add_argument("spikes", choices=("stochastic", "deterministic"))
    parser.add_argument("--event-driven", action="store_true", help="sum over spikes only, in C++")
    options = parser.parse_args(arguments)
    given = ["figure=fig7/paper", "data=fixture", f"all.event_driven={options.event_driven}"]
    config = plan(Project(), given).panels[options.spikes]
    assert isinstance(config, Classification)
    wall, cpu = seconds(training_step(config), REPEATS)
    sums = "event-driven sums" if options.event_driven else "matrix products"
    print(
        f"{options.spikes}, {sums}: {1e3 * wall / BATCH:.1f} ms a sample, CPU "
        f"{1e3 * cpu / BATCH:.1f} ms, peak {peak_memory_mb() / 1e3:.2f} GB; {machine('float32')}"
    )


if __name__ == "__main__":
    run_command(main)
