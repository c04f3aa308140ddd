"""Cost of one gradient by each estimator of the catalogue, against depth, width and time steps.

One gradient is the estimate from one trial. The unit of its time is a forward pass: the time that
one trial of the same program takes in the same process, without derivatives. Both times are medians
over repeated calls of compiled code on batches; each call is timed until its result is ready.
Estimators without noise have no trials: they are batched over copies of the input.

With --speech, cost of one training step of figure 7: a step bins a batch, differentiates, updates
the weights. Each variant has a process of its own, whose peak memory is reported. CPU time is the
cost of a step on a machine whose cores are shared with other programs.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import snn
from experiments.engine.config import Project, plan
from experiments.engine.errors import run_command
from experiments.engine.provenance import cores, peak_memory_mb, processor_name
from experiments.estimators import CATALOGUE, estimator
from experiments.speech.batches import Batches
from experiments.speech.classification import Classification
from experiments.speech.learner import Learner
from experiments.speech.trainer import State, Trainer
from snn.estimators.base import Estimator, Oracle
from snn.program import Program, site_shapes
from snn.types import Params

TRIALS = 1024
"""Trials, or copies of the input, in a batch: enough to make the overhead of a call negligible."""
REPEATS = 15
"""Number of timed calls; their median is reported."""
DEPTHS = (1, 2, 4, 8, 16)
"""Numbers of hidden layers of three neurons."""
WIDTHS = (2, 4, 7, 16, 32)
"""Numbers of neurons in each of two hidden layers."""
STEPS = (2, 4, 16, 64)
"""Time steps of a recurrent layer of four LIF neurons."""
BATCH, TRAINING_STEPS = 400, 3
"""Samples in a training step, and timed steps."""


def seconds(call: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Return the median wall and CPU time of a call, in seconds.

    The first call compiles the code and is not timed.
    """
    call()
    times = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = zip(*times, strict=True)
    return statistics.median(wall), statistics.median(cpu)


