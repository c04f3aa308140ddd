"""Cost of one gradient by each estimator of the catalogue, against depth, width and time steps.

One gradient is one trial's estimate. Its time is given in forward passes: the time that one trial
of the same program takes in the same process, without derivatives. Both are medians of
repeated calls of compiled code on batches, waited for until finished. Estimators without noise have
no trials: they are batched over copies of the input. Memory is what the compiled code allocates
beyond its arguments and results, in kB per gradient.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

import snn
from experiments.engine.errors import run_command
from experiments.estimators import BENCH, estimator, names_in
from scripts.harness import machine, seconds
from snn.estimators.base import Estimator, Oracle
from snn.program import Program, site_shapes
from snn.types import Params

TRIALS = 1024
"""Trials, or copies of the input, in a batch: enough for the time of a call not to count."""

COLUMNS = ("sweep", "size", "sites", "estimator", "evaluations", "forwards", "us", "kB", "note")


@dataclass(frozen=True)
class Plan:
    """What is measured, and how often.

    Attributes:
        depths: Numbers of hidden layers of three neurons.
        widths: Numbers of neurons in each of two hidden layers.
        steps: Time steps of a recurrent layer of four LIF neurons.
        repeats: Timed calls, of which the median is taken.
    """

    depths: tuple[int, ...]
    widths: tuple[int, ...]
    steps: tuple[int, ...]
    repeats: int


FULL = Plan((1, 2, 4, 8, 16), (2, 4, 7, 16, 32), (2, 4, 16, 64), repeats=15)
QUICK = Plan((1, 3), (2, 6), (2, 16), repeats=5)


def programs(plan: Plan) -> Iterator[tuple[str, int, Program, Params]]:
    """Yield the programs of all sweeps: name of the sweep, size, program, parameters."""
    key = jax.random.key(0)

    def mlp(*sizes: int) -> tuple[Program, Params]:
        network = snn.MLP((4, *sizes, 1), escape=snn.escape.Sigmoid(4.0))
        x = jax.random.normal(key, (4,), jnp.float64)
        return snn.Program(network, x, snn.losses.Linear()), network.init(key)

    for depth in plan.depths:
        yield "depth", depth, *mlp(*[3] * depth)
    for width in plan.widths:
        yield "width", width, *mlp(width, width)
    for steps in plan.steps:
        lif = snn.LIFNetwork((4, 4), escape=snn.escape.Sigmoid(4.0), recurrent=True)
        x = jax.random.bernoulli(key, 0.3, (steps, 4)).astype(jnp.float64)
        yield "steps", steps, snn.Program(lif, x, snn.losses.Linear()), lif.init(key, rate=300.0)


@dataclass(frozen=True)
class Cost:
    """Cost of one gradient, or of one forward pass.

    Attributes:
        seconds: Median time.
        kilobytes: Temporary memory of the compiled code; None where XLA does not report it.
    """

    seconds: float
    kilobytes: float | None


def measure(
    function: Callable[..., Any], arguments: tuple, count: int, repeats: int
) -> tuple[Cost, Any]:
    """Compile and time a function that yields ``count`` gradients or passes at once.

    Returns:
        The cost of one of them, and the function's result.
    """
    compiled = jax.jit(function).lower(*arguments).compile()
    analysis = compiled.memory_analysis()
    memory = None if analysis is None else analysis.temp_size_in_bytes / 1e3 / count
    wall, _ = seconds(lambda: jax.block_until_ready(compiled(*arguments)), repeats)
    return Cost(wall / count, memory), compiled(*arguments)


def measure_forward(program: Program, params: Params, plan: Plan) -> Cost:
    """Measure one trial without derivatives."""
    noise = snn.draw_noise(program, params, jax.random.key(1), TRIALS)

    def losses(program: Program, params: Params, noise: Any) -> jax.Array:
        return jax.vmap(lambda xi: program(params, xi, snn.Spike()).loss)(noise)

    return measure(losses, (program, params, noise), TRIALS, plan.repeats)[0]


def measure_gradient(
    made: Estimator, program: Program, params: Params, plan: Plan
) -> tuple[Cost, int]:
    """Measure one gradient, and return its evaluations as the estimator counts them.

    Raises:
        ValueError: if the estimator refuses the program.
    """
    if not isinstance(made, Oracle):
        noise = snn.draw_noise(program, params, jax.random.key(1), TRIALS)
        arguments = (made, program, params, noise, jax.random.key(2))
        cost, result = measure(lambda e, *args: e(*args), arguments, TRIALS, plan.repeats)
        return cost, int(result.n_evaluations)

    def gradients(oracle: Oracle, program: Program, params: Params, xs: Any) -> Any:
        return jax.vmap(lambda x: oracle(replace(program, x=x), params))(xs)

    def batch(copies: int, repeats: int) -> tuple[Cost, Any]:
        xs = jnp.broadcast_to(program.x, (copies, *program.x.shape))
        return measure(gradients, (made, program, params, xs), copies, repeats)

    cost, result = batch(1, plan.repeats)
    evaluations = int(result.n_evaluations[0])
    if evaluations < TRIALS // 2:  # alone, it would mostly measure the call
        cost, _ = batch(TRIALS // evaluations, plan.repeats)
    return cost, evaluations


def rows(plan: Plan) -> Iterator[dict[str, Any]]:
    """Measure everything, row by row."""
    for sweep, size, program, params in programs(plan):
        sites = snn.noise.n_sites(site_shapes(program, params))
        row = dict.fromkeys(COLUMNS) | {"sweep": sweep, "size": size, "sites": sites}
        forward = measure_forward(program, params, plan)

        def measured(cost: Cost, evaluations: int, of: Cost = forward) -> dict[str, Any]:
            forwards = cost.seconds / of.seconds
            times = {"forwards": forwards, "us": cost.seconds * 1e6, "kB": cost.kilobytes}
            return {"evaluations": evaluations} | times

        yield row | {"estimator": "(forward pass)"} | measured(forward, 1)
        for name in names_in(BENCH):
            try:
                found = measured(*measure_gradient(estimator(name), program, params, plan))
            except ValueError as refusal:
                found = {"note": str(refusal)}
            yield row | {"estimator": name} | found


def shown(row: dict[str, Any]) -> str:
    """Return a row of the printed table; refusals are shortened."""
    if row["note"]:
        cells = ("-", "-", "-", "-")
    else:
        memory = "-" if row["kB"] is None else f"{row['kB']:.3g}"
        cells = (f"{row['evaluations']}", f"{row['forwards']:.1f}", f"{row['us']:.3g}", memory)
    head = f"{row['sweep']:6s} {row['size']:>4} {row['sites']:>6}  {row['estimator']:27s}"
    return head + " ".join(f"{cell:>11}" for cell in cells)


def main(arguments: Sequence[str]) -> None:
    """Measure, print the table, and write it on request."""
    parser = argparse.ArgumentParser("python -m scripts.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer sizes, in under a minute")
    parser.add_argument("--out", type=Path, metavar="CSV", help="also write the table to a file")
    options = parser.parse_args(arguments)
    jax.config.update("jax_enable_x64", True)
    print(machine("float64"))
    names = ("evaluations", "forwards", "us", "kB")
    print(f"{'sweep':6s} {'size':>4} {'sites':>6}  {'estimator':27s}", end="")
    print(" ".join(f"{name:>11}" for name in names))
    measured = []
    for row in rows(QUICK if options.quick else FULL):
        measured.append(row)
        print(shown(row), flush=True)
    if options.out:
        with options.out.open("w", newline="") as file:
            file.write(f"# {machine('float64')}\n")
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(measured)


if __name__ == "__main__":
    run_command(main)
