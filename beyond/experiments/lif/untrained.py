"""Networks of LIF neurons before training, whose gradients are measured."""

from typing import Annotated

import jax
from pydantic import Field

from beyond.experiments.lif.lif_task import LIFTask, lif_task
from experiments.engine.experiment import (
    Distinct,
    Experiment,
    OneOf,
    Seed,
    Size,
    param,
    seeds_param,
)
from experiments.neurons import NEURONS
from snn.types import Params


class Untrained(Experiment):
    """Parameters of a network before training; a seed is a network."""

    steps: Annotated[int, Field(ge=2, le=10_000)] = param(60, "duration, in time steps of 1 ms")
    recurrence: Annotated[float, Field(ge=0, lt=1)] = param(
        0.0, "share of the recurrent input in a potential's variance; 0: none"
    )
    neuron: Annotated[str, OneOf(NEURONS)] = param("LIF", "neuron of every layer")
    n_inputs: Size = param(20, "input neurons")
    n_hidden: Size = param(20, "hidden neurons")
    n_outputs: Size = param(10, "output neurons")
    seeds: Distinct[Seed] = seeds_param()

    def network(self, key: jax.Array, beta: float) -> tuple[LIFTask, Params]:
        """Return the program and the parameters of a network in noise of a slope."""
        sizes = (self.n_inputs, self.n_hidden, self.n_outputs)
        return lif_task(key, sizes, self.steps, beta, self.recurrence, self.neuron)

    def refuse_flips(self, most: int) -> None:
        """Refuse more flips than sites.

        Args:
            most: largest number of flips in a trial.

        Raises:
            ValueError: For more flips than sites.
        """
        n_sites = self.steps * (self.n_hidden + self.n_outputs)
        if most > n_sites:
            what, expected = "more flips than spike sites", f"1 to {n_sites}"
            raise ValueError(f"{what}: {self.given('n_flips')}; expected {expected}")
