"""How many evaluations of a network each estimator of its gradient needs."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Experiment, Quantity, exact, param
from experiments.engine.errors import UserError

METHODS = (
    "enumeration",
    "transfer_matrix",
    "stochastic_ad",
    "stochastic_ad_few_flips",
    "surrogate",
)
MAX_SITES = 16


@dataclass
class EvaluationCost(Experiment):
    """Evaluations per gradient, as each estimator counts them, in growing networks.

    Layered networks have hidden layers that share the hidden units, and one output. Recurrent
    networks are one layer of LIF neurons; there the number of time steps grows.
    """

    hidden: list[int] = param(
        [4, 5, 6, 8, 10, 12, 14],
        "hidden units of the layered networks",
        low=1,
        high=MAX_SITES - 1,
    )
    hidden_layers: int = param(4, "hidden layers that share them", low=1)
    n_flips: int = param(2, "spikes flipped per trial by stochastic_ad_few_flips", low=1)
    recurrent_neurons: int = param(2, "neurons of the recurrent network", low=1)
    steps: list[int] = param([1, 2, 3, 4, 5, 6, 7], "time steps of the recurrent network", low=1)

    def validate(self, path: str) -> None:
        """Refuses more flips than the smallest network has neurons, and too long runs."""
        for name in ("hidden", "steps"):
            values = getattr(self, name)
            growing = sorted(set(values))
            if len(values) < 2 or values != growing:
                raise UserError(
                    f"{path}.{name} must grow",
                    f"{name}={values}",
                    "two or more distinct numbers, the smallest first",
                    f"{path}.{name}={growing if len(growing) > 1 else [4, 5]}".replace(" ", ""),
                )
        if self.hidden[0] < self.hidden_layers:
            raise UserError(
                f"{path}.hidden_layers: a hidden layer would be empty",
                f"hidden={self.hidden}, hidden_layers={self.hidden_layers}",
                "at least one hidden unit per layer",
                f"{path}.hidden_layers={self.hidden[0]}",
            )
        smallest = self.hidden[0] + 1
        if self.n_flips > smallest:
            raise UserError(
                f"{path}.n_flips: more flips than neurons in the smallest network",
                f"n_flips={self.n_flips}, hidden={self.hidden}",
                f"1 to {smallest}: {self.hidden[0]} hidden units and one output",
                f"{path}.n_flips={smallest}",
            )
        sites = self.recurrent_neurons * self.steps[-1]
        if sites > MAX_SITES:
            raise UserError(
                f"{path}.steps: too many spike sites in the recurrent network",
                f"{self.recurrent_neurons} neurons and {self.steps[-1]} steps, that is {sites} "
                f"sites and 2^{sites} spike patterns",
                f"at most {MAX_SITES} sites (2^{MAX_SITES} patterns)",
                f"{path}.recurrent_neurons=2 {path}.steps=[1,2,3,4]",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """What one more hidden unit, or one more time step, costs."""
        cost = dict(zip(METHODS, data["layered"], strict=True))
        units = self.hidden[-1] - self.hidden[-2]
        steps = self.steps[-1] - self.steps[-2]

        def ratio(counts: np.ndarray, n: int) -> Quantity:
            return exact((counts[-1] / counts[-2]) ** (1 / n))

        return {
            "enumeration_cost_ratio": ratio(cost["enumeration"], units),
            "sg_cost_ratio": ratio(cost["surrogate"], units),
            "few_flips_cost_ratio": ratio(cost["stochastic_ad_few_flips"], units),
            "stochastic_ad_cost_step": exact(
                (cost["stochastic_ad"][-1] - cost["stochastic_ad"][-2]) / units
            ),
            "recurrent_cost_ratio_per_step": ratio(data["recurrent"], steps),
        }
