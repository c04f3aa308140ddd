"""Cost of one epoch of spike matching, compared with a loop over synapses and the machine's peak.

python -m scripts.bench_training

The loop goes from synapse to synapse, as the update rule is usually written, in small networks; its
time is extrapolated in proportion to the number of synapses. The peak is a large matrix product in
the same precision, in the same process.
"""

import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from os import cpu_count

import jax
import jax.numpy as jnp
import numpy as np

from experiments.spike_timing.picture import target
from experiments.spike_timing.rule import DELTA_U
from experiments.spike_timing.spike_matching import Setup, SpikeMatching
from snn.neurons import psp
from snn.noise import Counter

LOOP_SIZES = (10, 20)
REPEATS = 15


def seconds(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median time of a call until its results are ready, the first one not counted."""
    jax.block_until_ready(call())
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        jax.block_until_ready(call())
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def epoch(config: SpikeMatching) -> tuple[float, float]:
    """Seconds of one update, forward and reverse, and its floating-point operations."""
    size = config.n_outputs, config.n_steps
    picture = target("rotunda", *size, config.density)
    setup = Setup(config, jnp.asarray(picture.T, jnp.result_type(float)))
    task = setup.task(jnp.uint32(0))
    noise = Counter.sample(task.key, config.n_trials)

    @jax.jit
    def update(params: list) -> object:
        return setup.learning.with_runs(setup.objective(task), params, noise)[0].grad

    # Matrix products only: two forward, one that propagates the error, two for the updates.
    pairs = config.n_hidden * (2 * config.n_inputs + 3 * config.n_outputs)
    operations = 2 * config.n_trials * config.n_steps * pairs
    return seconds(lambda: update(task.params)), operations


def loop_over_synapses(config: SpikeMatching) -> float:
    """Seconds of the same update in a loop over synapses, without the forward pass."""
    picture = target("rotunda", config.n_outputs, config.n_steps, config.density)
    setup = Setup(config, jnp.asarray(picture.T, jnp.result_type(float)))
    task = setup.task(jnp.uint32(0))
    noise = Counter.sample(task.key, config.n_trials)
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


def peak() -> float:
    """Floating-point operations per second of a matrix product of 2 048 x 2 048."""
    n = 2048
    a = jax.random.normal(jax.random.key(0), (n, n), jnp.float32)
    product = jax.jit(jnp.matmul)
    return 2 * n**3 / seconds(lambda: product(a, a), 7)


def small(n: int) -> SpikeMatching:
    """Stochastic training at n neurons a layer."""
    return SpikeMatching(n_inputs=n, n_hidden=n, n_outputs=n)


def main() -> int:
    """Prints both comparisons."""
    print(
        f"{platform.processor() or platform.machine()}, {cpu_count()} cores, "
        f"Python {platform.python_version()}, jax {version('jax')}, float32"
    )
    full, modes = peak(), {"stochastic, 10 trials": SpikeMatching()}
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
