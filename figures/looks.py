"""Names and looks of all methods: one table for all figures.

A row is a method by its name in arrays, which is also its name in `experiments/estimators.py`. A
slope in a name, as in "surrogate_x0.25", changes the name and the marker of its row. A method that
is not in the table is drawn in grey, with a marker and dashes that follow from its name.

A colour has one meaning. Yellow is the surrogate gradient and nothing else: bronze is the surrogate
gradient of deterministic spikes, brown is SuperSpike, and nearly black is the scaled sigmoid.
Orange is a smoothed estimator, indigo an unbiased one, orchid a perturbation, green a mixture, and
grey the exact gradient. Spike modes are two tones of teal, in `figures/style.py`. A pink area shows
a wrong sign. Values of a parameter are a ramp of greys, and so are maps of a network's output.

A marker has one meaning, in every colour: `o` is the matched surrogate, `s` differentiates through
the reset, `h` ignores the reset, `v` is a quarter of the noise's slope, and `^` is four times that
slope. The shapes of couplings are `D` straight-through, `>` right, `<` left, and `H` two-sided; `P`
is a systematic draw. `8` is the exact gradient, which is a broad grey line wherever a line can be
drawn. A star of six points is a mixture or a changed length, and its row has its name.

Dashes have no meaning of their own. They tell apart the lines of one panel, whose key names them.

- ``surrogate``: matched derivative, reset detached, sampled spikes. ``super_spike`` is SuperSpike
  of slope 10, as in practice; ``surrogate_super_spike``, ``surrogate_gaussian`` and
  ``surrogate_box`` are as wide as the matched derivative, ``scaled_sigmoid`` has height 1.
- ``smoothed_...``: smoothed stochastic AD, by coupling.
- ``stochastic_ad``: all sites flipped, straight-through coupling, the library's default; another
  coupling is part of the key. ``..._few_flips``: independent draws of some sites;
  ``..._systematic``: systematic draws.
- ``score_function``: leave-one-out baseline; ``score_function_no_baseline``: without.
- ``exact``: the gradient itself. ``exact_enumeration`` and ``transfer_matrix`` compute it.
"""

import re
from dataclasses import dataclass, replace
from itertools import product
from typing import Any
from zlib import crc32

from matplotlib.markers import MarkerStyle

from figures.style import INK, NEUTRAL, ink

DASHED, DOTTED, DASHDOT = (0, (4, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1))
SHIELD, CROSSED, CROSS, HEXAGRAM = (5, 0, 180), (4, 1, 0), (4, 1, 45), (6, 1, 0)
"""Pentagon on its tip, upright and slanting stars of four points, and star of six points."""
SPIKY, SUNK, FALLEN, ASTERISK = (3, 1, 0), (3, 1, 180), (5, 1, 180), (8, 1, 0)
"""Stars: three points, the first up or down; five points, the first down; and eight points."""
LONG = (0, (9, 1.5))
"""Long dashes, nearly a solid line."""

MARKS = """
| colour or marker | meaning |
|---|---|
| yellow, brown | surrogate gradients |
| orange | smoothed estimator |
| indigo | unbiased estimator |
| grey | exact gradient |
| dark teal | deterministic spikes (figures 1, 6 and 7) |
| light teal | stochastic spikes (figures 1, 6 and 7) |
| pink area | wrong sign |
| dashes | tell the lines of one panel apart; its key names them |
| filled marker | decided at the 5 % level |
| hollow marker | undecided |
"""
"""The meaning of colours, markers and dashes, for the pages of figures."""

NO_ERROR = 1e-12
"""Errors and differences below this are rounding."""

FAMILIES = {
    "surrogate": "#b98d00",
    "smoothed": "#c24705",
    "perturbed": "#c774c0",
    "unbiased": "#3d3db0",
    "mixed": "#145a3c",
    "exact": "#8c8c8c",
    "other": NEUTRAL,
}
"""Colours of lines and letters, by kind of method."""
FILLS = {**FAMILIES, "surrogate": "#ebb400"}
"""Colours of filled markers and areas: the paper's yellow is too light for lines."""


