"""Check whether a spike function of JAX or PyTorch computes what its documentation claims.

A spike function is a step whose derivative is a surrogate::

    from snn_tools.conformance import Claim, Subject, JaxFunction, table
    superspike = lambda v: 1 / (1 + 10 * abs(v)) ** 2
    print(table([Subject("mine", JaxFunction(mine), Claim(superspike))]))

See tools/docs/conformance.md.
"""

from typing import Any

from snn_tools.conformance.checks import CHECKS as CHECKS
from snn_tools.conformance.checks import Claim as Claim
from snn_tools.conformance.checks import Subject as Subject
from snn_tools.conformance.checks import run as run
from snn_tools.conformance.checks import table as table


def __getattr__(name: str) -> Any:
    """Import an adapter with its framework on first use."""
    if name == "JaxFunction":
        from snn_tools.conformance.jax_adapter import JaxFunction

        return JaxFunction
    if name == "TorchFunction":
        from snn_tools.conformance.torch_adapter import TorchFunction

        return TorchFunction
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
