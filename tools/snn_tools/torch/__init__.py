"""Compare PyTorch networks of snnTorch, SpikingJelly or norse with their exact gradient.

::

    from snn_tools.torch import Sigmoid, compare
    print(compare(net, forward, x, loss, Sigmoid(4.0)))

or ``python -m snn_tools.torch module:build``. Neither JAX nor `snn` is imported. See
tools/docs/torch.md.
"""

from snn_tools.on_demand import on_demand

HOMES = {
    "Report": "examination",
    "compare": "examination",
    "examine": "examination",
    "Program": "program",
    "Refused": "spikes",
    "Sigmoid": "spikes",
}
INSTALL = 'PyTorch and SciPy. Install both with `pip install "./tools[torch]"`.'

# `python -m snn_tools.torch` explains a missing package in one line.
__getattr__ = on_demand(__name__, HOMES, ("torch", "scipy"), INSTALL)
