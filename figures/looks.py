"""How each method is called and drawn: one table for all figures.

A row is a method without slope, loss and runs, by its name in arrays (`figures.method`); what a
slope, a loss or a budget adds to name, marker and dashes follows from these parts. A method that is
not in the table has a look that follows from its name, in grey.

A colour means one thing: yellow and its tones surrogate gradients, orange smoothed estimators,
blue unbiased ones, pink perturbations, green mixtures, and grey the gradient itself.

- ``surrogate``: matched derivative, reset detached, sampled spikes. ``super_spike`` is SuperSpike
  of slope 10 as it is practised; ``surrogate_super_spike``, ``surrogate_gaussian`` and
  ``surrogate_box`` are as wide as the matched derivative, ``scaled_sigmoid`` has height 1.
- ``smoothed_...``: smoothed stochastic AD, by coupling.
- ``stochastic_ad``: all sites flipped, straight-through coupling, the library's default; another
  coupling is part of the key. ``..._few_flips``: independent draws of some sites;
  ``..._systematic``: systematic draws.
- ``score_function``: leave-one-out baseline; ``score_function_no_baseline``: without.
- ``exact``: the gradient itself. ``exact_enumeration`` and ``transfer_matrix`` compute it.
"""

from dataclasses import dataclass, replace
from itertools import product
from typing import Any
from zlib import crc32

from matplotlib.lines import Line2D

from figures.method import Method
from figures.style import DETERMINISTIC, INK, NEUTRAL, STOCHASTIC, ink

DASHED, DOTTED, DASHDOT = (0, (4, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1))

NO_ERROR = 1e-12
"""Errors and differences below this are rounding."""

FAMILIES = {
    "surrogate": STOCHASTIC,
    "smoothed": "#c24705",
    "perturbed": "#cc79a7",
    "unbiased": DETERMINISTIC,
    "mixed": "#2d6a30",
    "exact": "#8c8c8c",
    "other": NEUTRAL,
}
"""Colours of methods of one kind."""


@dataclass(frozen=True)
class Look:
    """Name, colour, marker and dashes of a method.

    Attributes:
        label: its name.
        family: a key of `FAMILIES`.
        marker: tells the members of a family apart; triangles point to the coupling's side.
        dashes: line style.
        short: its name in a narrow cell, if there is a shorter one.
        among: its name among its closest relatives, if another says more there.
        tint: a colour other than the family's, where several of its members meet in one panel.
    """

    label: str
    family: str
    marker: str = ""
    dashes: Any = "-"
    short: str = ""
    among: str = ""
    tint: str = ""

    @property
    def color(self) -> str:
        """Color of lines and markers."""
        return self.tint or FAMILIES[self.family]

    @property
    def ink(self) -> str:
        """Color of text, dark enough to be read."""
        return ink(self.color)

    @property
    def narrow(self) -> str:
        """The name in a narrow cell."""
        return self.short or self.label

    @property
    def specific(self) -> str:
        """The name among close relatives."""
        return self.among or self.label

    def line(self, size: float = 0) -> dict[str, Any]:
        """Return the keyword arguments of `Axes.plot` for a line, with markers if of a size."""
        return {"color": self.color, "ls": self.dashes} | (self.markers(size) if size else {})

    def small(self, size: float) -> dict[str, Any]:
        """Return the keyword arguments of `Axes.plot` for small markers on any line."""
        return {"color": self.color, "marker": self.marker, "ms": size, "mec": INK, "mew": 0.3}

    def markers(self, size: float, decided: bool = True) -> dict[str, Any]:
        """Return the keyword arguments of `Axes.plot` for markers of a size in points.

        Hollow markers are undecided, and nothing else.
        """
        full = decided and self.marker in Line2D.filled_markers
        face, edge = (self.color if decided else "white"), (INK if full else self.color)
        return {"marker": self.marker, "ms": size, "mfc": face, "mec": edge} | {
            "mew": 0.4 if full else 0.9
        }


SPARE = [*product(("x", "+", "H", "$\\star$"), ("-", DASHED, DOTTED, DASHDOT))]
"""Markers and lines of what is not in the table."""
SLOPES = {0.25: ("v", "1/4"), 0.5: ("<", "1/2"), 2.0: (">", "2"), 4.0: ("^", "4")}
"""Marker and words of a slope over that of the noise."""
RUNS = {0: ", 1 trial", 4: ", 4× runs", 8: ", 8× runs"}
"""Words of a budget other than the usual."""


class Looks(dict[str, Look]):
    """Looks by method; a look that has no row follows from the method's parts."""

    def __missing__(self, name: str) -> Look:
        """Return the look of the parts, or of a name that is not in the table."""
        method = Method.of(name)
        marker, dashes = SPARE[crc32(name.encode()) % len(SPARE)]
        if method.runs != 1:
            look, more = self[replace(method, runs=1).name], RUNS[method.runs]
            return _more(look, more, more, dashes=DOTTED)
        if method.loss:
            look = self[replace(method, loss="").name]
            return _more(look, f", {method.loss} loss", f", {method.loss} loss", dashes=DOTTED)
        if method.slope != 1 and (base := replace(method, slope=1.0).name) in self:
            marker, words = SLOPES.get(method.slope, (marker, ratio(method.slope)))
            look = self[base]
            # A slope other than the noise's is not "matched".
            look = replace(look, label=look.narrow, among="")
            return _more(look, f", slope × {words}", f" × {words}", marker=marker)
        return Look(name.replace("_", " "), "other", marker, dashes)


