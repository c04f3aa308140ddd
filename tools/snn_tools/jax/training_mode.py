"""Refuse modules of flax.nnx in training mode, such as dropout and batch norm."""

import jax

from snn.interop.nnx import NNXNetwork
from snn_tools.jax.problem import Problem

SETTINGS = {"deterministic": False, "use_running_average": False}
"""Settings of a layer in training mode: of dropout, and of batch norm."""


def refuse_training_mode(problem: Problem) -> None:
    """Refuse a network with a module of flax.nnx in training mode.

    Raises:
        ValueError: if a layer draws noise or updates statistics during a forward pass. Both would
            fail inside flax while JAX traces the network.
    """
    parts = jax.tree.leaves(problem.program.network, is_leaf=lambda x: isinstance(x, NNXNetwork))
    for network in parts:
        if not isinstance(network, NNXNetwork):
            continue
        from flax import nnx

        for path, layer in nnx.iter_modules(network.module(problem.params)):
            settings = [k for k, value in SETTINGS.items() if getattr(layer, k, None) is value]
            # A dropout of rate 0 draws nothing.
            if settings and getattr(layer, "rate", 1.0) != 0:
                name = ".".join(map(str, path)) or "module"
                raise ValueError(
                    f"network: got {name} ({type(layer).__name__}) in training mode "
                    f"({settings[0]}=False), expected a module whose forward pass draws no noise "
                    f"of its own and changes no statistics: call module.eval() before "
                    f"snn.from_nnx(module)."
                )
