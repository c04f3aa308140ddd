"""Line of code of a surrogate, in the user's own library."""

from snn_tools.rosetta import LIBRARIES, equivalent

HALVES = {
    "superspike": 2.0,
    "arctan": 2.0,
    "sigmoid": 2.197,
    "gaussian": 1.349,
    "triangle": 0.586,
    "exponential": 1.386,
}
"""Width of the middle half of each form's integral, in units of one over its slope.

The first form that a library has with a free width is used.
"""


def surrogate_line(half: float, library: str) -> str:
    """Return the code of a surrogate whose middle half has a given width.

    Args:
        half: width of the middle half of the integral, in units of the potential.
        library: name in `snn_tools.rosetta.LIBRARIES`; of other libraries the text is a formula.
    """
    half = max(half, 1e-6)
    if library not in LIBRARIES:
        return f"1 / (1 + {2 / half:.2g} |v|)^2"
    for form, width in HALVES.items():
        if (found := equivalent(form, float(f"{width / half:.2g}"), 1.0, library)) is not None:
            entry, value, _ = found
            if library == "snn":
                return f"snn.surrogate.{entry.name}({value:.2g})"
            if library == "norse":
                return f'LIFParameters(method="{entry.name}", alpha={value:.2g})'
            return LIBRARIES[library].written(entry, float(f"{value:.2g}"))
    raise ValueError(f"{library}: got no surrogate of free width, expected one of {list(HALVES)}.")
