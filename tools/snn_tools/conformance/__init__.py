"""Check whether a spike function of JAX or PyTorch computes what its documentation claims.

A spike function is a step whose derivative is a surrogate::

    from snn_tools.conformance import Claim, Form, Subject, JaxFunction, table
    print(table([Subject("mine", JaxFunction(mine), Claim(Form("superspike", beta=10)))]))

or ``python -m snn_tools.conformance mylib.surrogates``, a module with a list ``SPIKE_FUNCTIONS`` of
such subjects. See tools/docs/conformance.md.
"""

from snn_tools.conformance.checks import CHECKS as CHECKS
from snn_tools.conformance.checks import run as run
from snn_tools.conformance.checks import table as table
from snn_tools.conformance.forms import Form as Form
from snn_tools.conformance.function import Claim as Claim
from snn_tools.conformance.function import Subject as Subject
from snn_tools.shared.on_demand import on_demand

# An adapter loads its framework.
__getattr__ = on_demand(
    __name__, {"JaxFunction": "jax_adapter", "TorchFunction": "torch_adapter"}, ("jax", "torch")
)