@dataclass(frozen=True)
class Look:
    """Name, colour, marker and dashes of a method.

    Attributes:
        label: the name that all figures, explorers and pages print.
        family: a key of `FAMILIES`.
        marker: shape of its markers, as Matplotlib names it: a letter, or corners, style and angle.
        dashes: line style.
        tint: a colour in place of the family's, where several of its members meet in one panel.
    """

    label: str
    family: str
    marker: str | tuple[int, int, int] = ""
    dashes: Any = "-"
    tint: str = ""

    @property
    def color(self) -> str:
        """Color of lines."""
        return self.tint or FAMILIES[self.family]

    @property
    def fill(self) -> str:
        """Color of filled markers and areas."""
        return self.tint or FILLS[self.family]

    @property
    def ink(self) -> str:
        """Color of text, dark enough to be read."""
        return ink(self.color)

    def line(self, size: float = 0) -> dict[str, Any]:
        """Return the keyword arguments of `Axes.plot` for a line, with markers if of a size."""
        return {"color": self.color, "ls": self.dashes} | (self.markers(size) if size else {})

    def small(self, size: float) -> dict[str, Any]:
        """Return the keyword arguments of `Axes.plot` for small markers on any line."""
        face = {"mfc": self.fill, "mec": INK, "mew": 0.3}
        return {"color": self.color, "marker": self.marker, "ms": size, **face}

    def markers(self, size: float, decided: bool = True) -> dict[str, Any]:
        """Return the keyword arguments of `Axes.plot` for markers of a size in points.

        Hollow markers are undecided, and nothing else.
        """
        full = decided and MarkerStyle(self.marker).is_filled()
        face, edge = (self.fill if decided else "white"), (INK if full else self.color)
        return {"marker": self.marker, "ms": size, "mfc": face, "mec": edge} | {
            "mew": 0.4 if full else 0.9
        }


SPARE = [*product(("x", "$\\star$", "$\\odot$", "$\\otimes$"), ("-", DASHED, DOTTED, DASHDOT))]
"""Markers and dashes of methods that are not in the table."""
SLOPES = {0.25: "v", 4.0: "^"}
"""Markers by slope of the surrogate over slope of the noise."""
SLOPE = re.compile(r"(?P<base>(?:surrogate|exact)\w*?)_x(?P<slope>\d+(?:\.\d+)?)")
"""A method of a slope other than the noise's, as "surrogate_through_x0.25"."""


def ratio(slope: float) -> str:
    """Return a slope over another as a number or a fraction: "4" or "1/4"."""
    return f"{slope:g}" if slope >= 1 else f"1/{1 / slope:g}"


def slope_of(name: str) -> float:
    """Return the slope in a method's name, over that of the noise: 1 if none is named."""
    match = SLOPE.fullmatch(name)
    return float(match["slope"]) if match else 1.0


def spare(name: str) -> tuple[str, Any]:
    """Return the marker and the dashes of a name that is not in the table."""
    return SPARE[crc32(name.encode()) % len(SPARE)]


class Looks(dict[str, Look]):
    """Looks by method."""

    def __missing__(self, name: str) -> Look:
        """Return the look of a method of another slope, or of a name that is not in the table."""
        match = SLOPE.fullmatch(name)
        if match and (base := self[match["base"]]).family != "other":
            slope = float(match["slope"])
            # A slope other than the noise's is not "matched".
            label = f"{base.label.removesuffix(', matched')}, slope × {ratio(slope)}"
            return replace(base, label=label, marker=SLOPES.get(slope, spare(name)[0]))
        if name.startswith("surrogate_"):
            shape = name.removeprefix("surrogate_").replace("_", " ")
            return Look(f"SG, {shape} shape", "surrogate", *spare(name))
        return Look(name.replace("_", " "), "other", *spare(name))


_BRONZE, _BROWN, _DARK = "#6b5000", "#4d3b00", "#1f1600"
"""Deterministic spikes, SuperSpike, scaled sigmoid."""
_DARK_INDIGO, _LIGHT_INDIGO = "#14144f", "#6f7fe0"