def machine(precision: str) -> str:
    """Return hardware, threads, versions, precision and memory settings, in one line."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("jax", "jaxlib", "numpy"))
    device = jax.devices()[0]
    return (
        f"{device.platform} ({device.device_kind}); {processor_name()}, {cores()} threads; "
        f"Python {platform.python_version()}, {packages}; {precision}; "
        f"GLIBC_TUNABLES={os.environ.get('GLIBC_TUNABLES', '')}"
    )


def programs() -> Iterator[tuple[str, int, Program, Params]]:
    """Yield the programs of all sweeps: name of the sweep, size, program, parameters."""
    key = jax.random.key(0)

    def mlp(*sizes: int) -> tuple[Program, Params]:
        network = snn.MLP((4, *sizes, 1), escape=snn.escape.Sigmoid(4.0))
        x = jax.random.normal(key, (4,), jnp.float64)
        return snn.Program(network, x, snn.losses.Linear()), network.init(key)

    for depth in DEPTHS:
        yield "depth", depth, *mlp(*[3] * depth)
    for width in WIDTHS:
        yield "width", width, *mlp(width, width)
    for steps in STEPS:
        lif = snn.LIFNetwork((4, 4), escape=snn.escape.Sigmoid(4.0), recurrent=True)
        x = jax.random.bernoulli(key, 0.3, (steps, 4)).astype(jnp.float64)
        yield "steps", steps, snn.Program(lif, x, snn.losses.Linear()), lif.init(key, rate=300.0)


def microseconds(function: Callable[..., Any], arguments: tuple, n: int) -> tuple[float, Any]:
    """Compile and time a function that computes ``n`` gradients or forward passes at once.

    Returns:
        Median time of one gradient or forward pass in µs, and the result of the function.
    """
    compiled = jax.jit(function).lower(*arguments).compile()
    wall, _ = seconds(lambda: jax.block_until_ready(compiled(*arguments)), REPEATS)
    return wall / n * 1e6, compiled(*arguments)


def forward_pass(program: Program, params: Params) -> float:
    """Return the time of one trial without derivatives, in µs."""
    noise = snn.draw_noise(program, params, jax.random.key(1), TRIALS)

    def losses(program: Program, params: Params, noise: Any) -> jax.Array:
        return jax.vmap(lambda xi: program(params, xi, snn.Spike()).loss)(noise)

    return microseconds(losses, (program, params, noise), TRIALS)[0]


def gradient(method: Estimator, program: Program, params: Params) -> tuple[float, int]:
    """Return the time of one gradient in µs, and the number of evaluations that it counts.

    Raises:
        ValueError: If the estimator refuses the program.
    """
    if not isinstance(method, Oracle):
        noise = snn.draw_noise(program, params, jax.random.key(1), TRIALS)
        arguments = (method, program, params, noise, jax.random.key(2))
        us, result = microseconds(lambda e, *args: e(*args), arguments, TRIALS)
        return us, int(result.n_evaluations)

    def gradients(oracle: Oracle, program: Program, params: Params, xs: Any) -> Any:
        return jax.vmap(lambda x: oracle(replace(program, x=x), params))(xs)

    def batch(copies: int) -> tuple[float, Any]:
        xs = jnp.broadcast_to(program.x, (copies, *program.x.shape))
        return microseconds(gradients, (method, program, params, xs), copies)

    us, result = batch(1)
    evaluations = int(result.n_evaluations[0])
    if evaluations < TRIALS // 2:  # a batch of one would mostly time the call itself
        us, _ = batch(TRIALS // evaluations)
    return us, evaluations


def rows() -> Iterator[tuple[str, int, int, str, int, float, float]]:
    """Measure every program with every estimator that does not refuse it.

    Yields:
        Sweep, size, spike sites, estimator, evaluations, time in forward passes, and in µs.
    """
    for sweep, size, program, params in programs():
        sites = snn.noise.n_sites(site_shapes(program, params))
        forward = forward_pass(program, params)
        yield sweep, size, sites, "(forward pass)", 1, 1.0, forward
        for name in [name for name, entry in CATALOGUE.items() if entry.bench]:
            with suppress(ValueError):
                us, evaluations = gradient(estimator(name), program, params)
                yield sweep, size, sites, name, evaluations, us / forward, us


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


def speech(spikes: str, event_driven: bool) -> str:
    """Measure one variant of figure 7's training step, and return a row."""
    given = ["figure=fig7/paper", "data=fixture", f"all.event_driven={event_driven}"]
    config = plan(Project(), given).panels[spikes]
    assert isinstance(config, Classification)
    wall, cpu = (1e3 * s / BATCH for s in seconds(training_step(config), TRAINING_STEPS))
    sums = "event-driven sums" if event_driven else "matrix products"
    return (
        f"{spikes}, {sums}: {wall:.1f} ms a sample, CPU {cpu:.1f} ms, "
        f"peak {peak_memory_mb() / 1e3:.2f} GB; {machine('float32')}"
    )


def main(arguments: Sequence[str]) -> None:
    """Measure all gradients and print the table, or measure a training step and print a row."""
    parser = argparse.ArgumentParser("python -m scripts.bench", description=__doc__)
    parser.add_argument("--speech", choices=("stochastic", "deterministic"))
    parser.add_argument("--event-driven", action="store_true", help="sum over spikes only, in C++")
    options = parser.parse_args(arguments)
    if options.speech:
        print(speech(options.speech, options.event_driven))
        return
    jax.config.update("jax_enable_x64", True)
    print(machine("float64"))
    print("sweep  size  sites  estimator                   evaluations  forwards        us")
    for sweep, size, sites, name, evaluations, forwards, us in rows():
        head = f"{sweep:6s} {size:4d} {sites:6d}  {name:27s}"
        print(f"{head} {evaluations:11d} {forwards:9.1f} {us:9.3g}", flush=True)


if __name__ == "__main__":
    run_command(main)
