"""Is a spike function what its documentation says? Checks from outside, for any library.

A spike function is a step whose derivative is a surrogate. The checks see arrays alone: forward
value, derivative against what is claimed, peak, width, integral, symmetry and tails, finite numbers
in every precision, transformations, the chain rule, randomness. Adapters run functions of JAX
(`JaxFunction`), of PyTorch (`TorchFunction`) and pairs of numpy functions (`NumpyFunction`)::

    python -m snn.conformance mylib.surrogates
    pytest --spike-functions mylib.surrogates

A module that lists its functions can say what it claims::

    from snn.conformance import Claim, Form, JaxFunction, Subject

    SPIKE_FUNCTIONS = [
        Subject("mine", JaxFunction(mine), Claim(Form("superspike", beta=10))),
    ]
"""

from typing import Any

from snn.conformance.black_box import BlackBox as BlackBox
from snn.conformance.black_box import NotOffered as NotOffered
from snn.conformance.claim import Claim as Claim
from snn.conformance.forms import Form as Form
from snn.conformance.numpy_adapter import NumpyFunction as NumpyFunction
from snn.conformance.subject import Subject as Subject


def __getattr__(name: str) -> Any:
    """Adapters load their framework, and only when they are asked for."""
    if name == "JaxFunction":
        from snn.conformance.jax_adapter import JaxFunction

        return JaxFunction
    if name == "TorchFunction":
        from snn.conformance.torch_adapter import TorchFunction

        return TorchFunction
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
