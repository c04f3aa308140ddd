"""Examine PyTorch networks of snnTorch, SpikingJelly, norse or your own.

::

    from snn_tools.torch import Program, Sigmoid, examine
    print(examine(Program(net, forward, x, loss, Sigmoid(4.0))))

or ``python -m snn_tools.torch module:build``. JAX is not imported. See tools/docs/torch.md.
"""

from snn_tools.shared.on_demand import on_demand

HOMES = {
    "assert_gradient_ok": "gate",
    "compare": "examination",
    "course": "gate",
    "examine": "examination",
    "gradcheck": "gate",
    "GradcheckError": "gate",
    "Monitor": "monitor",
    "Program": "program",
    "Refused": "spikes",
    "Sigmoid": "spikes",
}
INSTALL = 'PyTorch, SciPy and the core. Install them with `pip install . "./tools[torch]"`.'

# `python -m snn_tools.torch` explains a missing package in one line.
__getattr__ = on_demand(__name__, HOMES, ("torch", "scipy", "snn"), INSTALL)
