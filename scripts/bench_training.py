"""Cost of one epoch of spike matching, compared with a loop over synapses and the machine's peak.

The loop goes from synapse to synapse, as the update rule is usually written, in small networks; its
time is extrapolated in proportion to the number of synapses. The peak is a large matrix product in
the same precision, in the same process.
"""

import argparse
import time
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from experiments.engine.errors import run_command
from experiments.spike_timing.picture import target
from experiments.spike_timing.rule import DELTA_U
from experiments.spike_timing.spike_matching import SpikeMatching
from experiments.spike_timing.task import Setup, Task
from scripts.harness import arithmetic_peak, machine, seconds
from snn.neurons import psp
from snn.noise import Counter
from snn.types import Noise

LOOP_SIZES = (10, 20)
REPEATS = 15


def prepared(config: SpikeMatching) -> tuple[np.ndarray, Setup, Task, Noise]:
    """Return the picture, the experiment's parts, and the task and the noise of one update."""
    picture = target("rotunda", config.n_outputs, config.n_steps, config.density)
    setup = Setup(config, jnp.asarray(picture.T, jnp.result_type(float)))
    task = setup.task(jnp.uint32(0))
    return picture, setup, task, Counter.sample(task.key, config.n_trials)


def epoch(config: SpikeMatching) -> tuple[float, float]:
    """Return seconds of one update, forward and reverse, and its floating-point operations."""
    _, setup, task, noise = prepared(config)

    @jax.jit
    def update(params: list) -> object:
        return setup.learning.with_runs(setup.objective(task), params, noise)[0].grad

    # Matrix products only: two forward, one that propagates the error, two for the updates.
    pairs = config.n_hidden * (2 * config.n_inputs + 3 * config.n_outputs)
    operations = 2 * config.n_trials * config.n_steps * pairs
    return seconds(lambda: jax.block_until_ready(update(task.params)), REPEATS)[0], operations


def loop_over_synapses(config: SpikeMatching) -> float:
    """Return seconds of the same update in a loop over synapses, without the forward pass."""
    picture, setup, task, noise = prepared(config)
    _, runs = setup.learning.with_runs(setup.objective(task), task.params, noise)
    w_out = np.asarray(task.params[1]["w"])
    hidden, output = runs.trace
    slope = np.asarray(setup.learning.derivative(hidden.v, hidden.s, None))

    def filtered(spikes: np.ndarray | jax.Array) -> np.ndarray:
        return np.asarray(psp(jnp.asarray(spikes), config.tau_mem, config.tau_syn, config.dt))

    x_psp = filtered(task.x)
    hidden_psp = np.stack([filtered(s) for s in np.asarray(hidden.s)])
    error = (picture.T[None] - np.asarray(output.s)) / DELTA_U
    credit = np.stack([np.asarray(setup.distance.correlated(jnp.asarray(e))) for e in error])

    start = time.perf_counter()
    d_out = np.zeros_like(w_out)
    d_hidden = np.zeros((config.n_inputs, config.n_hidden))
    for trial in range(config.n_trials):
        for i in range(config.n_hidden):
            for j in range(config.n_outputs):
                d_out[i, j] += hidden_psp[trial, :, i] @ error[trial, :, j]
        for i in range(config.n_inputs):
            for j in range(config.n_hidden):
                for k in range(config.n_outputs):
                    handed_down = credit[trial, :, k] * w_out[j, k]
                    d_hidden[i, j] += (x_psp[:, i] * slope[trial, :, j]) @ handed_down
    return time.perf_counter() - start


def small(n: int) -> SpikeMatching:
    """Return stochastic training at n neurons a layer."""
    return SpikeMatching(n_inputs=n, n_hidden=n, n_outputs=n)


def main(arguments: Sequence[str]) -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser("python -m scripts.bench_training", description=__doc__)
    parser.parse_args(arguments)
    print(machine("float32"))
    full, modes = arithmetic_peak()[0], {"stochastic, 10 trials": SpikeMatching()}
    modes["deterministic"] = SpikeMatching(
        spikes="deterministic", surrogate="SuperSpike", n_trials=1
    )
    print(f"peak: {full / 1e9:.0f} GFLOP/s")
    for name, config in modes.items():
        duration, operations = epoch(config)
        rate = operations / duration
        print(
            f"{name}: {1e3 * duration:.1f} ms per epoch, {rate / 1e9:.1f} GFLOP/s, "
            f"{rate / full:.0%} of the peak"
        )
    whole, _ = epoch(SpikeMatching())
    for n in LOOP_SIZES:
        ours, _ = epoch(small(n))
        loop = loop_over_synapses(small(n))
        # Its innermost statement runs once for each input, hidden and output neuron.
        scaled = loop * (200 / n) ** 3
        print(
            f"{n} neurons a layer: loop over synapses {loop:.2f} s, ours {1e3 * ours:.1f} ms, "
            f"ratio {loop / ours:.0f}; at 200 neurons the loop would take {scaled:.0f} s, "
            f"ratio {scaled / whole:.0f} (extrapolated)"
        )


if __name__ == "__main__":
    run_command(main)
