"""Draw figure 6's picture, a domed rotunda, in grey: experiments/spike_timing/rotunda.png.

The tones were chosen so that the dithered picture has the statistics of the published photograph:
density, spread over neurons, and correlations along time and along neurons. The committed file is
what experiments read, since cosines may round differently on another machine.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from PIL import Image

from experiments.engine.errors import run_command
from experiments.spike_timing.picture import ROTUNDA

ROWS, COLUMNS = 200, 189


def draw() -> np.ndarray:
    """Return the darkness of the picture, ``(row, column)`` in [0, 1]; light comes from the left.

    Lengths are in pixels, from the top and from the axis of the building.
    """
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(float)
    u, grey = x - 94, np.full((ROWS, COLUMNS), 0.08)

    def put(tone: float | np.ndarray, *where: np.ndarray) -> None:
        np.copyto(grey, tone, where=np.logical_and.reduce(where))

    def within(values: np.ndarray, low: float, high: float) -> np.ndarray:
        return (values > low) & (values <= high)

    def phase(sine: np.ndarray, n: int) -> np.ndarray:
        """Return the distance from the middle of n equal parts of a circle, seen from the side."""
        return np.mod(np.arcsin(np.clip(sine, -1, 1)) / np.pi * n + 0.5, 1) - 0.5

    # The street, and the houses on both sides.
    put(0.08, y > 178)
    put(0.38, y > 190)
    houses = within(y, 135, 178) & (abs(u) > 61)
    put(0.22, houses)
    put(0.8, houses, np.mod(y - 138, 13) < 6, np.mod(x + 2, 11) < 5)
    # The base: courses of stone, arches, a cornice and a plinth.
    base = within(y, 140, 178) & (abs(u) <= 61)
    put(0.34 + 0.4 * u / 122 + 0.12 * (np.mod(y, 6) < 1.2), base)
    from_arch = abs(np.mod(u, 20) - 10)
    put(0.95, base, abs(u) < 58, from_arch < 5, (y > 156) | (from_arch**2 + (y - 156) ** 2 < 25))
    put(0.95, within(y, 138, 141), abs(u) < 63)
    put(0.05, within(y, 134, 138), abs(u) < 62)
    # The drum: columns in pairs with their shadows, and two rows of windows.
    drum, bay = within(y, 88, 134) & (abs(u) < 56), phase(u / 56, 16)
    put(0.46 + 0.32 * u / 112, drum)
    put(0.04, drum, abs(abs(bay) - 0.38) < 0.07)
    put(0.9, drum, abs(bay + 0.26) < 0.03)
    put(0.92, drum, abs(bay) < 0.15, within(y, 96, 110) | within(y, 116, 131))
    # A round cornice with a balustrade.
    round_y, cornice = y + 6 * np.sqrt(np.clip(1 - (u / 62) ** 2, 0, 1)), abs(u) < 62
    put(0.08, cornice, within(round_y, 84, 98))
    put(0.95, cornice, within(round_y, 90, 92.5) | within(round_y, 95.5, 98))
    put(0.8, cornice, within(round_y, 84, 87), np.mod(x, 4) < 2)
    # The dome with its ribs.
    sine = u / (48 * np.clip(1 - ((84 - y) / 46) ** 2, 1e-9, 1) ** 0.475)
    dome, rib = within(y, 38, 84) & (abs(sine) < 1) & (round_y <= 84), phase(sine, 14)
    put(0.43 + 0.31 * np.clip(sine, -0.6, 1), dome)
    put(0.95, dome, abs(rib) < 0.07)
    put(0.1, dome, abs(rib + 0.12) < 0.05)
    # The lantern: columns, two ledges, a cap and a spire.
    lantern = within(y, 22, 40) & (abs(u) < 7)
    put(0.55 + 0.03 * u, lantern)
    put(0.03, lantern, np.mod(u + 7, 5) < 1.6)
    put(0.95, within(y, 38, 40.5), abs(u) < 10)
    put(0.9, within(y, 19, 22), abs(u) < 9)
    put(0.8, within(y, 11, 20), (u / 6) ** 2 + ((20 - y) / 9) ** 2 < 1)
    put(1.0, within(y, 3, 12), abs(u) < 1)
    return grey


def main(arguments: Sequence[str]) -> None:
    """Write the picture."""
    argparse.ArgumentParser("python -m scripts.rotunda", description=__doc__).parse_args(arguments)
    brightness = np.round(255 * (1 - np.clip(draw(), 0, 1)))
    Image.fromarray(brightness.astype(np.uint8)).save(ROTUNDA, optimize=True)


if __name__ == "__main__":
    run_command(main)
