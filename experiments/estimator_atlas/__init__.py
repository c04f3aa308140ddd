"""Bias, variance and cost of every estimator, over depth, width, noise and loss (an extension)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from experiments.engine.base import (
    Data,
    Experiment,
    Quantity,
    band,
    exact,
    param,
    seeds_param,
    statistical,
)
from experiments.engine.errors import UserError

MISMATCHES = {"quarter": 0.25, "half": 0.5, "double": 2.0, "quadruple": 4.0}
"""Slope of the surrogate over that of the escape noise."""

# Means without error bar: these depend on the spikes alone, or on no noise at all.
BIASED = (
    "surrogate",
    *(f"surrogate_{name}" for name in MISMATCHES),
    "surrogate_superspike",
    "surrogate_gaussian",
    "surrogate_box",
    "surrogate_deterministic",
    "mean_field",
    "smoothed_right",
    "smoothed_left",
    "smoothed_two_sided",
    "path_sample_analytic",
    "finite_differences",
    "evolution_strategies",
)
UNBIASED = (
    "stochastic_ad",
    "stochastic_ad_few_flips",
    "disarm",
    "score_function",
    "score_function_no_baseline",
)
ESTIMATORS = BIASED + UNBIASED
REFERENCE = "stochastic_ad"
"""The estimator that others' variances are compared with."""

CHANCE = "an unbiased estimator has |z| > 5 once in a million networks"
MAX_WIDTH = 10


@dataclass
class EstimatorAtlas(Experiment):
    """Random layered networks of binary neurons with sigmoid escape noise, against exact gradients.

    All combinations of the lists are cells. In each, every estimator runs on the same networks
    and the same noise; cells of one depth and width share their weights, too. The loss is
    (1 - c) r.s + c (r.s - z)^2 / 2 of the output spikes s, with a random readout r and target z,
    and the curvature c.
    """

    NEEDS_X64: ClassVar[bool] = True

    depths: list[int] = param([2], "numbers of hidden layers", low=1)
    widths: list[int] = param([4], "neurons of each hidden layer", low=2, high=MAX_WIDTH)
    betas: list[float] = param(
        [4.0], "slope parameters of the escape noise", unit="1/potential", above=0
    )
    curvatures: list[float] = param(
        [1.0], "from a linear loss (0) to a quadratic one (1)", low=0, high=1
    )
    estimators: list[str] = param(
        list(ESTIMATORS), "estimators to compare, each by its name", choices=ESTIMATORS
    )
    n_networks: int = param(10, "random networks per seed", low=2)
    n_trials: int = param(2048, "trials per network and estimator", low=16)
    n_flips: int = param(2, "spikes flipped per trial by stochastic_ad_few_flips", low=1, high=4)
    epsilon: float = param(0.1, "step of the finite differences", above=0)
    sigma: float = param(0.1, "width of the evolution strategies' perturbations", above=0)
    gain: float = param(1.0, "standard deviation of the weights times sqrt(fan-in)", above=0)
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """Refuses lists that name a thing twice."""
        for name in ("depths", "widths", "betas", "curvatures", "estimators"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise UserError(
                    f"{path}.{name} lists one twice",
                    ",".join(map(str, values)),
                    "distinct values",
                    f"{path}.{name}=[{','.join(map(str, dict.fromkeys(values)))}]",
                )

    @property
    def cells(self) -> list[tuple[int, int, float, float]]:
        """Every depth, width, beta and curvature together, those of one shape side by side."""
        return [
            (depth, width, beta, curvature)
            for depth in self.depths
            for width in self.widths
            for beta in self.betas
            for curvature in self.curvatures
        ]

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Every estimator over all cells, and biased ones where they are best and worst."""
        quantities = {}
        for i, name in enumerate(self.estimators):
            # Each has axes of seeds, cells and networks.
            projection, se, cosine, bias, variance = (
                data[key][:, i]
                for key in ("projection", "projection_se", "cosine", "bias", "variance")
            )
            if name in UNBIASED:
                # Cells share their noise, networks do not.
                means, errors = projection.mean(axis=1), np.sqrt(np.mean(se**2, axis=1))
                error = np.sqrt(np.sum(errors**2)) / errors.size
                quantities[f"{name}_projection"] = statistical(means.mean(), error)
                # A zero error is no noise at all, or a flip that no trial happened to see.
                z = np.divide(np.abs(projection - 1), se, out=np.zeros_like(se), where=se > 0)
                quantities[f"{name}_max_abs_z"] = band(z.max(), 0, 5, CHANCE)
            else:
                for j, cell in enumerate(self.cells):
                    label = f"{name}_{cell_name(cell)}"
                    quantities[f"{label}_cosine"] = exact(cosine[:, j].mean(), 1e-5, 1e-6)
                    quantities[f"{label}_bias"] = exact(np.median(bias[:, j]), 1e-5, 1e-6)
            if name in UNBIASED and REFERENCE in self.estimators and np.all(variance > 0):
                least = data["variance"][:, self.estimators.index(REFERENCE)]
                # Networks differ more than estimators do: in pairs.
                logs = np.log10(variance / least).mean(axis=1).ravel()
                if name != REFERENCE:
                    quantities[f"{name}_log10_variance_ratio"] = statistical(*mean_se(logs))
        return quantities


def cell_name(cell: tuple[int, int, float, float]) -> str:
    """A cell in the names of quantities, as "d2_w4_b4_c1"."""
    return "_".join(f"{letter}{value:g}" for letter, value in zip("dwbc", cell, strict=True))


def mean_se(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard error of one number per network."""
    return float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5)
