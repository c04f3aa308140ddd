r"""Published learning rule of precise spike timing, as the gradient of an objective.

With the error :math:`e = (z - S_{out})/\Delta` held constant, both updates of the rule are the
gradient of :math:`\sum_t e[t] \cdot u_{out}[t]`, if the *whole* reset term is held constant
(`snn.ignored`):

.. math::
    \Delta W_{out} &= \sum_t psp(S_{hid})[t]\, e[t] \\
    \Delta W_{hid} &= \sum_t psp(x)[t]\, g(v_{hid}[t]) \cdot (\epsilon \star e)[t]\, W_{out}^T

with one difference: the published rule propagates the error back by the correlation
:math:`\epsilon \star` with the kernel :math:`0.2 (e^{-t/\tau_{mem}} - e^{-t/\tau_{syn}})`, while
differentiation uses the output neuron's postsynaptic potential. Both variants are implemented.
"""

import jax.numpy as jnp
from jax.lax import stop_gradient

import snn
from snn.noise import OffsetNoise
from snn.types import Noise, Params, Run
from snn.value_object import static, value_object

DELTA_U = 0.013
"""Width of the output's exponential escape noise, the scale of the rule's error."""


@value_object
class Rule(snn.Program):
    """Objective of the rule for a feed-forward network with one hidden layer, as a program.

    Descent follows minus the objective. ``loss`` is the van Rossum distance; the rule uses its
    target and kernel. Use the program with ``reset=snn.ignored``.

    Attributes:
        own_kernel: propagate the error back with the output neuron's postsynaptic potential.
    """

    network: snn.LIFNetwork
    loss: snn.losses.VanRossum
    own_kernel: bool = static(default=False)

    def __call__(self, params: Params, noise: Noise, spike: snn.Spike) -> Run:
        """Return one trial."""
        n_in, n_hidden, n_out = self.network.sizes
        hidden_escape, output_escape = self.network.escapes
        neuron = self.network.neuron
        hidden = snn.LIFNetwork((n_in, n_hidden), hidden_escape, neuron)
        output = snn.LIFNetwork((n_hidden, n_out), output_escape, neuron)

        s_hidden, hidden_trace = hidden(params[:1], self.x, noise, spike)
        below = s_hidden if self.own_kernel else stop_gradient(s_hidden)
        s_output, output_trace = output(params[1:], below, OffsetNoise(noise, layer=1), spike)

        error = stop_gradient((self.loss.target - s_output) / DELTA_U)
        objective = jnp.sum(error * output_trace[0].v)
        if not self.own_kernel:
            credit = self.loss.correlated(error) @ stop_gradient(params[1]["w"]).T
            objective += jnp.sum(credit * s_hidden)
        return Run(-objective, s_output, hidden_trace + output_trace)
