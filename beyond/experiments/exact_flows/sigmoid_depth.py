r"""Deep sigmoid networks learn two moons: is the surrogate gradient of a shallower slope aligned?

A network without noise, :math:`a_l = \sigma(\beta (W_l a_{l-1} + b_l))`, with a logistic output
neuron, has a gradient. The surrogate gradient replaces :math:`\beta \sigma'` by the derivative of a
sigmoid of a shallower slope in all hidden layers. Networks are trained by the surrogate gradient;
both are compared by cosine, over all weights and within each layer. Negative control: at equal
slopes the cosine is 1.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from jax.flatten_util import ravel_pytree

import snn
from experiments.engine.base import Data, Experiment, Quantity, array, exact, param, seeds_param
from experiments.statistics import mean_interval
from snn.draws import drawn
from snn.types import Params
from snn.value_object import value_object

WIDTH_OR_COUNT = ("width", "count")
"""What networks of all depths have in common: the width, or the number of weights."""
OBSERVED = 20
"""Updates between the cosines that are kept."""


@value_object
class Shallower:
    """The derivative of a sigmoid of a given slope; the true one where the layer's is shallower.

    Attributes:
        beta: the slope, 1/potential.
    """

    beta: Any

    def __call__(self, v: Array, s: Array, escape: Any) -> Array:
        return snn.escape.Sigmoid(jnp.minimum(self.beta, escape.beta)).slope(v)


@value_object
class CrossEntropy:
    """Cross entropy of the output's probability and an answer, 0 or 1."""

    answer: Array

    def __call__(self, output: Array) -> Array:
        p = jnp.clip(output[0], 1e-12, 1 - 1e-12)
        return -self.answer * jnp.log(p) - (1 - self.answer) * jnp.log1p(-p)


class Moons(NamedTuple):
    """Points in the plane and which of two half circles each is from."""

    x: Array
    answer: Array


