"""Cost of one training step of figure 7, compared with the usual way.

A step bins a batch, differentiates its mean loss and updates the weights. Every variant runs in a
process of its own, whose peak memory is reported. Wall time is what a user waits for on an idle
machine; CPU time is what a step costs where other programs use the cores as well.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
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
from scripts.straightforward import Straightforward

SMALL_BATCH = 100
"""Largest batch of the straightforward network, which keeps all of it in memory."""

MICRO_BATCHES = (8, 16, 32, 64)
USUAL = 16
"""The micro-batch of training."""

EVENT_DRIVEN_BATCHES = (4, 16)
MODES = ("stochastic", "deterministic")


def training_step(kind: str, spikes: str, batch: int, micro_batch: int) -> Callable[[], None]:
    """Return a function that makes one training step of the published network.

    Args:
        kind: "ours"; "event-driven"; "straightforward"; or "hashed", which has our noise.
        spikes: "stochastic" or "deterministic".
        batch: Samples of a step.
        micro_batch: Samples at once, on each core.
    """
    # The committed utterances over and over: the time depends on shapes alone.
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
    if kind in ("straightforward", "hashed"):
        network = Straightforward(learner.network, threefry=kind == "straightforward")
        learner.network = network  # pyright: ignore[reportAttributeAccessIssue]
    trainer = Trainer(config, learner, [], Batches(train, config), None, key, seed=0)
    state = State(params, trainer.descent.init(params))
    indices = np.arange(batch) % len(train)

    def step() -> None:
        nonlocal state
        grad, _ = trainer.gradient(state, indices, key)
        state = jax.block_until_ready(trainer.update(state, grad))

    return step


def measured(variant: dict[str, Any], repeats: int) -> dict[str, Any]:
    """Return all numbers of a variant, per sample; call it once per process."""
    wall, cpu = seconds(training_step(**variant), repeats)
    n = variant["batch"]
    return variant | {"ms": 1e3 * wall / n, "cpu_ms": 1e3 * cpu / n, "peak_mb": peak_memory_mb()}


def in_a_process(variant: dict[str, Any], repeats: int) -> dict[str, Any]:
    """Return what `measured` does, of a process whose memory is its own."""
    given = ["--repeats", str(repeats), "--variant", json.dumps(variant)]
    command = [sys.executable, "-m", "scripts.bench_speech", *given]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def variants(quick: bool, batch: int) -> Iterator[dict[str, Any]]:
    """Yield the variants to compare; without a compiler, none is event-driven."""
    event_driven = not quick and compiler() is not None
    for spikes in MODES[:1] if quick else MODES:
        for micro_batch in (USUAL,) if quick else MICRO_BATCHES:
            yield dict(kind="ours", spikes=spikes, batch=batch, micro_batch=micro_batch)
        for micro_batch in EVENT_DRIVEN_BATCHES if event_driven else ():
            yield dict(kind="event-driven", spikes=spikes, batch=batch, micro_batch=micro_batch)
        small = dict(spikes=spikes, batch=min(batch, SMALL_BATCH))
        yield dict(kind="straightforward", **small, micro_batch=SMALL_BATCH)
        if not quick:
            yield dict(kind="hashed", **small, micro_batch=USUAL)


def main(arguments: Sequence[str]) -> None:
    """Measure, and print one row per variant."""
    parser = argparse.ArgumentParser("python -m scripts.bench_speech", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two variants only")
    parser.add_argument("--batch", type=int, default=400, help="samples of a step")
    parser.add_argument("--repeats", type=int, default=3, help="steps whose median is taken")
    parser.add_argument("--variant", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.variant:
        print(json.dumps(measured(options.variant, options.repeats)))
        return
    print(f"{machine('float32')}; {os.getloadavg()[0]:.1f} busy cores\n")
    print(f"{'network':16s}{'spikes':14s}batch  at once  ms/sample  CPU ms  peak GB")
    for variant in variants(options.quick, options.batch):
        row = in_a_process(variant, options.repeats)
        print(
            f"{row['kind']:16s}{row['spikes']:14s}{row['batch']:5d}{row['micro_batch']:9d}"
            f"{row['ms']:11.1f}{row['cpu_ms']:8.1f}{row['peak_mb'] / 1e3:9.2f}",
            flush=True,
        )


if __name__ == "__main__":
    run_command(main)
