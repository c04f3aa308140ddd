"""Cost of one training step of figure 7, compared with the usual implementation.

A step bins a batch, differentiates its mean loss and updates the weights. Every variant runs in a
separate process, whose peak memory is reported. Wall time is the time that a user waits on an idle
machine. CPU time is the cost of a step on a machine whose cores are shared with other programs.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from experiments.engine.errors import run_command
from experiments.engine.provenance import peak_memory_mb
from experiments.speech.batches import Batches
from experiments.speech.classification import Classification
from experiments.speech.event_driven import compiler
from experiments.speech.learner import Learner
from experiments.speech.trainer import State, Trainer
from scripts.bench import machine, seconds
from tests.snn.straightforward import Straightforward

SIZES = {"ours": (400, 16), "event-driven": (400, 16), "straightforward": (100, 100)}
"""Samples in a step, and samples computed at once on each core, by network.

The straightforward network keeps all intermediate values in memory, so its step has fewer samples.
"""
MODES = ("stochastic", "deterministic")
REPEATS = 3
"""Number of timed steps; their median is reported."""


def training_step(kind: str, spikes: str, batch: int, micro_batch: int) -> Callable[[], None]:
    """Return a function that performs one training step of the published network.

    Args:
        kind: A key of `SIZES`.
        spikes: "stochastic" or "deterministic".
        batch: Number of samples in a step.
        micro_batch: Number of samples computed at once on each core.
    """
    # The few committed utterances are repeated: the time depends on shapes alone.
    files = {"data": "fixture", "folder": "", "n_train": None, "n_test": None, "data_seed": 0}
    config = Classification(
        **files,
        download=False,
        n_classes=20,
        n_channels=700,
        spikes=spikes,
        sigma_u=1.3 if spikes == "stochastic" else 1.0,
        micro_batch=micro_batch,
        event_driven=kind == "event-driven",
    )
    learner, key, train = Learner(config), jax.random.key(0), config.open().train
    params = learner.init(key)
    if kind == "straightforward":
        network = Straightforward(learner.network, threefry=True)
        learner.network = network  # pyright: ignore[reportAttributeAccessIssue]
    trainer = Trainer(config, learner, [], Batches(train, config), None, key, seed=0)
    state = State(params, trainer.descent.init(params))
    indices = np.arange(batch) % len(train)

    def step() -> None:
        nonlocal state
        grad, _ = trainer.gradient(state, indices, key)
        state = jax.block_until_ready(trainer.update(state, grad))

    return step


def measured(variant: dict[str, Any]) -> dict[str, Any]:
    """Return times and memory of a variant.

    Times are milliseconds per sample. Call this function once per process, because the peak memory
    is that of the whole process.
    """
    wall, cpu = seconds(training_step(**variant), REPEATS)
    n = variant["batch"]
    return variant | {"ms": 1e3 * wall / n, "cpu_ms": 1e3 * cpu / n, "peak_mb": peak_memory_mb()}


def in_a_process(variant: dict[str, Any]) -> dict[str, Any]:
    """Call `measured` in a new process, so that peak memory counts this variant alone."""
    command = [sys.executable, "-m", "scripts.bench_speech", "--variant", json.dumps(variant)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments: Sequence[str]) -> None:
    """Measure all variants, and print one row for each.

    Event-driven variants are left out on a machine without a C compiler.
    """
    parser = argparse.ArgumentParser("python -m scripts.bench_speech", description=__doc__)
    parser.add_argument("--variant", type=json.loads, help=argparse.SUPPRESS)
    if variant := parser.parse_args(arguments).variant:
        print(json.dumps(measured(variant)))
        return
    print(f"{machine('float32')}; {os.getloadavg()[0]:.1f} busy cores\n")
    print(f"{'network':16s}{'spikes':14s}batch  at once  ms/sample  CPU ms  peak GB")
    for spikes, kind in itertools.product(MODES, SIZES):
        if kind == "event-driven" and compiler() is None:
            continue
        batch, micro_batch = SIZES[kind]
        row = in_a_process(
            {"kind": kind, "spikes": spikes, "batch": batch, "micro_batch": micro_batch}
        )
        print(
            f"{row['kind']:16s}{row['spikes']:14s}{row['batch']:5d}{row['micro_batch']:9d}"
            f"{row['ms']:11.1f}{row['cpu_ms']:8.1f}{row['peak_mb'] / 1e3:9.2f}",
            flush=True,
        )


if __name__ == "__main__":
    run_command(main)
