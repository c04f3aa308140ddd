"""Networks written as flax.nnx modules, as programs of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
from jax import Array
from jax.tree_util import Partial

from snn.program import n_arguments
from snn.spike_function import Recorded, Steps
from snn.spikes import Spike
from snn.types import Noise, Params, Trace
from snn.value_object import static, value_object

if TYPE_CHECKING:
    from flax import nnx


@value_object
class NNXNetwork:
    """A flax.nnx module behind the interface of `snn.types.Network`. Made by `from_nnx`.

    Attributes:
        graph: the module's structure.
        treedef: the structure of its parameters.
        rest: whatever else the module holds; not differentiated.
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
    """Return a network of your own, and its parameters as a plain pytree.

    The module is split once. It must keep its randomness out. Its spikes come from the arguments
    of the first form below, or from `snn.SpikeFunction`.

    Args:
        module: one of three. ``module(x, noise, spike)`` returns ``(output, trace)``, with one
            `snn.types.LayerTrace` per spiking layer, numbered as in ``noise.draw(layer, ...)``;
            ``module(x)`` returns the output; with a ``state``, ``module(x[t], state)`` returns
            ``(output, state)``, as spyx's do.
        state: that before the first step, for one trial.

    Raises:
        ImportError: without flax, which is not installed along with this package.
        TypeError: for a module that is called otherwise.

    Returns:
        The network, for `snn.Program`, and its parameters: all `flax.nnx.Param` of the module.
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
    """`flax.nnx`, imported when a module is used and no sooner: nothing else needs flax."""
    try:
        from flax import nnx
    except ImportError as error:
        raise ImportError(
            "snn.from_nnx: flax is not installed, and modules of flax.nnx need it. Install it with "
            "`pip install flax`."
        ) from error
    return nnx
