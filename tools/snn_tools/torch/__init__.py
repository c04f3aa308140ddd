"""Examine PyTorch networks of snnTorch, SpikingJelly, norse or your own.

::

    from snn_tools.torch import Program, Sigmoid, examine
    print(examine(Program(net, forward, x, loss, Sigmoid(4.0))))

or ``python -m snn_tools.torch module:build``. JAX is not imported. See tools/docs/torch.md.
"""

from importlib.util import find_spec

if find_spec("torch") is None:
    raise ModuleNotFoundError(
        "snn_tools.torch: got no PyTorch, expected the package torch. "
        'Type: pip install . "./tools[torch]", from the root of the repository.'
    )

from snn_tools.torch.examination import examine as examine
from snn_tools.torch.gate import GradcheckError as GradcheckError
from snn_tools.torch.gate import assert_gradient_ok as assert_gradient_ok
from snn_tools.torch.gate import course as course
from snn_tools.torch.gate import gradcheck as gradcheck
from snn_tools.torch.monitor import Monitor as Monitor
from snn_tools.torch.program import Program as Program
from snn_tools.torch.spikes import Refused as Refused
from snn_tools.torch.spikes import Sigmoid as Sigmoid
