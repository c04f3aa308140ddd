"""Table of surrogates to train with, by library: the line of code that advice and pages print."""

from typing import NamedTuple


class Line(NamedTuple):
    """Surrogate of a library whose width is free.

    Attributes:
        code: line of code, with ``{:.2g}`` in place of the parameter.
        half: width of the middle half of the integral, times the parameter.
    """

    code: str
    half: float


LINES = {
    "snn": Line("snn.surrogate.SuperSpike({:.2g})", 2.0),
    "snntorch": Line("snntorch.surrogate.fast_sigmoid(slope={:.2g})", 2.0),
    "spikingjelly": Line("spikingjelly.activation_based.surrogate.SoftSign(alpha={:.2g})", 2.0),
    # The width of norse's "super" is fixed, whatever its alpha.
    "norse": Line('LIFParameters(method="tanh", alpha={:.2g})', 1.0986),
}


def surrogate_line(half: float, library: str) -> str:
    """Return the code of a surrogate whose middle half has a given width.

    Args:
        half: width of the middle half of the integral, in units of the potential.
        library: name in `LINES`; of other libraries the text is a formula.
    """
    half = max(half, 1e-6)
    if library not in LINES:
        return f"1 / (1 + {2 / half:.2g} |v|)^2"
    return LINES[library].code.format(LINES[library].half / half)
