"""Parameters of the neuron in figure 11 b and d: one input spike, and a reward for spikes."""

from typing import Annotated

from pydantic import Field

from experiments.engine.experiment import Distinct, Experiment, Positive, Rising, param


class OneNeuron(Experiment):
    """A neuron with one input spike at time 0, at several input weights and slopes of the noise."""

    weights: Distinct[Annotated[float, Field(gt=0.1, le=3.0)]] = param(
        [0.95, 1.2], "input weights, in units of the threshold"
    )
    betas: Rising[Annotated[float, Field(gt=0, le=200)]] = param(
        [2.5, 5.0, 10.0, 20.0, 40.0, 80.0], "slopes of the noise", unit="1/potential"
    )
    target: Positive = param(10.0, "time near which spikes are rewarded", unit="ms")
    width: Annotated[float, Field(gt=0.1)] = param(4.0, "width of the reward", unit="ms")
    duration: Annotated[float, Field(gt=1, le=100)] = param(16.0, "length of a trial", unit="ms")
