"""Derivatives of a leaky integrate-and-fire neuron's spikes, given the past and on average."""

from collections.abc import Callable
from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from pydantic import Field

import snn
from experiments.engine.experiment import (
    Data,
    Distinct,
    Positive,
    Quantity,
    Seed,
    Size,
    array,
    at,
    exact,
    param,
    seeds_param,
    statistical,
)
from experiments.single_neuron.averaged_over_pasts import UNBIASED, averaged
from experiments.single_neuron.late_spike import LateSpike, neuron, params, program, spike_at
from experiments.statistics import pooled_mean, wrong_sign
from snn.draws import draw_numbers
from snn.noise import FIRE, SILENT, Uniforms
from snn.spikes import FIXED
from snn.types import Params

NEURONS = ("deterministic", "stochastic")


class LIFDerivatives(LateSpike):
    """Surrogate gradient of a spiking neuron, against derivatives of its firing probability.

    Given the neuron's past spikes, the surrogate gradient is the exact derivative of the firing
    probability, along any path of the stochastic or the deterministic neuron. Averaged over pasts,
    the surrogate gradient differs from the derivative of the average and can have the wrong sign.
    """

    n_inputs: Size = param(20, "Poisson inputs of the neuron on the path")
    rate: Positive = param(50.0, "rate of each Poisson input", unit="Hz")
    mean_u: float = param(0.6, "mean of the path's potential without resets", unit="theta")
    sigma_u: Positive = param(
        0.5, "approximate standard deviation of the path's potential without resets", unit="theta"
    )
    n_steps: Annotated[int, Field(ge=4, le=10_000)] = param(120, "time steps of the path")
    difference_step: Positive = param(1e-3, "change of the weights in finite differences")
    horizon: Annotated[int, Field(le=14)] = param(12, "time steps of the neuron with one input")
    n_trials: Annotated[int, Field(ge=2, le=1_000_000)] = param(
        4000, "trials of the unbiased estimates"
    )
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "time": array("seed, step", "time along one trial", unit="s"),
        "inputs": array("seed, step, input", "input spikes"),
        **array(
            "seed, step",
            "derivative of the spike probability given the past, by finite differences",
        ).each("{}_conditional", NEURONS),
        **array("seed", "largest deviation from this derivative, over time and all weights").each(
            "{}_error", (*NEURONS, "spm")
        ),
        **array("seed, step", "membrane potential").each("{}_potential", NEURONS),
        **array("seed, step", "spikes").each("{}_spikes", NEURONS),
        "deterministic_surrogate": array(
            "seed, step", "surrogate gradient of the deterministic neuron's spike"
        ),
        "stochastic_surrogate": array(
            "seed, step", "surrogate gradient of the stochastic neuron's spike"
        ),
        "averaged_time": array("seed, step", "time along the short trials", unit="s"),
        "averaged_exact": array(
            "seed, step", "derivative of E[S] averaged over all pasts, by enumeration"
        ),
        "averaged_spike": array("seed, step", "E[S]"),
        "averaged_surrogate": array("seed, step", "expected surrogate gradient, reset detached"),
        "averaged_surrogate_through": array(
            "seed, step", "expected surrogate gradient through the reset"
        ),
        "averaged_surrogate_deterministic": array("seed, step", "surrogate gradient without noise"),
        "averaged_wrong_sign": array(
            "step", "whether expected surrogate and exact derivative have opposite signs"
        ),
        "score_function_no_baseline_pooled_mean": array(
            "step", "mean over trials and seeds of the score function"
        ),
        "score_function_no_baseline_pooled_se": array("step", "its standard error"),
        "stochastic_ad_pooled_mean": array("step", "mean over trials and seeds of stochastic AD"),
        "stochastic_ad_pooled_se": array("step", "its standard error"),
        "score_function_no_baseline_mean": array(
            "seed, step", "mean over trials of the score function"
        ),
        "score_function_no_baseline_se": array("seed, step", "its standard error"),
        "stochastic_ad_mean": array("seed, step", "mean over trials of stochastic AD"),
        "stochastic_ad_se": array("seed, step", "its standard error"),
    }

    def check(self) -> None:
        """Check that a step has at most one spike per input.

        Raises:
            ValueError: If one of these conditions does not hold.
        """
        if not self.horizon > self.late_step:
            raise ValueError(
                f"horizon is not above late_step: {self.given('horizon', 'late_step')}"
            )
        if self.rate * self.dt > 1:
            names, expected = self.given("rate", "dt"), "expected rate * dt <= 1"
            raise ValueError(f"more than one input spike per step: {names}; {expected}")

    def compute(self, seed: int) -> Data:
        """Return the arrays of `along_path` and of `averaged`, and their times in s."""
        x_key, w_key, path_key, trial_key = jax.random.split(jax.random.key(seed), 4)
        lif = neuron(self)
        network = snn.LIFNetwork((self.n_inputs, 1), snn.escape.Sigmoid(self.beta), lif)
        shape = (self.n_steps, self.n_inputs)
        x = (draw_numbers(jax.random.uniform, x_key, shape) < self.rate * self.dt).astype(float)
        path = snn.Program(network, x, snn.losses.Linear())
        w = _weights(self, network, w_key)
        noise = jax.tree.map(lambda xi: xi[0], snn.draw_noise(path, w, path_key, n_trials=1))
        arrays = {"time": self.dt * np.arange(self.n_steps), "inputs": x}
        arrays |= along_path(path, w, noise, lif.theta, self.difference_step)

        late, w = program(self, self.late_step, self.horizon), params(self)
        noise = snn.draw_noise(late, w, trial_key, self.n_trials)
        arrays["averaged_time"] = self.dt * np.arange(self.horizon)
        arrays |= averaged(late, w, noise)
        return {name: np.asarray(array) for name, array in arrays.items()}

    def pooled(self, data: Data) -> Data:
        """Return unbiased means over seeds and the sign errors of SGs, each ``(time,)``."""
        arrays = {
            "averaged_wrong_sign": np.all(
                wrong_sign(data["averaged_surrogate"], data["averaged_exact"]), axis=0
            )
        }
        for name in UNBIASED:
            mean, se = pooled_mean(data[f"{name}_mean"], data[f"{name}_se"])
            arrays |= {f"{name}_pooled_mean": mean, f"{name}_pooled_se": se}
        return arrays

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Summarise the identity given the past, and how it fails on average over pasts."""

        def deviation(name: str) -> Quantity:
            # The bound on the error of the finite differences; see the claim on this identity.
            return exact(data[name].max(), rtol=0, atol=2.2e-9)

        def at_late_step(name: str) -> Quantity:
            means, errors = data[f"{name}_mean"][:, late], data[f"{name}_se"][:, late]
            return statistical(means.mean(), np.sqrt(np.sum(errors**2)) / means.size)

        late = self.late_step
        return {
            at("minus_conditional_max", "sg"): deviation("stochastic_error"),
            at("minus_conditional_max", "sg_deterministic"): deviation("deterministic_error"),
            at("minus_conditional_max", "spm"): deviation("spm_error"),
            "marginal_probability": exact(data["averaged_spike"][0, late]),
            at("marginal", "exact"): exact(data["averaged_exact"][0, late]),
            at("marginal", "sg"): exact(data["averaged_surrogate"][0, late]),
            at("marginal", "sg_reset_through"): exact(data["averaged_surrogate_through"][0, late]),
            **{at("marginal", name): at_late_step(name) for name in UNBIASED},
        }


def _weights(config: LIFDerivatives, network: snn.LIFNetwork, key: Array) -> Params:
    """Return weights that give the potential without resets the chosen mean and deviation."""
    w = network.init(key, config.rate, config.sigma_u)[0]["w"]
    current = (
        config.rate * config.dt / (1 - neuron(config).alpha_syn)
    )  # mean postsynaptic potential of one input
    return [{"w": w - w.mean() + config.mean_u / (config.n_inputs * current)}]


# Central difference quotient of fourth order: points of evaluation, in steps, and their weights.
OFFSETS = np.array([-2.0, -1.0, 1.0, 2.0])
WEIGHTS = np.array([1.0, -8.0, 8.0, -1.0]) / 12


@jax.jit
def along_path(
    program: snn.Program, params: Params, noise: Uniforms, theta: Array | float, h: float
) -> dict[str, Array]:
    """Return dP(S[t] = 1 | input, own past)/dw, along one path of either neuron.

    Args:
        program: a neuron and its input.
        params: its weights.
        noise: the noise of one trial.
        theta: the neuron's threshold.
        h: step of the finite differences.

    Returns:
        For the stochastic and the deterministic neuron ``_potential``, ``_spikes`` ``(time,)``,
        the ``_conditional`` derivative by finite differences of the probability, and the
        ``_surrogate`` gradient of the spike, for the weight with the largest derivative. An
        ``_error`` is the largest deviation of the two, over time and all weights; ``spm_error``
        is that of the probability's derivative by autodiff.
    """
    modes = {"stochastic": snn.sample, "deterministic": snn.threshold}
    arrays = {}
    for name, forward in modes.items():
        layer = program(params, noise, snn.Spike(forward)).trace[0]
        exact = _conditional(program, params, layer.s, h)
        estimate = _surrogate(program, params, noise, forward)
        if name == "stochastic":
            busiest = jnp.argmax(jnp.abs(exact).max(axis=0))
            spm = jax.jacobian(lambda w, s=layer.s: _probability(program, w, s))(params[0]["w"])
            arrays["spm_error"] = jnp.abs(spm[..., 0] - exact).max()
        arrays |= {
            f"{name}_potential": layer.v[:, 0] + theta,
            f"{name}_spikes": layer.s[:, 0],
            f"{name}_conditional": exact[:, busiest],
            f"{name}_surrogate": estimate[:, busiest],
            f"{name}_error": jnp.abs(estimate - exact).max(),
        }
    return arrays


def _surrogate(program: snn.Program, params: Params, noise: Uniforms, forward: Callable) -> Array:
    """Return the surrogate gradient of each spike of the path, ``(time, weight)``."""
    surrogate = snn.Surrogate(forward=forward)

    def of_spike(step: Array) -> Array:
        return surrogate.single(spike_at(program, step), params, noise).grad[0]["w"][:, 0]

    return jax.vmap(of_spike)(jnp.arange(program.x.shape[0]))


def _probability(program: snn.Program, w: Array, spikes: Array) -> Array:
    """Return the probability of each spike given the past spikes, ``(time,)``."""
    forced = Uniforms((jnp.where(spikes > 0.5, FIRE, SILENT),))
    return program([{"w": w}], forced, FIXED).trace[0].p[:, 0]


def _conditional(program: snn.Program, params: Params, spikes: Array, h: float) -> Array:
    """Return its derivative by finite differences, ``(time, weight)``."""
    w = params[0]["w"]

    def along_weight(direction: Array) -> Array:
        steps = OFFSETS * h
        moved = jax.vmap(lambda d: _probability(program, w + d * direction[:, None], spikes))(steps)
        return jnp.matmul(WEIGHTS, moved) / h

    return jax.vmap(along_weight)(jnp.eye(w.shape[0])).T
