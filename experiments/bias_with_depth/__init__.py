"""The exact bias of the surrogate gradient in random networks, against depth and noise."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import (
    Data,
    Experiment,
    Quantity,
    exact,
    param,
    seeds_param,
    statistical,
)
from experiments.engine.errors import UserError
from experiments.stochastic_mlp import check_sizes


@dataclass
class BiasWithDepth(Experiment):
    """Bias of the matched surrogate gradient in the first layer of random networks.

    Both sides are exact: the expected surrogate gradient by enumeration, the gradient by transfer
    matrices. Only the networks are random.
    """

    depths: list[int] = param([0, 1, 2, 3, 4], "numbers of hidden layers", low=0)
    width: int = param(2, "neurons of each hidden layer", low=1)
    x: list[float] = param([1.0, 1.0], "the input, one number per input neuron")
    betas: list[float] = param(
        [1.0, 4.0, 16.0],
        "slope parameters of the sigmoid escape noise",
        unit="1/potential",
        above=0,
    )
    gain: float = param(1.0, "standard deviation of the weights times sqrt(fan-in)", above=0)
    n_networks: int = param(100, "random networks per seed", low=2)
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """Refuses networks that cannot be enumerated, and depths out of order."""
        for depth in self.depths:
            sizes = [len(self.x), *[self.width] * depth, 1]
            check_sizes(sizes, f"{path}.depths=[0,1,2] {path}.width=2")
        if max(self.depths) < 1:
            raise UserError(
                f"{path}.depths: no network has a hidden layer",
                f"depths={self.depths}",
                "one depth of 1 or more",
                f"{path}.depths=[0,1,2]",
            )
        for name in ("depths", "betas"):
            values = getattr(self, name)
            if values != sorted(set(values)):
                raise UserError(
                    f"{path}.{name} are not in increasing order",
                    f"{name}={values}",
                    "distinct numbers, the smallest first",
                    f"{path}.{name}={sorted(set(values))}".replace(" ", ""),
                )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """The bias where it must vanish, and where it is largest."""
        # (beta, depth, network), the networks of all seeds side by side.
        bias, norm, wrong = (
            np.concatenate(data[name], axis=-1) for name in ("bias", "norm", "wrong_sign")
        )
        quantities = {}
        for i, depth in enumerate(self.depths):
            if depth == 0:
                quantities["no_hidden_layer_max_bias"] = exact(bias[:, i].max(), atol=1e-10)
            elif depth == 1:
                quantities["one_hidden_layer_wrong_signs"] = exact(wrong[:, i].max())
        if self.depths[-1] > 1:
            relative = np.log10(bias[:, -1] / norm[:, -1])
            for label, row in (("smallest", 0), ("largest", -1)):
                quantities[f"deepest_log10_bias_{label}_beta"] = mean_over_networks(relative[row])
            quantities["deepest_wrong_signs_largest_beta"] = mean_over_networks(wrong[-1, -1])
        return quantities


def mean_over_networks(values: np.ndarray) -> Quantity:
    """The mean of one number per network, over those that have one."""
    values = values[np.isfinite(values)]
    return statistical(values.mean(), values.std(ddof=1) / len(values) ** 0.5)
