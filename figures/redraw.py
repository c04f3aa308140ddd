"""Redraws a figure from its committed numbers: no JAX, no computation.

python -m figures.redraw figures/reference/fig4.npz fig4.pdf
"""

import sys
from pathlib import Path

import numpy as np

from figures.drawing import draw, unpack


def main(arguments: list[str]) -> int:
    """Reads a figure's .npz and writes the picture named beside it."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    source, target = Path(arguments[0]), Path(arguments[1])
    if not source.is_file():
        print(f"error: there is no file {source}", file=sys.stderr)
        return 2
    with np.load(source, allow_pickle=False) as arrays:
        data, stamp = unpack(arrays)
    draw(source.stem, data, stamp, [target])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
