r"""Descents along surrogate and exact gradients, from many starts.

*Along w*: figure 4's differentiable network, in which only the weight w changes. A start is a
uniform number of the scan. Every step has the same length, against the sign of the gradient, until
the sign changes or the scan ends. Slow and fast gradients of one sign thus have the same end.

*In all five weights*: the stochastic network of slope ``beta``. A start has normal weights. Every
step has the same length against the expected matched surrogate gradient, or against the exact
gradient of the expected output. Weights stay in a box, since the output alone has no minimum.
Ends are compared by the expected output: they differ if it differs by more than ``least``.

Rule, written before the numbers: from most starts, descent along a surrogate gradient of another
slope than the network's misses the minimum of the output along w. In the stochastic network descent
along the expected matched surrogate gradient ends higher than descent along the exact gradient in
more starts than it ends lower. The second statement has conditions, which were found afterwards: at
slope 1 the sign turns.
"""

from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
import scipy
from jax import Array
from pydantic import Field

import snn
from experiments.engine.experiment import (
    Data,
    Distinct,
    Experiment,
    OpenShare,
    Positive,
    Quantity,
    Seed,
    array,
    at,
    param,
    seeds_param,
)
from experiments.sigmoid_network import five_weights
from experiments.sigmoid_network.gradient_along_weight import GradientAlongWeight
from experiments.statistics import mean_interval
from snn.estimators.layered_mean import LayeredMean


class Descents(Experiment):
    """Ends of descents from random starts."""

    n_starts: Annotated[int, Field(ge=10, le=100_000)] = param(1000, "random starts")
    reach: Positive = param(0.01, "distance in w within which a descent meets the minimum")
    beta: Positive = param(2.0, "slope of escape noise and surrogate", unit="1/potential")
    spread: Positive = param(2.0, "standard deviation of the weights of a start")
    box: Positive = param(4.0, "largest size of a weight")
    step: Positive = param(0.02, "length of a step in the space of weights")
    n_steps: Annotated[int, Field(ge=10, le=1_000_000)] = param(1000, "steps of a descent")
    least: OpenShare = param(0.01, "difference of outputs that counts")
    seeds: Distinct[Seed] = seeds_param()

    NEEDS_X64 = True

    ARRAYS = {
        "beta_surrogate": array("seed, slope", "slopes of the surrogate along w"),
        "minimum": array("seed", "weight w at the minimum of the output"),
        "start_w": array("seed, start", "weight w before a descent along w"),
        "end_w": array("seed, slope, start", "weight w after a descent along the surrogate"),
        "end_w_true": array("seed, start", "weight w after a descent along the true gradient"),
        "end_surrogate": array("seed, start", "expected output after descent along expected SG"),
        "end_exact": array("seed, start", "expected output after descent along exact gradient"),
    }

    def compute(self, seed: int) -> Data:
        """Return the ends of all descents of a seed."""
        rng = np.random.default_rng(seed)
        scan = GradientAlongWeight()
        grid = scan.model_copy(update={"n_shown": scan.n_points}).compute(None)
        w = grid["w"]
        first = rng.integers(len(w), size=self.n_starts)
        starts = self.spread * rng.normal(size=(self.n_starts, five_weights.N_WEIGHTS))
        ends = [
            np.asarray(_descend(field, starts, self.beta, (self.step, self.box), self.n_steps))
            for field in (
                five_weights.field_of(LayeredMean(snn.Surrogate()), self.beta),
                five_weights.field_of(snn.TransferMatrix(), self.beta),
            )
        ]
        return {
            "beta_surrogate": grid["beta_surrogate"],
            "minimum": grid["output_minimum"],
            "start_w": w[first],
            "end_w": np.stack([w[ends_along(field)][first] for field in grid["surrogate"]]),
            "end_w_true": w[ends_along(grid["true"])][first],
            "end_surrogate": ends[0],
            "end_exact": ends[1],
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return shares of starts, with 95 % intervals over starts."""
        minimum = data["minimum"][:, None]
        met = {
            at("met", beta): np.abs(data["end_w"][:, i] - minimum) <= self.reach
            for i, beta in enumerate(data["beta_surrogate"][0])
        }
        met["met_true"] = np.abs(data["end_w_true"] - minimum) <= self.reach
        excess = (data["end_surrogate"] - data["end_exact"]).ravel()
        higher, lower = excess > self.least, excess < -self.least
        difference = mean_interval(higher.astype(float) - lower)
        return {name: _share(values) for name, values in met.items()} | {
            "higher": _share(higher),
            "lower": _share(lower),
            "higher_minus_lower": _estimate(difference, f"{excess.size} starts"),
        }


def ends_along(field: np.ndarray) -> np.ndarray:
    """Return the index at which a descent along a field ends, from each point of a line.

    Args:
        field: derivative at each point of the line.
    """
    n = len(field)
    end, points = np.arange(n), np.arange(n)
    # To the left, from the left: the last point whose derivative is not positive.
    stop = np.maximum.accumulate(np.where(field <= 0, points, 0))
    end = np.where(field > 0, stop, end)
    stop = np.minimum.accumulate(np.where(field >= 0, points, n - 1)[::-1])[::-1]
    return np.where(field < 0, stop, end)


@jax.jit
def _descend(
    field: snn.fields.Field,
    starts: Array,
    beta: float,
    lengths: tuple[Array, Array],
    n_steps: int,
) -> Array:
    """Return the expected output at the ends of descents, ``(start,)``."""
    step, box = lengths

    def one(theta: Array) -> Array:
        def move(_: Array, theta: Array) -> Array:
            gradient = field(theta)
            norm = jnp.linalg.norm(gradient)
            change = step * gradient / jnp.where(norm > 0, norm, 1.0)
            return jnp.clip(theta - change, -box, box)

        end = jax.lax.fori_loop(0, n_steps, move, theta)
        return snn.TransferMatrix().expected_loss(
            five_weights.program(beta), five_weights.as_params(end)
        )

    return jax.vmap(one)(starts)


def _share(each: np.ndarray) -> Quantity:
    """Return a share with its exact (Clopper-Pearson) interval."""
    count, n = int(each.sum()), each.size
    low = scipy.special.betaincinv(count, n - count + 1, 0.025) if count else 0.0
    high = scipy.special.betaincinv(count + 1, n - count, 0.975) if count < n else 1.0
    return _estimate((count / n, low, high), f"{count} of {n} starts")


def _estimate(row: tuple[float, float, float] | np.ndarray, why: str) -> Quantity:
    value, low, high = map(float, row)
    se = (high - low) / 3.92
    return Quantity(value, "statistical", se=se, ci_low=low, ci_high=high, why=why)
