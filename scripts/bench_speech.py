"""Cost of one training step of figure 7, compared with the usual way and the machine's peak.

A step bins a batch, differentiates its mean loss and updates the weights. Every variant runs in a
process of its own, whose peak memory is reported. Wall time is what a user waits for on an idle
machine; CPU time is what a step costs where other programs use the cores as well.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np
import optax

import snn
from experiments.engine.errors import run_command
from experiments.engine.provenance import peak_memory_mb
from experiments.speech.batches import Batches, mean
from experiments.speech.classification import Classification
from experiments.speech.event_driven import compiler
from experiments.speech.learner import Learner
from experiments.speech.network import SURROGATES
from experiments.training.optimisers import optimiser
from scripts.harness import arithmetic_peak, in_a_process, machine, seconds
from scripts.straightforward import Straightforward
from snn.types import Params

N_STEPS = 349
SMALL_BATCH = 100
"""Largest batch of the straightforward network, which keeps all of it in memory."""

MICRO_BATCHES = (8, 16, 32, 64)
EVENT_DRIVEN_BATCHES = (4, 16)
DEFAULT = {"kind": "ours", "micro_batch": 16}
"""Our network with the micro-batch of training."""

MODES = ("stochastic", "deterministic")


class Step:
    """One training step of the published network.

    Args:
        kind: "ours"; "event-driven"; "straightforward"; or "hashed", which has our noise.
        spikes: "stochastic" or "deterministic".
        batch: Samples of a step.
        micro_batch: Samples at once, on each core.
    """

    def __init__(self, kind: str, spikes: str, batch: int, micro_batch: int) -> None:
        sigma_u = 1.3 if spikes == "stochastic" else 1.0
        # The committed utterances over and over: the time depends on shapes alone.
        files = {"data": "fixture", "folder": "", "n_train": None, "n_test": None, "data_seed": 0}
        self.config = config = Classification(
            **files,
            download=False,
            n_classes=20,
            n_channels=700,
            spikes=spikes,
            sigma_u=sigma_u,
            micro_batch=micro_batch,
            event_driven=kind == "event-driven",
        )
        self.learner = Learner(config)
        self.params = self.learner.init(jax.random.key(0))
        if kind in ("straightforward", "hashed"):
            threefry = kind == "straightforward"
            network = Straightforward(self.learner.network, threefry)
            self.learner.network = network  # pyright: ignore[reportAttributeAccessIssue]
        events = config.open().train
        self.batches = Batches(events, config)
        self.indices = np.arange(batch) % len(events)
        self.derivative = SURROGATES[config.surrogate](config.beta_surrogate)
        self.descent = optimiser(config.optimiser, config.learning_rate)
        self.memory = self.descent.init(self.params)
        self.update = jax.jit(self._update)

    def _update(self, params: Params, memory: Any, grad: Params) -> tuple[Params, Any]:
        updates, memory = self.descent.update(grad, memory, params)
        return optax.apply_updates(params, updates), memory

    def __call__(self) -> None:
        """Bin, differentiate, update."""
        gradient = partial(self.learner.gradient, self.derivative, self.params, [])
        results = list(self.batches.each(self.indices, jax.random.key(1), gradient))
        state = self.update(self.params, self.memory, mean(results)[0])
        self.params, self.memory = jax.block_until_ready(state)

    def bin(self) -> None:
        """Bin as in a step, and no more."""
        size = self.config.micro_batch
        for first in range(0, len(self.indices), size):
            self.batches.inputs(self.indices[first : first + size])


def measured(variant: dict[str, Any], repeats: int) -> dict[str, Any]:
    """Return all numbers of a variant, per sample; call it once per process."""
    step = Step(**variant)
    wall, cpu = seconds(step, repeats)
    memory = peak_memory_mb()
    _, binning = seconds(step.bin, repeats)
    n = variant["batch"]
    return variant | {
        "ms": 1e3 * wall / n,
        "cpu_ms": 1e3 * cpu / n,
        "peak_mb": memory,
        "binning": binning / cpu,
    }


def variants(quick: bool, batch: int) -> Iterator[dict[str, Any]]:
    """Yield the variants to compare; without a compiler, none is event-driven."""
    event_driven = not quick and compiler() is not None
    for spikes in MODES[:1] if quick else MODES:
        for micro_batch in (DEFAULT["micro_batch"],) if quick else MICRO_BATCHES:
            yield dict(kind="ours", spikes=spikes, batch=batch, micro_batch=micro_batch)
        for micro_batch in EVENT_DRIVEN_BATCHES if event_driven else ():
            yield dict(kind="event-driven", spikes=spikes, batch=batch, micro_batch=micro_batch)
        small = dict(spikes=spikes, batch=min(batch, SMALL_BATCH))
        yield dict(kind="straightforward", **small, micro_batch=SMALL_BATCH)
        if not quick:
            yield dict(kind="hashed", **small, micro_batch=DEFAULT["micro_batch"])


def operations(net: snn.ConvLIFNetwork, n_steps: int) -> int:
    """Return floating-point operations per sample of a step that any implementation needs.

    These are a product of weights and spikes in the forward pass, one for the gradient of the
    weights, and one for that of the spikes (not needed for the input). Recomputation and products
    with the zeros between tiles do not count.
    """
    below, total = 1, 0
    layers = zip(net.positions, net.filters, net.kernels, strict=True)
    for index, (positions, filters, kernel) in enumerate(layers):
        total += positions * filters * below * kernel * (3 if index else 2)
        total += 3 * positions * filters**2 * net.recurrent_kernel
        below = filters
    total += 3 * net.n_neurons[-1] * net.n_outputs
    return 2 * n_steps * total


def comparison(rows: list[dict[str, Any]]) -> str:
    """Return the default micro-batch against the other variants, for one kind of spikes."""
    usual = next(row for row in rows if row["kind"] == "straightforward")
    ours = default(rows)
    fastest = min(row["ms"] for row in rows if row["kind"] == "ours")
    return (
        f"{usual['ms'] / ours['ms']:.1f} times faster than straightforward, by CPU time "
        f"{usual['cpu_ms'] / ours['cpu_ms']:.1f}; {ours['peak_mb'] / 1e3:.2f} GB, "
        f"{ours['ms'] / fastest - 1:.0%} slower than the fastest size"
    )


def default(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the row of our network with the micro-batch of training."""
    return next(row for row in rows if row == row | DEFAULT)


