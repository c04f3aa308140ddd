r"""Where training along the exact gradient ends, and what leads away from there.

An end that is unsolved is *flat* if the exact gradient is shorter than 0.01 of what it was before
training, and a *saddle* if the Hessian of the expected loss has an eigenvalue below -0.001 of the
largest in size. Both are exact, by autodiff through transfer matrices.

From each end, every way on gets as many updates again, and a new optimiser. A way that solves the
task has crossed a *barrier*: the largest number of wrong patterns before that, less the number at
the end it left. A descent of the loss could not have crossed it. Along the way the
work of the direction g is

.. math::
    \int g \cdot dw \approx \sum_k \frac{g_k + g_{k+1}}{2} \cdot (w_{k+1} - w_k) ,

which for a gradient is the change of the loss itself, as it is here for the exact one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from beyond.experiments.exact_flows import statements
from beyond.experiments.exact_flows.boolean_tasks import SOLVED, Shape, Task
from beyond.experiments.exact_flows.boolean_training import BooleanTraining
from beyond.experiments.exact_flows.descent import CHUNK, Flow, chunks
from beyond.experiments.exact_flows.directions import exact_gradient
from experiments.engine.base import Data, Quantity, array, band, param, stacked
from experiments.over_seeds import listed
from experiments.statistics import clopper_pearson, mean_interval, sign_test
from snn.estimators.transfer_matrix import transitions

FLAT, SADDLE = 0.01, -0.001
SAME = 0.01
"""A neuron whose firing probability differs by less between all patterns is constant."""
BARRIER = 0.05
"""Wrong patterns that training must rise by, for a barrier."""


@dataclass
class FlowEnds(BooleanTraining):
    """Ends of exact flows: flat, or saddles; silent neurons; and three ways on from there."""

    observe_every: int = param(1, "updates between the points of a way", low=1, high="n_updates")

    CONCLUDES_FROM = ("ends",)
    ARRAYS = {
        "chosen_rate": array("seed, way", "learning rates, chosen as for training from the start"),
        "ways": array("seed, way", "names of the ways on"),
        "first_change": array("seed, task", "of the expected loss, from before training to there"),
        "first_work": array("seed, task", "of the exact gradient on that way: the same"),
        "wrong_at_end": array("seed, task", "wrong patterns where the exact flow ends"),
        "norm": array("seed, task", "exact gradient's length there, over that before training"),
        "least": array("seed, task", "least eigenvalue of the Hessian, over the largest in size"),
        "silent": array("seed, task", "hidden neurons that fire for no pattern"),
        "active": array("seed, task", "hidden neurons that fire for every pattern"),
        "constant": array("seed, task", "neurons whose firing tells no patterns apart"),
        "wrong_after": array("seed, way, task", "wrong patterns at the end of the way on"),
        "rise": array("seed, way, task", "their rise until the task is solved"),
        "loss_change": array("seed, way, task", "of the expected loss on the way to its highest"),
        "work": array("seed, way, task", "of the direction, on the same way"),
        "wrong_surrogate": array("seed, task", "wrong patterns where the surrogate's flow ends"),
        "wrong_polished": array("seed, task", "after as many updates by the exact gradient"),
        "stuck": array("", "unsolved ends of the exact flow"),
        "flat": array("statistic", "share of them that are flat; exact 95 % interval"),
        "saddle": array("statistic", "share of them that are saddles"),
        "leaves": array("way, statistic", "share of them that a way solves"),
        "gain": array(
            "statistic", "the second way's share minus the first's, paired 95 % interval"
        ),
        "leaves_p": array("", "its two-sided exact sign test"),
        "barrier": array("way, statistic", "share of these that cross a barrier"),
        "polished": array("state, state", "surrogate's ends by solved before and after polishing"),
    }

    @property
    def ways(self) -> list[str]:
        """Names of the directions that lead on."""
        return ["exact", f"surrogate_x{self.ratio:g}", "plus_random_new"]

    def compute(self, seed: int) -> Data:
        tasks, tuning = self.tasks(seed)
        trained = [self.trained(name, tasks, tuning) for name in self.ways]
        rates = [rate for _, rate, _ in trained]
        first = trained[0][0]
        ends = moved(tasks, first)
        on = [self.followed(name, r, ends) for name, r in zip(self.ways, rates, strict=True)]
        surrogate = trained[1][0]
        polished = self.followed(self.ways[0], rates[0], moved(tasks, surrogate))
        norm = first.norm
        return {
            "chosen_rate": np.array(rates),
            "ways": np.array(self.ways),
            "wrong_at_end": first.wrong[:, -1],
            "norm": norm[:, -1] / norm[:, 0],
            "first_change": (first.wrong[:, -1] - first.wrong[:, 0]) / 2 ** (self.bits + 1),
            "first_work": work_along(first)[:, -1],
            **self._at(ends),
            "wrong_after": np.stack([way.wrong[:, -1] for way in on]),
            **stacked([_climb(way, 2**self.bits) for way in on]),
            "wrong_surrogate": surrogate.wrong[:, -1],
            "wrong_polished": polished.wrong[:, -1],
        }

    def _at(self, tasks: Task) -> Data:
        n = len(tasks.targets)
        found = [_there(self.shape, self.beta, chunk) for chunk in chunks(tasks, min(CHUNK, n))]
        return {name: np.concatenate([each[name] for each in found])[:n] for name in found[0]}

    def pooled(self, data: Data) -> Data:
        """Shares, with exact intervals, of the unsolved ends of all seeds."""
        stuck = data["wrong_at_end"] >= SOLVED
        solved = data["wrong_after"] < SOLVED
        rise = data["rise"]
        by_way = range(solved.shape[1])
        by_exact, again = (solved[:, way][stuck] for way in (0, 1))
        before, after = (data[name] < SOLVED for name in ("wrong_surrogate", "wrong_polished"))
        return {
            "stuck": np.array(stuck.sum()),
            "flat": _share(data["norm"][stuck] < FLAT),
            "saddle": _share(data["least"][stuck] < SADDLE),
            "leaves": np.stack([_share(solved[:, way][stuck]) for way in by_way]),
            "gain": mean_interval(again.astype(float) - by_exact),
            "leaves_p": np.array(sign_test((again & ~by_exact).sum(), (by_exact & ~again).sum())),
            "barrier": np.stack(
                [_share(rise[:, way][stuck & solved[:, way]] > BARRIER) for way in by_way]
            ),
            "polished": np.array(
                [
                    [np.sum((before == i) & (after == j)) for j in (False, True)]
                    for i in (False, True)
                ]
            ),
        }

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return what kind of points the ends are, and what leads away from there."""
        return statements.ends(panels["ends"])

    def summary(self, data: Data) -> dict[str, Quantity]:
        """How many ends are unsolved, and how many of them each way leaves."""
        stuck = data["wrong_at_end"] >= SOLVED
        found = {"stuck": band(float(stuck.mean()), 0, 1, "a share")}
        for i, name in enumerate(listed(data, "ways")):
            left = (data["wrong_after"][:, i] < SOLVED)[stuck]
            found[f"{name}_leaves"] = band(
                float(left.mean() if left.size else 0.0), 0, 1, "a share"
            )
        off = np.abs(data["first_work"] - data["first_change"]).max()
        return found | {"exact_work_minus_change": band(off, 0, 0.01, "steps are finite")}


