"""Check whether a spike function of any library computes what its documentation claims.

A spike function is a step whose derivative is a surrogate. The checks use arrays alone: forward
value, derivative against the claim, peak, width, integral, symmetry and tails, finite numbers
in every precision, transformations, the chain rule, randomness. Adapters run functions of JAX
(`JaxFunction`), of PyTorch (`TorchFunction`) and pairs of numpy functions (`NumpyFunction`)::

    python -m snn_tools.conformance mylib.surrogates
    pytest --spike-functions mylib.surrogates

A module that lists its functions can add its claims::

    from snn_tools.conformance import Claim, Form, JaxFunction, Subject

    SPIKE_FUNCTIONS = [
        Subject("mine", JaxFunction(mine), Claim(Form("superspike", beta=10))),
    ]
"""

from snn_tools.conformance.black_box import ADAPTERS
from snn_tools.conformance.black_box import BlackBox as BlackBox
from snn_tools.conformance.black_box import NotOffered as NotOffered
from snn_tools.conformance.black_box import NumpyFunction as NumpyFunction
from snn_tools.conformance.forms import Form as Form
from snn_tools.conformance.results import check as check
from snn_tools.conformance.results import table as table
from snn_tools.conformance.subject import Claim as Claim
from snn_tools.conformance.subject import Subject as Subject
from snn_tools.shared.on_demand import on_demand

# An adapter loads its framework.
__getattr__ = on_demand(__name__, {name: f"{module}_adapter" for module, name in ADAPTERS.items()})
