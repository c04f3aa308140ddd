"""Task of spike matching: network, inputs, target and loss."""

from typing import Annotated, Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from pydantic import Field

import snn
from experiments.engine.experiment import (
    Count,
    Distinct,
    Experiment,
    NotNegative,
    OneOf,
    OpenShare,
    Positive,
    Seed,
    Share,
    Size,
    param,
    seeds_param,
)
from experiments.noises import NOISES, SurrogateName, escape_noise, surrogate
from experiments.spike_timing.rule import DELTA_U, Rule
from snn import stats
from snn.draws import draw_numbers
from snn.noise import ThreefryNoise
from snn.types import Params, Run

PUBLISHED_KERNEL = {"amplitude": 0.2, "tau_mem": 10e-3, "tau_syn": 5e-3, "dt": 0.189 / 188}
"""The kernel of the van Rossum distance: sampled at 189 points from 0 to 0.189 s inclusive."""


class Parameters(Experiment):
    """Parameters of the network, the inputs, the picture and the learning."""

    spikes: Literal["deterministic", "stochastic"] = param(
        "stochastic", "spike mode: threshold spikes, or escape noise"
    )
    learning: Literal["rule", "gradient"] = param(
        "rule", "the published rule, or the surrogate gradient of the van Rossum distance"
    )
    optimiser: str = param("sgd", "optimiser: any of optax that takes a learning rate")
    learning_rates: Annotated[list[NotNegative], Field(min_length=2, max_length=2)] = param(
        [1e-5, 1e-5], "learning rates of the hidden and of the output weights; 0 freezes"
    )
    surrogate: SurrogateName = param(
        "Sigmoid", "surrogate derivative; MultilayerSpiker is the spike itself"
    )
    beta_surrogate: Positive = param(10.0, "slope of the surrogate", unit="1/theta")
    noise: Annotated[str, OneOf(NOISES)] = param("Sigmoid", "escape noise")
    beta_hidden: Positive = param(
        10.0, "slope of the hidden escape noise, if not exponential", unit="1/theta"
    )
    beta_output: Positive = param(
        100.0, "slope of the output escape noise, if not exponential", unit="1/theta"
    )
    delta_hidden: Positive = param(
        0.133, "width of exponential escape noise, hidden neurons", unit="theta"
    )
    delta_output: Positive = param(
        DELTA_U, "width of exponential escape noise, output neurons", unit="theta"
    )
    n_trials: Size = param(10, "trials that each update averages")
    n_epochs: Count = param(1500, "epochs, one update each")
    chunk: Count = param(25, "epochs between checkpoints and observations")
    n_inputs: Size = param(200, "input neurons")
    n_hidden: Size = param(200, "hidden neurons")
    n_outputs: Annotated[int, Field(ge=8, le=10_000)] = param(
        200, "output neurons: rows of the picture"
    )
    n_steps: Annotated[int, Field(ge=8, le=10_000)] = param(
        189, "time steps: columns of the picture"
    )
    dt: Positive = param(1e-3, "time step", unit="s")
    tau_mem: Positive = param(10e-3, "membrane time constant", unit="s")
    tau_syn: Positive = param(5e-3, "synaptic time constant", unit="s")
    input_rate: Positive = param(50.0, "rate of the frozen Poisson inputs", unit="Hz")
    sigma_w: Positive = param(0.3464, "standard deviation of the initial weights")
    image: str = param("rotunda", "the picture: the built-in one, or the path of an image")
    density: OpenShare = param(0.274, "share of spikes in the picture")
    threshold: Share = param(0.0, "brightness below which a pixel is a spike; 0: dithering")
    keep_rasters: bool = param(True, "whether rasters before, during and after training are kept")
    seeds: Distinct[Seed] = seeds_param()


class Task(NamedTuple):
    """Parts of the task that depend on the seed: inputs, initial weights, key of the noise."""

    x: jax.Array
    params: Params
    key: jax.Array


class Setup:
    """Parts of the experiment that do not depend on the seed."""

    def __init__(self, config: Parameters, target: jax.Array) -> None:
        self.config = config
        stochastic = config.spikes == "stochastic"
        modes = (snn.sample, snn.threshold)
        self.forward, self.other_forward = modes if stochastic else modes[::-1]
        hidden = escape_noise(config.noise, config.beta_hidden, config.delta_hidden)
        self.network = snn.LIFNetwork(
            (config.n_inputs, config.n_hidden, config.n_outputs),
            (hidden, escape_noise(config.noise, config.beta_output, config.delta_output)),
            snn.LIF(config.tau_mem, config.tau_syn, config.dt),
        )
        self.distance = snn.losses.VanRossum(target, **PUBLISHED_KERNEL)
        derivative = surrogate(config.surrogate, config.beta_surrogate)
        reset = snn.ignored if config.learning == "rule" else snn.detached
        self.learning = snn.Surrogate(derivative, self.forward, reset)

    def task(self, seed: jax.Array) -> Task:
        """Return inputs and initial weights of a seed."""
        config, dtype = self.config, jnp.result_type(float)
        inputs, weights, noise = jax.random.split(jax.random.key(seed), 3)
        uniform = draw_numbers(jax.random.uniform, inputs, (config.n_steps, config.n_inputs))
        sizes = self.network.sizes
        params = [
            {"w": config.sigma_w * draw_numbers(jax.random.normal, key, shape)}
            for key, shape in zip(
                jax.random.split(weights), zip(sizes, sizes[1:], strict=False), strict=True
            )
        ]
        return Task((uniform < config.input_rate * config.dt).astype(dtype), params, noise)

    def objective(self, task: Task) -> snn.Program:
        """Return the program whose loss training descends."""
        if self.config.learning == "rule":
            return Rule(self.network, task.x, self.distance)
        return snn.Program(self.network, task.x, self.distance)

    def test(self, task: Task, params: Params, forward: Any) -> Run:
        """Run trials under a spike mode, with noise that is independent of the training's.

        Args:
            task: Inputs and target.
            params: Weights.
            forward: `snn.sample` or `snn.threshold`: how spikes are computed.

        Returns:
            The trials, with a leading axis.
        """
        noise = ThreefryNoise.sample(
            jax.random.fold_in(task.key, 2**31), max(self.config.n_trials, 10)
        )
        program, spike = snn.Program(self.network, task.x, self.distance), snn.Spike(forward)
        return jax.vmap(lambda xi: program(params, xi, spike))(noise)

    def measures(self, runs: Run) -> dict[str, jax.Array]:
        """Return losses of the last trial, rates, and Fano factors over trials."""
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
