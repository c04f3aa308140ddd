"""Learning of precise spike times: a network's output raster must become a picture."""

import hashlib
from collections.abc import Hashable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from experiments.engine.experiment import (
    Data,
    Quantity,
    array,
    band,
    exact,
)
from experiments.spike_timing import control, recording
from experiments.spike_timing.picture import read, statistics, target
from experiments.spike_timing.recording import curves, observed
from experiments.spike_timing.task import Parameters, Setup, Task
from experiments.training.loop import train
from experiments.training.optimisers import optimiser
from snn.noise import ThreefryNoise
from snn.types import Params

LIMITS = {
    "van_rossum": (0.02, 3.0),
    "l2": (15.0, 30.0),
    "rate_hidden": (10.0, 80.0),
    "fano_hidden": (0.5, 0.8),
    "fano_output": (0.5, 0.7),
}
FIRST_LIMITS = {"van_rossum": (7.0, 12.0), "rate_hidden": (30.0, 55.0), "fano_hidden": (0.7, 0.8)}


CHANGES = (
    ("stochastic", "fano_hidden"),
    ("stochastic", "fano_output"),
    ("deterministic", "van_rossum"),
)
"""Panels and measures that are compared after and before training."""


class SpikeMatching(Parameters):
    """Training of a two-layer network of LIF neurons to spike where a picture has ink."""

    CONCLUDES_FROM = ("stochastic", "deterministic")
    ARRAYS = {
        "picture": array("first seed, neuron, step", "the target raster"),
        "density": array("seed", "share of spikes in the picture"),
        "lag_one_correlation": array("seed", "correlation of neighbours in time in the picture"),
        "repeat_probability": array("seed", "P(spike | spike one step before) in the picture"),
        "neuron_spread": array("seed", "standard deviation over neurons of the picture's mean"),
        **array(
            "number",
            "distance after training over the control's: geometric mean over pairs, and ends of "
            "the 95 % interval",
        ).each("ratio_{}", control.DISTANCES),
        **array(
            "", "whether Holm's procedure over all comparisons decides that the ratio is not 1"
        ).each("decided_{}", control.DISTANCES),
    } | recording.ARRAYS

    def check(self) -> None:
        """Check the picture, the rates and the trials.

        Raises:
            ValueError: If one of them is not possible.
        """
        if self.spikes == "deterministic" and self.n_trials != 1:
            raise ValueError(f"a deterministic network has one trial: {self.given('n_trials')}")
        if self.spikes == "stochastic" and self.n_trials < 2:
            raise ValueError(f"Fano factors need two trials or more: {self.given('n_trials')}")
        if self.input_rate * self.dt > 1:
            names, expected = self.given("input_rate", "dt"), f"expected at most {1 / self.dt:g} Hz"
            raise ValueError(f"more than one input spike per step: {names}; {expected}")
        if not any(self.learning_rates):
            raise ValueError(f"nothing is trained: {self.given('learning_rates')}")
        optimiser(self.optimiser, learning_rate=1.0)
        _ = self._picture  # raises UserError if the image cannot be used

    @cached_property
    def _file(self) -> bytes:
        """Bytes of the picture's file, read once, so that the hash is that of the target."""
        return read(self.image)

    @property
    def _picture(self) -> np.ndarray:
        shape = self.n_outputs, self.n_steps
        return target(self.image, *shape, self.density, self._file, self.threshold)

    def input_digest(self) -> str:
        """Return a hash of the picture's file."""
        return hashlib.sha256(self._file).hexdigest()

    def compute(self, seed: int) -> Data:
        """Train a network, one seed at a time.

        Rounding depends on the number of seeds in a vectorised program, and training amplifies it.
        """
        return self.compute_many([seed])[0]

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train one network per seed, vectorised over seeds."""
        descent = _optimiser(self)
        picture = self._picture
        measured = statistics(picture)
        setup = Setup(self, jnp.asarray(picture.T, jnp.result_type(float)))
        tasks = jax.vmap(setup.task)(jnp.array(seeds, jnp.uint32))

        def step(state: State, epoch: jax.Array) -> tuple[State, dict[str, jax.Array]]:
            def one(task: Task, state: State) -> tuple[State, dict[str, jax.Array]]:
                noise = ThreefryNoise.sample(jax.random.fold_in(task.key, epoch), self.n_trials)
                estimate, runs = setup.learning.with_runs(
                    setup.objective(task), state.params, noise
                )
                updates, optimiser_state = descent.update(
                    estimate.grad, state.optimiser, state.params
                )
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
                    measured[name] = layer.s[-1] > 0.5  # the raster of a single trial
                    measured[f"rates_{name}"] = layer.s.mean(axis=(0, 1)) / self.dt
                return measured

            return jax.vmap(one)(tasks, state)

        start = State(tasks.params, jax.vmap(descent.init)(tasks.params))
        settings = f"learning_rates={self.learning_rates}, optimiser={self.optimiser}"
        _, metrics, observations = train(
            step,
            start,
            self.n_epochs,
            chunk=self.chunk,
            observe=observe,
            watch="van_rossum",
            settings=settings,
        )
        epoch, medians = curves(metrics)
        shared = {
            "epoch": epoch,
            "picture": picture.astype(bool),
            "observed_epoch": np.minimum(
                np.arange(len(observations["output"])) * self.chunk, self.n_epochs
            ),
            **{name: np.array(value) for name, value in measured.items()},
        }
        return [
            shared
            | {name: values[i] for name, values in medians.items()}
            | observed({name: x[:, i] for name, x in observations.items()}, shared, self)
            | ({"inputs": np.asarray(tasks.x[i] > 0.5)} if self.keep_rasters else {})
            for i in range(len(seeds))
        ]

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """Return the ratios of the trained network's distances to the control's."""
        compared = {}
        for name, ratio in control.trained_over_frozen(panels).items():
            ratio_panel, _, distance = name.partition(".")
            if ratio_panel == panel:
                compared[f"ratio_{distance}"] = np.array([ratio.mean, *ratio.interval])
                compared[f"decided_{distance}"] = np.array(ratio.verdict != "undecided")
        return compared

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return distances, trained over frozen, and measures, after over before training."""
        ratios = control.trained_over_frozen(panels)
        ratios = {f"{name}_ratio": ratio for name, ratio in ratios.items()}
        for panel, name in CHANGES:
            after, before = (panels[panel][f"{time}_{name}"] for time in ("last", "first"))
            ratios[f"{panel}.{name}_after_over_before"] = control.ratio(after, before)
        return {name: ratio.quantity for name, ratio in ratios.items()}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return medians over the last epochs and over seeds, and medians before training."""
        target_rate = float(np.mean(data["picture"][0]) / self.dt)
        quantities = {
            name: _trained(data[f"last_{name}"], *LIMITS[name])
            for name in ("van_rossum", "l2", "rate_hidden", "fano_hidden", "fano_output")
            if name in data
        }
        quantities["rate_output_over_target"] = _trained(
            data["last_rate_output"] / target_rate, 0.8, 1.2
        )
        for name in ("van_rossum", "rate_hidden", "fano_hidden"):
            if name in data:
                quantities[f"first_{name}"] = _trained(data[f"first_{name}"], *FIRST_LIMITS[name])
        for name in ("density", "lag_one_correlation", "repeat_probability", "neuron_spread"):
            quantities[f"picture_{name}"] = exact(data[name][0])
        return quantities


def _trained(by_seed: np.ndarray, low: float, high: float) -> Quantity:
    return band(np.median(by_seed), low, high, "what a trained network shows at any preset")


class State(NamedTuple):
    """State of a training: weights and optimiser."""

    params: Params
    optimiser: Any


def _optimiser(config: SpikeMatching) -> optax.GradientTransformation:
    """Return an optimiser with one learning rate per layer; a rate of 0 freezes the layer."""
    rates = enumerate(config.learning_rates)
    parts: dict[Hashable, optax.GradientTransformation] = {
        str(layer): optimiser(config.optimiser, rate) for layer, rate in rates
    }
    return optax.partition(parts, lambda params: [{"w": str(i)} for i in range(len(params))])
