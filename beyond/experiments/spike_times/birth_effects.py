r"""Two layers: surrogate gradient over true gradient against the effect of a birth.

Networks differ in the weight of a hidden spike onto the output. The mean of the SG and that of the
score function, which is unbiased, are simulated, and compared with closed forms. Hidden spikes are
few: with strong excitation the output intensity has heavy tails, and a sample's standard error
would be too small. `n_effective` is the diagnosis: the sum of the score estimates' squares,
squared, over that of their fourth powers.
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.two_layers import TwoLayers, matched, shrinkage
from experiments.engine.experiment import (
    Data,
    Distinct,
    Experiment,
    Quantity,
    Rising,
    Seed,
    array,
    exact,
    param,
    seeds_param,
    statistical,
)
from experiments.engine.progress import track
from experiments.statistics import pooled_mean


class BirthEffects(Experiment):
    """Simulates two layers and compares surrogate and true gradients."""

    effects: Rising[Annotated[float, Field(ge=-10, le=3)]] = param(
        [-3.0, -2.0, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0],
        "mean change x of the log output intensity by a hidden spike",
    )
    beta: Annotated[float, Field(gt=0, le=100)] = param(
        8.0, "slope of the noise", unit="1/potential"
    )
    w: Annotated[float, Field(gt=0, le=3)] = param(0.4, "input weight of the hidden neurons")
    n_hidden: Annotated[int, Field(ge=1, le=1000)] = param(1, "hidden neurons")
    n_trials: Annotated[int, Field(ge=100, le=10_000_000)] = param(100_000, "trials of a seed")
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "x": array("seed, network", "mean effect of a hidden spike on the log output intensity"),
        "exact": array("seed, network", "SG over truth, closed form"),
        "truth": array("seed, network", "true derivative, closed form", unit="1/ms"),
        **array("seed, network", "mean over trials", unit="1/ms").each("{}", ("score", "sg")),
        **array("seed, network", "standard error", unit="1/ms").each("{}_se", ("score", "sg")),
        "n_effective": array("seed, network", "effective number of trials of the score function"),
        "curve_x": array("seed, place", "effect of a birth"),
        "curve": array("seed, place", "SG over truth of one pair of spikes, x / (e^x - 1)"),
        "curve_two_sided": array("seed, place", "two-sided smoothing over truth of one pair"),
        "ratio": array("network, statistic", "SG over truth by simulation; mean, standard error"),
    }

    def compute(self, seed: int) -> Data:
        """Return closed forms and simulated means of every network."""
        rng = np.random.default_rng(seed)
        rows = []
        for x in track(self.effects, "networks"):
            noise = Exponential(self.beta)
            response = TwoLayers(self.w, 1 / self.beta, noise, self.n_hidden).typical
            network = TwoLayers(self.w, x / self.beta / response, noise, self.n_hidden)
            truth = network.derivative()
            row = {
                "x": network.typical,
                "exact": network.derivative(matched) / truth,
                "truth": truth,
            }
            for name, estimates in zip(
                ("score", "sg"), network.simulate(self.n_trials, rng), strict=True
            ):
                row[name] = estimates.mean()
                row[f"{name}_se"] = estimates.std() / self.n_trials**0.5
                if name == "score":
                    row["n_effective"] = np.sum(estimates**2) ** 2 / np.sum(estimates**4)
            rows.append(row)
        place = np.linspace(min(self.effects) - 0.5, max(self.effects) + 0.5, 101)
        data = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        half = place / 2
        two = np.where(np.abs(half) < 1e-8, 1.0, half / np.where(half == 0, 1, np.tanh(half)))
        return data | {"curve_x": place, "curve": shrinkage(place), "curve_two_sided": two}

    def pooled(self, data: Data) -> Data:
        """Return the ratio of simulated means over all seeds, with its standard error."""
        sg, sg_se = pooled_mean(data["sg"], data["sg_se"])
        score, score_se = pooled_mean(data["score"], data["score_se"])
        ratio = sg / score
        se = np.abs(ratio) * np.hypot(sg_se / sg, score_se / score)
        return {"ratio": np.stack([ratio, se], axis=-1)}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return closed forms, and simulated means minus closed forms in their standard errors."""
        quantities = {}
        sg, sg_se = pooled_mean(data["sg"], data["sg_se"])
        score, score_se = pooled_mean(data["score"], data["score_se"])
        truth, exact_ratio = data["truth"][0], data["exact"][0]
        for i, x in enumerate(self.effects):
            quantities[f"ratio_{x:g}"] = exact(exact_ratio[i])
            quantities[f"sg_off_{x:g}"] = statistical(
                sg[i] / (truth[i] * exact_ratio[i]) - 1, sg_se[i] / abs(truth[i] * exact_ratio[i])
            )
            quantities[f"score_off_{x:g}"] = statistical(
                score[i] / truth[i] - 1, score_se[i] / abs(truth[i])
            )
        quantities["n_effective"] = exact(data["n_effective"].sum(axis=0).min(), rtol=0.5)
        return quantities