def main(arguments: Sequence[str]) -> None:
    """Measure, and print one row per variant and what follows from them."""
    parser = argparse.ArgumentParser("python -m scripts.bench_speech", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two variants only")
    parser.add_argument("--batch", type=int, default=400, help="samples of a step")
    parser.add_argument("--repeats", type=int, default=3, help="steps whose median is taken")
    parser.add_argument("--variant", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.variant:
        print(json.dumps(measured(options.variant, options.repeats)))
        return

    flops, flops_a_core = arithmetic_peak()
    count = operations(snn.ConvLIFNetwork(), N_STEPS)
    print(f"{machine('float32')}; {os.getloadavg()[0]:.1f} busy cores")
    print(f"a sample: {count / 1e9:.2f} GFLOP, {1e3 * count / flops_a_core:.1f} ms of a core\n")
    columns = "batch  at once  ms/sample  CPU ms  peak GB  binning  of GFLOP/s"
    print(f"{'network':16s}{'spikes':14s}{columns}")
    rows = []
    for variant in variants(options.quick, options.batch):
        given = ["--repeats", str(options.repeats), "--variant", json.dumps(variant)]
        row = in_a_process("scripts.bench_speech", *given)
        rows.append(row)
        dense = row["kind"] != "event-driven"  # which leaves most operations out
        arithmetic = f"{count / flops / (row['ms'] / 1e3):.0%}" if dense else "-"
        print(
            f"{row['kind']:16s}{row['spikes']:14s}{row['batch']:5d}{row['micro_batch']:9d}"
            f"{row['ms']:11.1f}{row['cpu_ms']:8.1f}{row['peak_mb'] / 1e3:9.2f}{row['binning']:9.1%}"
            f"{arithmetic:>12s}",
            flush=True,
        )
    print()
    for spikes in dict.fromkeys(row["spikes"] for row in rows):
        these = [row for row in rows if row["spikes"] == spikes]
        print(f"{spikes}: {comparison(these)}")


if __name__ == "__main__":
    run_command(main)
