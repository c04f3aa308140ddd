"""Truth for PyTorch: networks of snnTorch, SpikingJelly or norse against their exact gradient.

::

    from snn_tools.torch import Sigmoid, compare
    print(compare(net, forward, x, loss, Sigmoid(4.0)))

or ``python -m snn_tools.torch module:build``. Neither JAX nor `snn` is imported. See
tools/docs/torch.md.
"""

from snn_tools.torch.examination import Report as Report
from snn_tools.torch.examination import compare as compare
from snn_tools.torch.examination import examine as examine
from snn_tools.torch.program import Program as Program
from snn_tools.torch.spikes import Refused as Refused
from snn_tools.torch.spikes import Sigmoid as Sigmoid