def _more(look: Look, words: str, short: str, **parts: Any) -> Look:
    among = look.among and look.among + words
    return replace(look, label=look.label + words, short=look.narrow + short, among=among, **parts)


def ratio(slope: float) -> str:
    """Return a slope over another as a number or a fraction of one."""
    return f"{slope:g}" if slope >= 1 else f"1/{1 / slope:g}"


_BRONZE, _BROWN, _TAN, _PURPLE = "#8f6b00", "#4d3b00", "#c2a34a", "#7a3b8f"
_DARK_TEAL, _LIGHT_TEAL = "#004a58", "#59b9cc"

LOOKS = Looks(
    {
        "surrogate": Look("SG, matched", "surrogate", "o", short="SG"),
        "surrogate_super_spike": Look(
            "SG, SuperSpike", "surrogate", "^", DASHDOT, short="SuperSpike", tint="#a684b3"
        ),
        "surrogate_gaussian": Look("SG, Gaussian", "surrogate", "h", DASHED, short="Gaussian"),
        "surrogate_box": Look("SG, box", "surrogate", "p", DOTTED, short="box"),
        "surrogate_deterministic": Look(
            "SG, deterministic", "surrogate", "", (0, (4, 2)), "SG determ.", tint=DETERMINISTIC
        ),
        "surrogate_expected": Look("SG, expected", "surrogate", "8", DOTTED),
        "surrogate_layered_mean": Look("SG, layered mean", "surrogate", "8", DASHED),
        "surrogate_through": Look(
            "SG, through the reset", "surrogate", "s", DASHED, "SG through", tint=_BRONZE
        ),
        # The broad one, which is compared with the matched one.
        "surrogate_through_x0.25": Look(
            "SG, through the reset, slope × 1/4",
            "surrogate",
            "v",
            DASHDOT,
            short="SG through × 1/4",
            among="SG through, slope × 1/4",
            tint=_TAN,
        ),
        "surrogate_ignored": Look("SG, reset ignored", "surrogate", "D", DOTTED, tint=_BROWN),
        "super_spike": Look(
            "SuperSpike, slope 10", "surrogate", "^", DASHDOT, "SuperSpike 10", tint=_PURPLE
        ),
        "scaled_sigmoid": Look("scaled sigmoid", "surrogate", "D", DASHED, tint=_BROWN),
        "mean_field": Look("mean field", "smoothed", "X", (0, (2, 1))),
        "smoothed_straight_through": Look("smoothed, straight-through", "surrogate", "s"),
        "smoothed_right": Look("smoothed, right", "smoothed", ">", DASHED, "right"),
        "smoothed_left": Look("smoothed, left", "smoothed", "<", DOTTED, "left"),
        "smoothed_two_sided": Look("smoothed, two-sided", "smoothed", "D", DASHDOT, "two-sided"),
        "path_sample_analytic": Look("path sample-analytic", "smoothed", "P", short="PSA"),
        "finite_differences": Look("finite differences", "perturbed", "s", DASHED, "fin. diff."),
        "evolution_strategies": Look(
            "evolution strategies", "perturbed", "*", DOTTED, "evol. str."
        ),
        "stochastic_ad": Look("stochastic AD", "unbiased", "o", short="stoch. AD"),
        "stochastic_ad_right": Look("stochastic AD, right", "unbiased", ">"),
        "stochastic_ad_left": Look("stochastic AD, left", "unbiased", "<"),
        "stochastic_ad_two_sided": Look("stochastic AD, two-sided", "unbiased", "D"),
        "stochastic_ad_few_flips": Look(
            "stochastic AD, few flips", "unbiased", "p", DASHED, "few flips"
        ),
        "stochastic_ad_systematic": Look(
            "stochastic AD, systematic", "unbiased", "P", DASHDOT, "AD, systematic"
        ),
        "stochastic_ad_stratified": Look("stochastic AD, stratified", "unbiased", "h", DASHED),
        "stochastic_ad_two_sided_systematic": Look(
            "stochastic AD, two-sided, systematic", "unbiased", "D", DASHDOT, tint=_DARK_TEAL
        ),
        "stochastic_ad_left_systematic": Look(
            "stochastic AD, left, systematic", "unbiased", "<", DOTTED, tint=_DARK_TEAL
        ),
        "suffix_replays": Look("short replays", "unbiased", "X", DASHDOT, tint=_LIGHT_TEAL),
        "truncated_replays": Look("truncated replays", "unbiased", "X", DOTTED, tint=_LIGHT_TEAL),
        "disarm": Look("DisARM", "unbiased", "d", DASHED),
        "score_function": Look(
            "score function, leave-one-out",
            "unbiased",
            "^",
            DASHED,
            short="score LOO",
            tint=_DARK_TEAL,
        ),
        "score_function_no_baseline": Look(
            "score function, no baseline", "unbiased", "v", DOTTED, "score", tint=_DARK_TEAL
        ),
        "exact": Look("exact", "exact", tint="#c8c8c8"),
        "exact_enumeration": Look("all paths", "exact", "8"),
        "transfer_matrix": Look("transfer matrices", "exact", "s", ":", tint=NEUTRAL),
    }
)

EXACT = {**LOOKS["exact"].line(), "lw": 4}
"""The exact gradient lies as a broad line below what is compared with it."""
TRUE = {"color": FAMILIES["exact"], "lw": 1.4}
"""A network's own output and gradient, where lines lie below and above."""
SMOOTHED: dict[str, Any] = {"color": FAMILIES["smoothed"], "lw": 3, "alpha": 0.55}
"""Lines of a smoothed network: broad and below, since flat surrogates nearly coincide with it."""
