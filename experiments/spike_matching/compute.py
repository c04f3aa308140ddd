"""Trains the network, all seeds at once, and watches it."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from tqdm import tqdm

import snn
from experiments.engine.training import train
from experiments.optimisers import optimiser
from experiments.spike_matching import LAST, SpikeMatching
from experiments.spike_matching.picture import statistics, target
from experiments.spike_matching.rule import Rule
from snn import stats
from snn.noise import Counter
from snn.types import Params, Run

PUBLISHED_KERNEL = {"amplitude": 0.2, "tau_mem": 10e-3, "tau_syn": 5e-3, "dt": 0.189 / 188}
"""The kernel of the van Rossum distance: sampled at 189 points from 0 to 0.189 s inclusive."""

SMOOTH = 10
"""Epochs that a running median spans; even, since early losses alternate."""

THIN = 5
"""Every so many epochs are kept of it."""

N_FRAMES = 6
"""Output rasters that are kept, from before training to after it."""


class Task(NamedTuple):
    """What differs between seeds: frozen input spikes, initial weights, the noise of training."""

    x: jax.Array
    params: Params
    key: jax.Array


class State(NamedTuple):
    """What training changes."""

    params: Params
    optimiser: Any


def compute(config: SpikeMatching, seed: int) -> dict[str, np.ndarray]:
    """One seed; see `compute_many`."""
    return compute_many(config, [seed])[0]


def compute_many(config: SpikeMatching, seeds: list[int]) -> list[dict[str, np.ndarray]]:
    """Trains one network per seed, vectorised over seeds.

    Returns:
        For each seed: against ``epoch``, before that epoch's update, ``van_rossum`` and ``l2``
        (last trial), ``rate_hidden`` and ``rate_output`` (Hz) and, with several trials, Fano
        factors, as running medians; their values ``first_...`` and medians ``last_...`` of the
        last epochs; against ``observed_epoch``, ``other_...``, the same under the other spike mode;
        rasters before and after training; ``frames`` of the output; intervals (ms), their CV and
        rates (Hz) at the end; the picture and its statistics.
    """
    descent = _optimiser(config)
    picture = target(config.image, config.n_outputs, config.n_steps, config.density)
    measured = statistics(picture)
    tqdm.write(f"picture {config.image}: " + ", ".join(f"{k} {v:.3f}" for k, v in measured.items()))
    setup = Setup(config, jnp.asarray(picture.T, jnp.result_type(float)))
    tasks = jax.vmap(setup.task)(jnp.array(seeds, jnp.uint32))

    def step(state: State, epoch: jax.Array) -> tuple[State, dict[str, jax.Array]]:
        def one(task: Task, state: State) -> tuple[State, dict[str, jax.Array]]:
            noise = Counter.sample(jax.random.fold_in(task.key, epoch), config.n_trials)
            estimate, runs = setup.learning.with_runs(setup.objective(task), state.params, noise)
            updates, optimiser_state = descent.update(estimate.grad, state.optimiser, state.params)
            params = optax.apply_updates(state.params, updates)
            return State(params, optimiser_state), setup.measures(runs)

        return jax.vmap(one)(tasks, state)

    def observe(state: State) -> dict[str, jax.Array]:
        def one(task: Task, state: State) -> dict[str, jax.Array]:
            own, other = (
                setup.test(task, state.params, spikes)
                for spikes in (setup.forward, setup.other_forward)
            )
            measured = {f"other_{name}": value for name, value in setup.measures(other).items()}
            for name, layer in zip(("hidden", "output"), own.trace, strict=True):
                measured[name] = layer.s[-1] > 0.5  # a raster of one trial, not of all
                measured[f"rates_{name}"] = layer.s.mean(axis=(0, 1)) / config.dt
            return measured

        return jax.vmap(one)(tasks, state)

    start = State(tasks.params, jax.vmap(descent.init)(tasks.params))
    settings = f"learning_rates={config.learning_rates}, optimiser={config.optimiser}"
    _, metrics, seen = train(
        step,
        start,
        config.n_epochs,
        chunk=config.chunk,
        observe=observe,
        watch="van_rossum",
        settings=settings,
    )
    epoch, curves = _curves(metrics)
    shared = {
        "epoch": epoch,
        "picture": picture.astype(bool),
        "observed_epoch": np.minimum(
            np.arange(len(seen["output"])) * config.chunk, config.n_epochs
        ),
        **{name: np.array(value) for name, value in measured.items()},
    }
    return [
        shared
        | {name: values[i] for name, values in curves.items()}
        | _observed({name: values[:, i] for name, values in seen.items()}, shared, config)
        | ({"inputs": np.asarray(tasks.x[i] > 0.5)} if config.keep_rasters else {})
        for i in range(len(seeds))
    ]


class Setup:
    """The parts of the experiment that do not depend on the seed."""

    def __init__(self, config: SpikeMatching, target: jax.Array) -> None:
        self.config = config
        stochastic = config.spikes == "stochastic"
        modes = (snn.sample, snn.threshold)
        self.forward, self.other_forward = modes if stochastic else modes[::-1]
        self.network = snn.LIFNetwork(
            (config.n_inputs, config.n_hidden, config.n_outputs),
            (snn.escape.Sigmoid(config.beta_hidden), snn.escape.Sigmoid(config.beta_output)),
            snn.LIF(config.tau_mem, config.tau_syn, config.dt),
        )
        self.distance = snn.losses.VanRossum(target, **PUBLISHED_KERNEL)
        derivative = getattr(snn.surrogate, config.surrogate)(config.beta_surrogate)
        reset = snn.ignored if config.learning == "rule" else snn.detached
        self.learning = snn.Surrogate(derivative, self.forward, reset)

    def task(self, seed: jax.Array) -> Task:
        """Inputs and initial weights of a seed."""
        config, dtype = self.config, jnp.result_type(float)
        inputs, weights, noise = jax.random.split(jax.random.key(seed), 3)
        uniform = jax.random.uniform(inputs, (config.n_steps, config.n_inputs), dtype)
        sizes = self.network.sizes
        params = [
            {"w": config.sigma_w * jax.random.normal(key, shape, dtype)}
            for key, shape in zip(
                jax.random.split(weights), zip(sizes, sizes[1:], strict=False), strict=True
            )
        ]
        return Task((uniform < config.input_rate * config.dt).astype(dtype), params, noise)

    def objective(self, task: Task) -> snn.Program:
        """What is descended."""
        if self.config.learning == "rule":
            return Rule(self.network, task.x, self.distance)
        return snn.Program(self.network, task.x, self.distance)

    def test(self, task: Task, params: Params, forward: Any) -> Run:
        """Trials of a network under a spike mode; the noise is not that of training."""
        noise = Counter.sample(jax.random.fold_in(task.key, 2**31), max(self.config.n_trials, 10))
        program, spike = snn.Program(self.network, task.x, self.distance), snn.Spike(forward)
        return jax.vmap(lambda xi: program(params, xi, spike))(noise)

    def measures(self, runs: Run) -> dict[str, jax.Array]:
        """Losses of the last trial, rates, and Fano factors over trials."""
        hidden, output = (layer.s for layer in runs.trace)
        last = output[-1]
        measured = {
            "van_rossum": self.distance(last),
            "l2": snn.losses.Squared(self.distance.target)(last) / last.shape[1],
            "rate_hidden": stats.population_rate(hidden, self.config.dt),
            "rate_output": stats.population_rate(output, self.config.dt),
        }
        if output.shape[0] > 1:
            for name, spikes in (("hidden", hidden), ("output", output)):
                measured[f"fano_{name}"] = stats.fano_per_bin(spikes)
                measured[f"fano_counts_{name}"] = stats.fano_of_counts(spikes)
        return measured


def _optimiser(config: SpikeMatching) -> optax.GradientTransformation:
    """One learning rate per layer, 0 freezing it."""
    rates = enumerate(config.learning_rates)
    parts = {str(layer): optimiser(config.optimiser, rate) for layer, rate in rates}
    return optax.partition(parts, lambda params: [{"w": str(i)} for i in range(len(params))])


def _curves(metrics: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Metrics ``(epoch, seed)`` as running medians, thinned, with their first and last values.

    A running median, since losses have isolated spikes and early epochs oscillate.
    """
    n_epochs = len(next(iter(metrics.values())))
    shown = np.arange(0, n_epochs, THIN)
    data = {}
    for name, values in metrics.items():
        padded = np.pad(values, ((SMOOTH // 2, SMOOTH // 2 - 1), (0, 0)), mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, SMOOTH, axis=0)
        data[name] = np.median(windows[shown], axis=-1).T.astype(np.float16)
        data[f"first_{name}"] = values[0]
        data[f"last_{name}"] = np.median(values[-LAST:], axis=0)
    return shown + 1, data


def _observed(
    seen: dict[str, np.ndarray], shared: dict[str, np.ndarray], config: SpikeMatching
) -> dict[str, np.ndarray]:
    """What is kept of the observations of one seed."""
    n = len(seen["output"])
    shown = np.unique(np.round((n - 1) * np.linspace(0, 1, N_FRAMES) ** 2.5).astype(int))
    data = {name: values for name, values in seen.items() if name.startswith("other_")}
    for layer in ("hidden", "output"):
        last = seen[layer][-1]
        intervals = 1e3 * np.concatenate(stats.interspike_intervals(last, config.dt))
        data[f"isi_{layer}"] = _padded(intervals, last.size)
        data[f"cv_{layer}"] = _padded(stats.cv_of_isi(last, config.dt), last.shape[1])
        data[f"rates_{layer}"] = seen[f"rates_{layer}"][-1]
        if config.keep_rasters:
            data[f"{layer}_before"], data[f"{layer}_after"] = seen[layer][0], last
    if config.keep_rasters:
        data |= {
            "frames": seen["output"][shown],
            "frame_epoch": shared["observed_epoch"][shown],
        }
    return data


def _padded(values: np.ndarray, size: int) -> np.ndarray:
    """To one length for all seeds, NaN where there is nothing."""
    return np.pad(values.astype(np.float16), (0, size - values.size), constant_values=np.nan)
