"""Classifier as a program, with compiled functions for gradient and predictions."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

import snn
from experiments.speech.network import LOSSES, MODES, RESETS, SpeechNetwork, network
from experiments.training.loop import jit_for_long
from snn.losses import n_spikes, too_few_spikes, too_many_spikes
from snn.noise import Hashed
from snn.surrogate import SurrogateDerivative
from snn.types import Noise, Params, Run
from snn.value_object import value_object


@value_object
class Objective(snn.Program):
    r"""Cross-entropy plus a penalty on high rates, averaged over a batch.

    .. math:: L = CE + w \sum_{hidden layers} \langle \max(c - limit, 0)^2 \rangle_{batch}

    where c is the spike count of a sample, averaged over the layer's neurons.

    Attributes:
        weight: weight w of the penalty.
        limit: spikes per neuron without penalty.
        fixed: weights of the first layers, if they are held constant.
        low_weight: weight of a second penalty, on low rates; None for no such penalty.
        low_limit: spikes of a neuron and sample from which on low rates cost nothing.
    """

    weight: Any = 0.1
    limit: Any = 7.0
    fixed: Params = ()
    low_weight: Any = None
    low_limit: Any = 1e-3

    def __call__(self, params: Params, noise: Noise, spike: snn.Spike) -> Run:
        """Return outputs, spikes and loss of a batch, as one trial of the network."""
        output, trace = self.network([*self.fixed, *params], self.x, noise, spike)
        excess = sum(too_many_spikes(layer.s, self.limit) for layer in trace)
        loss = self.loss(output) + self.weight * excess
        if self.low_weight is not None:
            lack = sum(too_few_spikes(layer.s, self.low_limit) for layer in trace)
            loss += self.low_weight * lack
        return Run(loss, output, trace)


class BatchMetrics(NamedTuple):
    """Loss, number of correct predictions and spikes per neuron of each hidden layer."""

    loss: Array
    right: Array
    counts: Array


class Learner:
    """Network of a configuration, with compiled functions.

    ``gradient`` is compiled for a training, ``single_gradient`` for a few calls.
    ``answers`` and ``activity`` take the weights of all layers: one compiled program serves
    trainings with and without fixed layers.

    Attributes:
        network: the network.
        n_layers: number of hidden layers.
    """

    def __init__(self, config: SpeechNetwork, depth: int | None = None) -> None:
        self.config = config
        self.network = network(config, depth)
        self.n_layers = len(self.network.filters)
        self.gradient = jit_for_long(self._gradient)
        self.single_gradient = jax.jit(self._gradient)
        self.answers = jax.jit(self._answers, static_argnames="spikes")
        self.activity = jax.jit(self._activity, static_argnames="spikes")

    def init(self, key: Array) -> Params:
        """Return initial weights."""
        config = self.config
        return self.network.init(key, config.input_rate, config.sigma_u, config.feed_forward_share)

    def _objective(self, x: Array, label: Array, fixed: Params) -> Objective:
        config = self.config
        return Objective(
            network=self.network,
            x=x.astype(jnp.result_type(float)),
            loss=LOSSES[config.loss](label),
            weight=config.rate_weight,
            limit=config.rate_limit,
            fixed=fixed,
            low_weight=config.low_rate_weight or None,
            low_limit=config.low_rate_limit,
        )

    def _gradient(
        self,
        derivative: SurrogateDerivative,
        params: Params,
        fixed: Params,
        x: Array,
        label: Array,
        key: Array,
    ) -> tuple[Params, BatchMetrics]:
        """Return the surrogate gradient for ``x (time, sample, channel)``, ``label (sample,)``."""
        objective = self._objective(x, label, fixed)
        forward, reset = MODES[self.config.spikes], RESETS[self.config.reset]
        estimator = snn.Surrogate(derivative, forward=forward, reset=reset)
        estimate, run = estimator.with_run(objective, params, Hashed(key))
        return estimate.grad, _seen(objective, run, label)

    def _answers(
        self, weights: Params, x: Array, label: Array, key: Array, *, spikes: str
    ) -> tuple[BatchMetrics, Array, tuple[Array, ...]]:
        """Return metrics, predictions ``(sample,)`` and spike counts ``(sample, neuron)``."""
        objective = self._objective(x, label, ())
        run = objective(weights, Hashed(key), snn.Spike(MODES[spikes]))
        answer = objective.loss.scores(run.output).argmax(axis=-1)
        counts = tuple(layer.s.sum(axis=0) for layer in run.trace)
        return _seen(objective, run, label), answer, counts

    def _activity(
        self, weights: Params, x: Array, key: Array, *, spikes: str
    ) -> tuple[Array, tuple[Array, ...]]:
        """Return readout ``(time, sample, class)`` and spikes ``(time, sample, neuron)``."""
        objective = self._objective(x, jnp.zeros(x.shape[1], int), ())
        run = objective(weights, Hashed(key), snn.Spike(MODES[spikes]))
        return run.output, tuple(layer.s > 0.5 for layer in run.trace)


def _seen(objective: Objective, run: Run, label: Array) -> BatchMetrics:
    right = jnp.sum(objective.loss.scores(run.output).argmax(axis=-1) == label)
    counts = jnp.stack([n_spikes(layer.s).mean() / layer.s.shape[-1] for layer in run.trace])
    return BatchMetrics(run.loss, right, counts)
