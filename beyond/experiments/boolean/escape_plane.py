r"""Escape along a surrogate's mean from a point where the exact gradient has ended.

The task is unsolved at this point, and solved at the end of the way along the surrogate's mean.
Among such tasks, the number of wrong patterns rises highest on this way. The plane contains the
start and the end of the way, and explains as much variance of the way as such a plane can.

The work of the direction g along the way is

.. math::
    \int g \cdot dw \approx \sum_k \frac{g_k + g_{k+1}}{2} \cdot (w_{k+1} - w_k) ,

which for a gradient is the change of the loss itself.
"""

from dataclasses import replace
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from beyond.experiments import chosen_rates
from beyond.experiments.boolean.boolean_tasks import SOLVED, Task
from beyond.experiments.boolean.boolean_training import BooleanTraining, Flow
from beyond.experiments.boolean.directions import wrong_patterns
from beyond.experiments.methods import BOOLEAN, Arm
from experiments.engine.experiment import Count, Data, array, param

ARMS = {"exact": BOOLEAN["exact_of_expected"], "broad": BOOLEAN["broad_usual"]}
"""Directions of both ways."""


class EscapePlane(BooleanTraining):
    """A surrogate's mean on its way from an unsolved end of the exact flow, in a plane."""

    observe_every: Count = param(1, "updates between the points of a way")
    n_points: Annotated[int, Field(ge=5, le=400)] = param(41, "points of the map along each side")

    ARRAYS = {
        "task": array("seed", "which of the tasks it is"),
        "targets": array("seed, pattern", "its answers"),
        "start": array("seed, weight", "weights at the plane's origin, where the exact flow ended"),
        "plane": array("seed, coordinate, weight", "unit vectors of the plane"),
        "x": array("seed, x", "along the way's chord, in units of weights"),
        "y": array("seed, y", "across it"),
        "wrong": array("seed, y, x", "wrong patterns in the plane"),
        "way": array("seed, observation, coordinate", "of the surrogate's mean, projected"),
        "exact_way": array("seed, observation, coordinate", "of the exact gradient, from there on"),
        "update": array("seed, observation", "updates so far"),
        "loss_change": array("seed, observation", "of the expected loss, from its start on"),
        "work": array("seed, observation", "integral of the surrogate's mean along the way"),
    }

    def arm(self, name: str) -> Arm:
        """Return the direction of a name."""
        return ARMS[name]

    def compute(self, seed: int) -> Data:
        tasks, tuning = self.tasks(seed)
        exact, broad = (self._rate(name, tuning) for name in ARMS)
        first = self.descend("exact", exact, tasks)
        ends = replace(tasks, weights=jnp.asarray(first.weights[:, -1]))
        stays, leaves = self.descend("exact", exact, ends), self.descend("broad", broad, ends)
        which = _highest(leaves)
        way, plane = _plane(leaves.weights[which])
        exact_way = (stays.weights[which] - leaves.weights[which, 0]) @ plane.T
        x, y = (_around(way[:, i], self.n_points) for i in (0, 1))
        wrong = leaves.wrong[which]
        return {
            "task": np.array(which),
            "targets": np.asarray(ends.targets[which]),
            "start": leaves.weights[which, 0],
            "plane": plane,
            "x": x,
            "y": y,
            "wrong": self._map(ends.targets[which], leaves.weights[which, 0], plane, (x, y)),
            "way": way,
            "exact_way": exact_way,
            "update": np.arange(0, self.n_updates + 1, self.observe_every),
            "loss_change": (wrong - wrong[0]) / 2 ** (self.bits + 1),
            "work": work_along(leaves)[which],
        }

    def _rate(self, name: str, tuning: Task) -> float:
        """Return the rate that the tuning tasks choose, by the fewest wrong patterns."""
        if len(self.rates) == 1:
            return self.rates[0]
        return self.rates[chosen_rates.chosen(self.last_wrong(name, tuning))]

    def _map(self, targets: Any, start: np.ndarray, plane: np.ndarray, axes: tuple) -> np.ndarray:
        x, y = axes
        points = start + x[None, :, None] * plane[0] + y[:, None, None] * plane[1]

        @jax.jit
        def each(weights: jax.Array) -> jax.Array:
            at = lambda w: wrong_patterns(self.family, jnp.asarray(targets), w, self.beta)  # noqa: E731
            return jax.lax.map(at, weights, batch_size=64)

        flat = each(jnp.asarray(points.reshape(-1, start.size)))
        return np.asarray(flat).reshape(len(y), len(x)).astype(np.float32)


def work_along(flow: Flow) -> np.ndarray:
    """Return the integral of the followed direction along each way, up to every observation."""
    between = (flow.taken[:, 1:] + flow.taken[:, :-1]) / 2
    work = np.einsum("tuw,tuw->tu", between, np.diff(flow.weights, axis=1)).cumsum(axis=1)
    return np.pad(work, ((0, 0), (1, 0)))


def _highest(flow: Flow) -> int:
    """Return the task with the highest rise; tasks that become solved come first."""
    rise = flow.wrong.max(axis=1) - flow.wrong[:, 0]
    left = (flow.wrong[:, 0] >= SOLVED) & (flow.wrong[:, -1] < SOLVED)
    return int(np.where(left, rise, rise - 2 * rise.max() - 1).argmax())


def _plane(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a way in its plane, ``(update, 2)``, and the plane's two unit vectors."""
    way = weights - weights[0]
    chord = way[-1] / np.linalg.norm(way[-1])
    across = np.linalg.svd(way - np.outer(way @ chord, chord), full_matrices=False)[2][0]
    plane = np.stack([chord, across])
    return way @ plane.T, plane


def _around(values: np.ndarray, n: int) -> np.ndarray:
    room = 0.15 * max(np.ptp(values), 1e-3)
    return np.linspace(values.min() - room, values.max() + room, n)
