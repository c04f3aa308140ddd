"""Networks that are flax.nnx modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
from jax import Array
from jax.tree_util import Partial

from snn.interop.spike_function import Recorded, Steps
from snn.program import n_arguments
from snn.spikes import Spike
from snn.types import Noise, Params, Trace
from snn.value_object import static, value_object

if TYPE_CHECKING:
    from flax import nnx


@value_object
class NNXNetwork:
    """Network that runs a flax.nnx module; `from_nnx` makes it.

    Attributes:
        graph: the module's structure.
        treedef: the structure of its parameters.
        rest: everything else in the module, which is not differentiated.
    """

    rest: Any
    graph: nnx.GraphDef = static()
    treedef: Any = static()

    def module(self, params: Params) -> Any:
        """Return the module with the given parameters."""
        state = jax.tree.unflatten(self.treedef, jax.tree.leaves(params))
        return _flax_nnx().merge(self.graph, state, self.rest)

    def __call__(self, params: Params, x: Array, noise: Noise, spike: Spike) -> tuple[Array, Trace]:
        """Run the module once with the given parameters."""
        return self.module(params)(x, noise, spike)


def from_nnx(module: nnx.Module, state: Any = None) -> tuple[NNXNetwork | Recorded | Steps, Params]:
    """Return a flax.nnx module as a network, and its parameters as a plain pytree.

    The module must not draw random numbers. It makes its spikes with the argument ``spike`` of the
    first form below, or with `snn.SpikeFunction`.

    Args:
        module: a module of one of three forms. ``module(x, noise, spike)`` returns
            ``(output, trace)``, with one `snn.types.LayerTrace` per spiking layer, numbered as in
            ``noise.draw(layer, ...)``. ``module(x)`` returns the output. With a ``state``,
            ``module(x[t], state)`` returns ``(output, state)``, as modules of spyx do.
        state: state before the first step, for one trial.

    Returns:
        The network, for `snn.Program`, and its parameters: all `flax.nnx.Param` of the module.

    Raises:
        ImportError: if flax is not installed; it is an optional dependency.
        TypeError: if the module has another form.
    """
    nnx = _flax_nnx()
    graph, params, rest = nnx.split(module, nnx.Param, ...)
    network = NNXNetwork(rest, graph, jax.tree.structure(params))
    pure, n = nnx.to_pure_dict(params), n_arguments(module)
    if state is not None and n == 2:
        return Steps(Partial(_step, network), state), pure
    if state is None and n in (1, 3):
        return (network if n == 3 else Recorded(Partial(_plain, network))), pure
    raise TypeError(
        f"snn.from_nnx: got a {type(module).__name__} of {n} arguments and "
        f"{'no' if state is None else 'a'} state, expected module(x, noise, spike) or module(x) "
        f"without one, or module(x, state) with the state before the first step."
    )


def _plain(network: NNXNetwork, params: Params, x: Array) -> Any:
    return network.module(params)(x)


def _step(network: NNXNetwork, params: Params, state: Any, x: Array) -> tuple[Any, Any]:
    output, state = network.module(params)(x, state)
    return state, output


def _flax_nnx() -> Any:
    """Import and return `flax.nnx`, which only modules need."""
    try:
        from flax import nnx
    except ImportError as error:
        raise ImportError(
            "snn.from_nnx: flax is not installed, and modules of flax.nnx need it. Install it with "
            "`pip install flax`."
        ) from error
    return nnx
