"""Every estimator's gradient of one multi-layer stochastic network, against the exact one."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Quantity, band, exact, param, seeds_param, statistical
from experiments.engine.errors import UserError
from experiments.stochastic_mlp import StochasticMLP

ESTIMATORS = (
    "surrogate",
    "smoothed_straight_through",
    "smoothed_right",
    "smoothed_left",
    "smoothed_two_sided",
    "mean_field",
    "stochastic_ad",
    "stochastic_ad_right",
    "stochastic_ad_left",
    "stochastic_ad_two_sided",
    "stochastic_ad_few_flips",
    "score_function",
    "score_function_no_baseline",
)
UNBIASED = ("stochastic_ad", "score_function")
CHANCE = "an unbiased estimator has |z| > 5 once in a million parameters"


@dataclass
class MultilayerDerivatives(StochasticMLP):
    """Bias and variance of gradient estimators in a stochastic multi-layer network."""

    estimators: list[str] = param(
        list(ESTIMATORS), "estimators to compare, each by its name", choices=ESTIMATORS
    )
    n_trials: int = param(4096, "trials per seed and estimator", low=16)
    n_flips: int = param(2, "spikes flipped per trial by stochastic_ad_few_flips", low=1)
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """Refuses more flips than there are neurons, and an estimator listed twice."""
        super().validate(path)
        if self.n_flips > self.n_sites:
            raise UserError(
                f"{path}.n_flips: more flips than neurons",
                f"n_flips={self.n_flips}, sizes={self.sizes} with {self.n_sites} neurons",
                f"1 to {self.n_sites}",
                f"{path}.n_flips={self.n_sites}",
            )
        if len(set(self.estimators)) < len(self.estimators):
            raise UserError(
                f"{path}.estimators lists one twice",
                ",".join(self.estimators),
                "distinct names",
                f"{path}.estimators=[{','.join(dict.fromkeys(self.estimators))}]",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Biases that are known exactly, and z-scores of what was sampled."""
        gradient = data["exact"][0]
        expected = dict(zip(self.estimators, data["expected"][0], strict=True))
        z = {name: np.abs(scores).max() for name, scores in z_scores(self.estimators, data)}
        quantities = {
            "oracle_disagreement": exact(data["oracle_disagreement"][0], atol=1e-10),
        }
        for name, mean in expected.items():
            if np.isfinite(mean).all():
                bias = np.linalg.norm(mean - gradient) / np.linalg.norm(gradient)
                quantities[f"{short(name)}_relative_bias"] = exact(float(bias), atol=1e-10)
        if "surrogate" in z:
            wrong = np.mean(expected["surrogate"] * gradient < 0)
            quantities["sg_wrong_sign_fraction"] = exact(wrong)
            # The standard error of a z-score is 1.
            quantities["sg_max_abs_z"] = statistical(z["surrogate"], 1.0)
        for family in UNBIASED:
            scores = [value for name, value in z.items() if name.startswith(family)]
            if scores:
                quantities[f"{family}_max_abs_z"] = band(max(scores), 0, 5, CHANCE)
        return quantities


def z_scores(names: list[str], data: Data) -> Iterator[tuple[str, np.ndarray]]:
    """The z-score of each estimator's mean over all seeds, parameter by parameter."""
    mean = data["mean"].mean(axis=0)
    se = np.sqrt(np.sum(data["se"] ** 2, axis=0)) / len(data["se"])
    for name, m, s in zip(names, mean, se, strict=True):
        if s.any():
            difference = m - data["exact"][0]
            yield name, np.divide(difference, s, out=np.zeros_like(s), where=s > 0)


def short(name: str) -> str:
    """The name of an estimator in the names of quantities."""
    return "sg" if name == "surrogate" else name
