"""Parameters of the neuron in figure 11 b and d: one input spike, and a reward for spikes."""

from dataclasses import dataclass

from experiments.engine.declare.experiment import Experiment, param


@dataclass
class OneNeuron(Experiment):
    """A neuron with one input spike at time 0, at several input weights and slopes of the noise."""

    weights: list[float] = param(
        [0.95, 1.2], "input weights, in units of the threshold", above=0.1, high=3.0, distinct=True
    )
    betas: list[float] = param(
        [2.5, 5.0, 10.0, 20.0, 40.0, 80.0],
        "slopes of the noise",
        unit="1/potential",
        above=0,
        high=200,
        rising=True,
    )
    target: float = param(10.0, "time near which spikes are rewarded", unit="ms", above=0)
    width: float = param(4.0, "width of the reward", unit="ms", above=0.1)
    duration: float = param(16.0, "length of a trial", unit="ms", above=1, high=100)