def _share(which: np.ndarray) -> np.ndarray:
    n, count = which.size, which.sum()
    if not n:
        return np.full(3, np.nan)
    return np.array([count / n, *clopper_pearson(count, n)])


def moved(tasks: Task, flow: Flow) -> Task:
    """Return the tasks from where training ended."""
    weights = jnp.asarray(flow.weights[:, -1])
    return Task(tasks.targets, tasks.others, weights, tasks.aside, tasks.key)


def _climb(flow: Flow, n_patterns: int) -> Data:
    """Return the rise until a task is solved, and loss and work up to its highest point."""
    solved = flow.wrong < SOLVED
    first = np.where(solved.any(axis=1), solved.argmax(axis=1), solved.shape[1] - 1)
    until = np.arange(solved.shape[1]) <= first[:, None]
    highest = np.where(until, flow.wrong, -np.inf).argmax(axis=1)
    at = np.arange(len(highest)), highest
    rise = flow.wrong[at] - flow.wrong[:, 0]
    return {
        "rise": rise,
        "loss_change": rise / (2 * n_patterns),
        "work": work_along(flow)[at],
    }


def work_along(flow: Flow) -> np.ndarray:
    """Return the integral of what is followed along each way, up to every observation."""
    between = (flow.taken[:, 1:] + flow.taken[:, :-1]) / 2
    work = np.einsum("tuw,tuw->tu", between, np.diff(flow.weights, axis=1)).cumsum(axis=1)
    return np.pad(work, ((0, 0), (1, 0)))


@jax.jit
def _there(shape: Shape, beta: Array, tasks: Task) -> dict[str, Array]:
    def one(task: Task) -> dict[str, Array]:
        hessian = jax.jacfwd(exact_gradient, 2)(shape, task.targets, task.weights, beta)
        eigenvalues = jnp.linalg.eigvalsh((hessian + hessian.T) / 2)
        params = shape.unravel(task.weights)
        network = snn.MLP(shape.sizes, snn.escape.Sigmoid(beta))

        def rates(program: snn.Program) -> Array:
            distribution, found = jnp.ones(1), []
            for layer in transitions(program, params, 10):
                distribution = distribution @ layer.probability
                found.append(distribution @ layer.states)
            return jnp.concatenate(found)

        p = jax.vmap(lambda x: rates(snn.Program(network, x, snn.losses.Linear())))(shape.patterns)
        low, high = p.min(axis=0), p.max(axis=0)
        return {
            "least": eigenvalues[0] / jnp.abs(eigenvalues).max(),
            "silent": (high[:-1] < SAME).sum(),
            "active": (low[:-1] > 1 - SAME).sum(),
            "constant": (high - low < SAME).sum(),
        }

    return jax.vmap(one)(tasks)
