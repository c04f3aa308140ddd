"""Networks written as flax.nnx modules, as programs of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
from jax import Array

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

    def __call__(self, params: Params, x: Array, noise: Noise, spike: Spike) -> tuple[Array, Trace]:
        """Runs the module once with the given parameters."""
        state = jax.tree.unflatten(self.treedef, jax.tree.leaves(params))
        return _flax_nnx().merge(self.graph, state, self.rest)(x, noise, spike)


def from_nnx(module: nnx.Module) -> tuple[NNXNetwork, Params]:
    """A network of your own, and its parameters as a plain pytree.

    The module is split once. It must keep its randomness out: noise arrives as an argument.

    Args:
        module: called as ``module(x, noise, spike)``, it returns ``(output, trace)``, with one
            `snn.types.LayerTrace` per spiking layer, numbered as in ``noise.draw(layer, ...)``.

    Raises:
        ImportError: without flax, which is not installed along with this package.

    Returns:
        The network, for `snn.Program`, and its parameters: all `flax.nnx.Param` of the module.
    """
    nnx = _flax_nnx()
    graph, params, rest = nnx.split(module, nnx.Param, ...)
    return NNXNetwork(rest, graph, jax.tree.structure(params)), nnx.to_pure_dict(params)


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