@dataclass
class SigmoidDepth(Experiment):
    """Cosines of surrogate and true gradient in sigmoid networks, by depth and along training."""

    beta: float = param(50.0, "slope of the hidden neurons", unit="1/potential", above=0)
    beta_surrogate: float = param(5.0, "slope of the surrogate", unit="1/potential", above=0)
    depths: list[int] = param([1, 2, 3, 4], "hidden layers", low=1, high=8, rising=True)
    width: int = param(64, "neurons of each hidden layer, at the largest depth", low=2)
    same: str = param("width", "what all depths have in common", choices=WIDTH_OR_COUNT)
    n_points: int = param(200, "points of both moons", low=2)
    spread: float = param(0.1, "standard deviation of the points around the half circles", low=0)
    rate: float = param(0.003, "learning rate of Adam", above=0)
    n_updates: int = param(400, "updates along the surrogate gradient", low=1)
    seeds: list[int] = seeds_param()

    ARRAYS = {
        "depths": array("seed, depth", "hidden layers"),
        "widths": array("seed, depth", "neurons of each"),
        "cosine": array(
            "seed, depth, when", "of surrogate and true gradient: before training, mean along it"
        ),
        "input_cosine": array("seed, depth, when", "the same, of the weights of the first layer"),
        "update": array("seed, observation", "updates so far"),
        "deepest": array("seed, observation", "cosine of the first layer at the largest depth"),
        "loss": array("seed, depth", "cross-entropy at the end"),
        "wrong": array("seed, depth", "share of points that are answered wrong at the end"),
        "before": array("depth, statistic", "cosine before training, mean with 95 % interval"),
        "along": array("depth, statistic", "mean over the training, the same"),
        "input_before": array("depth, statistic", "of the first layer, before training"),
        "input_along": array("depth, statistic", "of the first layer, mean over the training"),
        "fall": array("predictor, statistic", "first minus last depth, before and along"),
    }

    def compute(self, seed: int) -> Data:
        key, points = jax.random.split(jax.random.key(seed))
        moons = _moons(points, self.n_points, self.spread)
        widths = [self._width(depth) for depth in self.depths]
        rows = []
        for depth, width in zip(self.depths, widths, strict=True):
            escape = *[snn.escape.Sigmoid(self.beta)] * depth, snn.escape.Sigmoid(1.0)
            network = snn.MLP((2, *[width] * depth, 1), escape)
            start = network.init(jax.random.fold_in(key, depth))
            settings = (float(self.beta_surrogate), float(self.rate))
            rows.append(_train(network, moons, start, settings, self.n_updates))
        cosine, first, loss, wrong = (np.stack(of) for of in zip(*rows, strict=True))
        return {
            "depths": np.array(self.depths),
            "widths": np.array(widths),
            "cosine": _before_and_along(cosine),
            "input_cosine": _before_and_along(first),
            "update": np.arange(0, self.n_updates + 1, OBSERVED),
            "deepest": first[-1, ::OBSERVED].astype(np.float32),
            "loss": loss[:, -1].astype(np.float32),
            "wrong": wrong,
        }

    def _width(self, depth: int) -> int:
        """Return a depth's width: with equal counts, for about as many weights as the deepest."""
        if self.same == "width":
            return self.width
        count = _count(self.depths[-1], self.width)
        widths = np.arange(1, count)
        return int(widths[np.argmin(np.abs(_count(depth, widths) - count))])

    def pooled(self, data: Data) -> Data:
        """Means over networks."""
        whole, first = data["cosine"].astype(float), data["input_cosine"].astype(float)
        return {
            "before": mean_interval(whole[..., 0]),
            "along": mean_interval(whole[..., 1]),
            "input_before": mean_interval(first[..., 0]),
            "input_along": mean_interval(first[..., 1]),
            "fall": mean_interval(whole[:, 0] - whole[:, -1]),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Cosines before training, which are exact for given weights."""
        before = data["cosine"][0, :, 0]
        return {
            f"depth_{depth}_cosine_before": exact(float(cosine), rtol=1e-4, atol=1e-6)
            for depth, cosine in zip(self.depths, before, strict=True)
        }


def _before_and_along(cosine: np.ndarray) -> np.ndarray:
    """Return the first, and the mean of all updates, ``(depth, 2)``."""
    return np.stack([cosine[:, 0], cosine.mean(axis=1)], axis=1).astype(np.float32)


def _count(depth: int, width: Any) -> Any:
    """Weights and biases of a network with 2 inputs and 1 output."""
    return 3 * width + (depth - 1) * width * (width + 1) + width + 1


def _moons(key: Array, n: int, spread: float) -> Moons:
    """Two half circles that reach into each other."""
    angle = jnp.pi * jax.random.uniform(key, (n,))
    answer = (jnp.arange(n) % 2).astype(angle.dtype)
    x, y = jnp.cos(angle), jnp.sin(angle)
    points = jnp.stack([jnp.where(answer, 1 - x, x), jnp.where(answer, 0.5 - y, y)], axis=1)
    return Moons(
        points + spread * drawn(jax.random.normal, jax.random.fold_in(key, 1), points.shape), answer
    )


@partial(jax.jit, static_argnums=4)
def _train(
    network: snn.MLP, moons: Moons, params: Params, settings: tuple[Array, Array], n_updates: int
) -> tuple[Array, Array, Array, Array]:
    """Cosines over all weights and of the first layer, losses; share of wrong answers."""
    beta, rate = settings
    descent = optax.adam(rate)

    def mean_loss(params: Params, derivative: Any) -> tuple[Array, Array]:
        spike = snn.Spike(snn.mean, derivative)

        def one(x: Array, answer: Array) -> tuple[Array, Array]:
            output, _ = network(params, x, snn.noise.Constant(), spike)
            return CrossEntropy(answer)(output), output[0]

        losses, outputs = jax.vmap(one)(*moons)
        return losses.mean(), outputs

    gradient = jax.value_and_grad(mean_loss, has_aux=True)

    def step(carry: tuple[Params, Any], _: None) -> tuple[Any, Any]:
        params, state = carry
        (loss, outputs), true = gradient(params, snn.surrogate.Matched())
        _, surrogate = gradient(params, Shallower(beta))
        changes, state = descent.update(surrogate, state)
        seen = cosine(surrogate, true), cosine(surrogate[0], true[0]), loss
        wrong = jnp.mean((outputs > 0.5) != (moons.answer > 0.5))
        return (optax.apply_updates(params, changes), state), (*seen, wrong)

    start = params, descent.init(params)
    whole, first, loss, wrong = jax.lax.scan(step, start, None, n_updates + 1)[1]
    return whole, first, loss, wrong[-1]


def cosine(a: Params, b: Params) -> Array:
    """Return the cosine of two gradients; 0 if one vanishes."""
    x, y = ravel_pytree(a)[0], ravel_pytree(b)[0]
    length = jnp.linalg.norm(x) * jnp.linalg.norm(y)
    return jnp.where(length > 0, x @ y / jnp.where(length > 0, length, 1.0), 0.0)
