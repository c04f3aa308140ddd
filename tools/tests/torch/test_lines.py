"""The table of lines to train with: widths are those of the installed libraries."""

import pytest

from snn_tools.shared.lines import LINES
from tools.tests.torch.libraries import norse, snntorch, surrogate, torch

from snn_tools.torch.shapes import shape_of  # isort: skip

PARAMETER = 5.0


def of_norse(v):
    from norse.torch.functional.threshold import threshold

    return threshold(v, "tanh", PARAMETER)


FUNCTIONS = {
    "snntorch": lambda: snntorch.surrogate.fast_sigmoid(slope=PARAMETER),
    "spikingjelly": lambda: surrogate.SoftSign(alpha=PARAMETER),
    "norse": lambda: of_norse,
}


@pytest.mark.parametrize("library", FUNCTIONS)
def test_widths_are_those_of_the_installed_libraries(library):
    assert norse.LIFParameters(method="tanh", alpha=PARAMETER).alpha == PARAMETER
    half = shape_of(FUNCTIONS[library](), torch.zeros(1, dtype=torch.float64)).half
    assert half * PARAMETER == pytest.approx(LINES[library].half, rel=2e-3)
