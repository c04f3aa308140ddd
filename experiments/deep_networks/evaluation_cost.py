"""Number of network evaluations that each gradient estimator makes."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.ad_checkpoint import checkpoint_name
from jax.interpreters.partial_eval import dce_jaxpr
from pydantic import Field

import snn
from experiments.engine.experiment import (
    Count,
    Data,
    Experiment,
    Quantity,
    Rising,
    array,
    at,
    exact,
    param,
)
from experiments.engine.progress import track
from experiments.estimators import estimator
from snn.estimators.base import Estimator, jaxprs_in
from snn.estimators.transfer_matrix import transitions
from snn.types import Params

MAX_SITES = snn.ExactEnumeration().max_sites
METHODS = (
    "exact_enumeration",
    "transfer_matrix",
    "stochastic_ad",
    "stochastic_ad_few_flips",
    "surrogate",
)

LOSS = "loss of a run"
"""Name of a loss in a traced gradient."""


class EvaluationCost(Experiment):
    """Evaluations per gradient, counted in the traced computation, in growing networks.

    Layered networks spread the hidden units over hidden layers and have one output. Recurrent
    networks are one layer of LIF neurons; their number of time steps grows.
    """

    hidden: Rising[Annotated[int, Field(ge=1, le=MAX_SITES - 1)]] = param(
        [4, 5, 6, 8, 10, 12, 14], "hidden units of the layered networks"
    )
    hidden_layers: Count = param(4, "hidden layers of the layered networks")
    n_flips: Count = param(2, "spikes flipped per trial by stochastic_ad_few_flips")
    recurrent_neurons: Count = param(2, "neurons of the recurrent network")
    steps: Rising[Count] = param([1, 2, 3, 4, 5, 6, 7], "time steps of the recurrent network")

    ARRAYS = {
        "hidden": array("network", "hidden units of the layered networks"),
        "n_flips": array("", "flips of stochastic_ad_few_flips"),
        "steps": array("run", "time steps of the recurrent network"),
        "recurrent": array("run", "evaluations by enumeration"),
        "recurrent_neurons": array("", "neurons of the recurrent network"),
        **array(
            "network", "evaluations per trial; of transfer_matrix, entries of the matrices"
        ).each("{}", METHODS),
    }

    def check(self) -> None:
        """Refuse more flips than the smallest network has neurons, and too many spike sites.

        Raises:
            ValueError: For more flips than the smallest network has neurons, and too many spike
                sites.
        """
        for name in ("hidden", "steps"):
            if len(getattr(self, name)) < 2:
                raise ValueError(f"a single size cannot show growth: {self.given(name)}")
        least = self.hidden[0]
        if least < self.hidden_layers:
            names = self.given("hidden_layers", "hidden")
            raise ValueError(f"a hidden layer would be empty: {names}")
        if self.n_flips > least + 1:
            expected = f"expected 1 to {least + 1}: {least} hidden units and one output"
            raise ValueError(f"more flips than neurons: {self.given('n_flips')}; {expected}")
        sites = self.recurrent_neurons * self.steps[-1]
        if sites > MAX_SITES:
            raise ValueError(
                f"2^{sites} patterns of {sites} spike sites are too many to enumerate: "
                f"{self.given('steps', 'recurrent_neurons')}; expected at most {MAX_SITES} sites, "
                "recurrent_neurons times the last of steps"
            )

    def compute(self, seed: None) -> Data:
        """Count the evaluations of each estimator for one gradient, by size of the network."""
        estimators = {name: estimator(name, n_flips=self.n_flips) for name in METHODS}
        layered = {
            name: np.array([cost(method, *mlp(n, self.hidden_layers)) for n in self.hidden])
            for name, method in track(estimators.items(), "estimators")
        }
        recurrent = [
            cost(estimators["exact_enumeration"], *recurrent_lif(self.recurrent_neurons, n))
            for n in self.steps
        ]
        return {
            "hidden": np.array(self.hidden),
            **layered,
            "n_flips": np.array(self.n_flips),
            "steps": np.array(self.steps),
            "recurrent": np.array(recurrent),
            "recurrent_neurons": np.array(self.recurrent_neurons),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Summarise the cost of an additional hidden unit or time step."""
        units = self.hidden[-1] - self.hidden[-2]
        steps = self.steps[-1] - self.steps[-2]

        def ratio(counts: np.ndarray, n: int) -> Quantity:
            return exact((counts[-1] / counts[-2]) ** (1 / n))

        return {
            **{
                at("cost_ratio", name): ratio(data[name], units)
                for name in ("exact_enumeration", "surrogate", "stochastic_ad_few_flips")
            },
            at("cost_step", "stochastic_ad"): exact(
                (data["stochastic_ad"][-1] - data["stochastic_ad"][-2]) / units
            ),
            "recurrent_cost_ratio_per_step": ratio(data["recurrent"], steps),
        }


def cost(method: Estimator, program: snn.Program, init: Callable[[Array], Params]) -> float:
    """Count the evaluations of the program for one gradient from one trial.

    Nothing is executed or compiled: the count depends on shapes alone.

    Args:
        method: The estimator.
        program: The network with its loss.
        init: Function that draws parameters from a key.

    Returns:
        Forward passes per trial.
    """
    key = jax.random.key(0)
    params = jax.eval_shape(init, key)
    if isinstance(method, snn.TransferMatrix):
        layers = jax.eval_shape(lambda p: transitions(program, p, method.max_width), params)
        return float(sum(layer.probability.size for layer in layers))
    noise = jax.eval_shape(lambda p: snn.draw_noise(program, p, key, 1), params)
    named = replace(program, loss=lambda output: checkpoint_name(program.loss(output), LOSS))
    traced = jax.make_jaxpr(partial(method, named))(params, noise, key)
    # Leave out computations that the gradient does not need, as XLA does.
    needed, _ = dce_jaxpr(traced.jaxpr, True)
    return float(n_losses(needed))


def n_losses(jaxpr: Any) -> int:
    """Count the losses of single runs that a traced function computes.

    Raises:
        ValueError: if losses are computed in a loop or branch of unknown length.
    """
    n = 0
    for eqn in jaxpr.eqns:
        inner = jaxprs_in(eqn)
        losses = sum(map(n_losses, inner))
        if losses and len(inner) > 1:
            raise ValueError(
                f"losses in a {eqn.primitive.name}: got an unknown number of passes, "
                f"expected loops of known length. Count the evaluations while it runs."
            )
        if eqn.primitive.name == "name" and eqn.params["name"] == LOSS:
            losses = eqn.outvars[0].aval.size
        n += losses * eqn.params.get("length", 1)
    return n


def mlp(hidden: int, layers: int) -> tuple[snn.Program, Callable[[Array], Params]]:
    """Return a network with evenly filled hidden layers and one output."""
    widths = [(hidden + i) // layers for i in range(layers)]
    network = snn.MLP((2, *widths, 1), snn.escape.Sigmoid(4.0))
    return snn.Program(network, jnp.ones(2), snn.losses.Linear()), network.init


def recurrent_lif(neurons: int, steps: int) -> tuple[snn.Program, Callable[[Array], Params]]:
    """Return a layer of recurrent LIF neurons under constant input."""
    network = snn.LIFNetwork((1, neurons), snn.escape.Sigmoid(4.0), recurrent=True)
    program = snn.Program(network, jnp.ones((steps, 1)), snn.losses.Linear())
    return program, lambda key: network.init(key, rate=100.0)