LOOKS = Looks(
    {
        "surrogate": Look("SG, matched", "surrogate", "o"),
        # Shapes of the surrogate derivative: the markers are sketches of them.
        "surrogate_super_spike": Look(
            "SG, SuperSpike shape", "surrogate", r"$\wedge$", DASHDOT, tint=_BROWN
        ),
        "surrogate_gaussian": Look("SG, Gaussian shape", "surrogate", r"$\cap$", DASHED),
        "surrogate_box": Look("SG, box shape", "surrogate", r"$\sqcap$", DOTTED),
        "surrogate_deterministic": Look(
            "SG, deterministic spikes", "surrogate", "", (0, (4, 2)), tint=_BRONZE
        ),
        "surrogate_expected": Look("SG, expected", "surrogate", "$E$", DOTTED),
        "surrogate_layered_mean": Look("SG, layered mean", "surrogate", "$M$", DASHED),
        "surrogate_through": Look("SG, through the reset", "surrogate", "s", DASHED),
        "surrogate_through_x0.25": Look(
            "SG, through the reset, slope × 1/4", "surrogate", SLOPES[0.25], LONG
        ),
        # Figures 4 and 5, in networks of sigmoids and steps.
        "surrogate_of_slope": Look(r"SG, slope $\beta_{SG}$", "surrogate", "", DASHED),
        "smoothed_network": Look(r"smoothed network, slope $\beta_{SG}$", "smoothed", "_"),
        "surrogate_ignored": Look("SG, reset ignored", "surrogate", "h", DOTTED),
        "super_spike": Look("SuperSpike, slope 10", "surrogate", SPIKY, DASHDOT, tint=_BROWN),
        "scaled_sigmoid": Look("scaled sigmoid", "surrogate", SHIELD, DOTTED, tint=_DARK),
        "mean_field": Look("mean field", "smoothed", "*", (0, (2, 1))),
        "smoothed_straight_through": Look("smoothed, straight-through", "surrogate", "D"),
        "smoothed_right": Look("smoothed, right", "smoothed", ">", DASHED),
        "smoothed_left": Look("smoothed, left", "smoothed", "<", DOTTED),
        "smoothed_two_sided": Look("smoothed, two-sided", "smoothed", "H", DASHDOT),
        "path_sample_analytic": Look("path sample-analytic", "smoothed", FALLEN),
        "finite_differences": Look("finite differences", "perturbed", r"$\pm$", DASHED),
        "evolution_strategies": Look("evolution strategies", "perturbed", "+", DOTTED),
        "stochastic_ad": Look("stochastic AD", "unbiased", "D"),
        "stochastic_ad_right": Look("stochastic AD, right", "unbiased", ">"),
        "stochastic_ad_left": Look("stochastic AD, left", "unbiased", "<"),
        "stochastic_ad_two_sided": Look("stochastic AD, two-sided", "unbiased", "H"),
        "stochastic_ad_few_flips": Look("stochastic AD, few flips", "unbiased", "d", DASHED),
        "stochastic_ad_systematic": Look("stochastic AD, systematic", "unbiased", "P", DASHDOT),
        "stochastic_ad_stratified": Look(
            "stochastic AD, stratified", "unbiased", r"$\equiv$", DASHED
        ),
        "stochastic_ad_two_sided_systematic": Look(
            "stochastic AD, two-sided, systematic", "unbiased", "H", DASHDOT, _DARK_INDIGO
        ),
        "stochastic_ad_left_systematic": Look(
            "stochastic AD, left, systematic", "unbiased", "<", DASHDOT, _DARK_INDIGO
        ),
        "suffix_replays": Look("short replays", "unbiased", ASTERISK, DASHDOT, _LIGHT_INDIGO),
        "truncated_replays": Look("truncated replays", "unbiased", "1", DOTTED, _LIGHT_INDIGO),
        "disarm": Look("DisARM", "unbiased", "2", DOTTED),
        "score_function": Look("score function", "unbiased", "X", DASHED, _DARK_INDIGO),
        "score_function_no_baseline": Look(
            "score function, no baseline", "unbiased", CROSS, DOTTED, _DARK_INDIGO
        ),
        "exact": Look("exact gradient", "exact", "8", tint="#c8c8c8"),
        "exact_enumeration": Look("all paths", "exact", "8"),
        "transfer_matrix": Look("transfer matrices", "exact", "", ":", "#666666"),
    }
)

EXACT = {**LOOKS["exact"].line(), "lw": 4}
"""Look of the exact gradient: a broad line below all methods."""
TRUE = {"color": FAMILIES["exact"], "lw": 1.4}
"""A network's own output and gradient, where lines lie below and above."""
SMOOTHED: dict[str, Any] = {**LOOKS["smoothed_network"].line(), "lw": 3, "alpha": 0.55}
"""Lines of a smoothed network: broad and below, since flat surrogates nearly coincide with it."""
