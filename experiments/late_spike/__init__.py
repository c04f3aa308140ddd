"""A spike whose derivative depends on the neuron's own past: the case of two experiments."""

from dataclasses import dataclass

from experiments.engine.base import Experiment, param


@dataclass
class LateSpike(Experiment):
    """A leaky integrate-and-fire neuron that is driven in every step, and one of its late spikes.

    A larger weight makes it fire earlier; the reset then keeps it from firing at the late step.
    """

    beta: float = param(
        10.0, "steepness of escape noise and surrogate", unit="1/potential", above=0
    )
    tau_mem: float = param(10e-3, "membrane time constant", unit="s", above=0)
    tau_syn: float = param(5e-3, "synaptic time constant", unit="s", above=0)
    dt: float = param(1e-3, "time step", unit="s", above=0)
    weight: float = param(1.0, "weight of the input that spikes in every step")
    late_step: int = param(7, "step of the late spike", low=2, high=12)
