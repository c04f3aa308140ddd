"""PyTorch and its libraries of spiking networks; without them, what imports this is skipped."""

import warnings

import pytest

REASON = "PyTorch and its libraries are not installed: make torch"

with warnings.catch_warnings(action="ignore"):
    torch = pytest.importorskip("torch", reason=REASON)
    snntorch = pytest.importorskip("snntorch", reason=REASON)
    norse = pytest.importorskip("norse.torch", reason=REASON)
    pytest.importorskip("spikingjelly", reason=REASON)
    from spikingjelly.activation_based import functional as functional
    from spikingjelly.activation_based import neuron as neuron
    from spikingjelly.activation_based import surrogate as surrogate

# Of arrays as small as these, two threads on a busy machine take twenty times as long as one.
torch.set_num_threads(1)
