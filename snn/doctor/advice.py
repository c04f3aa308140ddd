"""From numbers to findings: each with its evidence, and advice only where something was measured.

Thresholds stand here, by name. What advice rests on is in docs/true_gradient.md (spiking networks
over time, figure 9) and docs/which_gradient.md (layers without time, figure 8).
"""

from __future__ import annotations

import numpy as np

from snn.batch_means import KNOWN_SE
from snn.comparison import Comparison, Row, needed, number, plus_minus
from snn.doctor.direction import YOURS, Direction
from snn.doctor.measurements import Layer, Leaf
from snn.doctor.plumbing import Check
from snn.doctor.report import Finding
from snn.doctor.shape import Shape
from snn.estimators.surrogate import Surrogate
from snn.surrogate import MultilayerSpiker

MOST_SILENT = 0.5
"""A layer in which more than this share of neurons never fires is a fault."""

EXPLODES = 1e3
"""Errors or layers whose sizes differ by more than this factor."""

STEEP = 3.0
"""A derivative this many times narrower than the slope of the noise."""

CLOSER = 0.1
"""A cosine that is higher by this much, and by three standard errors, is worth a change."""

TOO_LONG = 3.0
"""A norm ratio above it, where another reset has one between 1/2 and 2."""

HERE = "measured in this network at these weights; a cosine is not learning (docs/true_gradient.md)"


def scope_of(layers: tuple[Layer, ...], steps: int | None) -> str:
    """Whether this network is among those in which advice was tested."""
    neurons = sum(layer.neurons for layer in layers)
    if steps is None:
        inside = len(layers) <= 9 and max(layer.neurons for layer in layers) <= 8
        tested = "1 to 8 hidden layers of 2 to 8 neurons (docs/which_gradient.md)"
    else:
        inside = len(layers) <= 2 and neurons <= 30 and steps <= 160
        tested = "one hidden layer, up to 30 neurons and 160 steps (docs/true_gradient.md)"
    own = f"{len(layers)} layers, {neurons} neurons" + (f", {steps} steps" if steps else "")
    if inside:
        return f"tested with {tested}; this one ({own}) is of that size"
    return f"tested with {tested}; this one ({own}) is outside: not known whether it holds"


def of_code(checks: tuple[Check, ...]) -> list[Finding]:
    """Derivatives that are cut or scaled in the network's own code."""
    found, seen = [], set()
    for test, how, place, more in (
        (
            "given spikes",
            "with spikes held fixed",
            "in how these parameters enter the potentials",
            "; the true gradient below is wrong too",
        ),
        (
            "smoothed",
            "with probabilities in place of spikes",
            "between these parameters and the loss, in or behind the spikes",
            "",
        ),
    ):
        good = [c.leaf for c in checks if c.test == test and c.verdict == "agrees"]
        rest = f"; {', '.join(good)} agree{'s' * (len(good) == 1)}" if good else ""
        for verdict, kind in (("cut", "cut"), ("differs", "scaled")):
            bad = [c for c in checks if (c.test, c.verdict) == (test, verdict)]
            bad = [c for c in bad if c.leaf not in seen]  # the second test sees the first one's
            if not bad:
                continue
            seen |= {c.leaf for c in bad}
            what = "is " + ", ".join(f"{c.ratio:.2f}" for c in bad) + " times finite differences"
            if kind == "cut":
                what = "is 0 and finite differences are not"
            found.append(
                Finding(
                    kind,
                    True,
                    ", ".join(c.leaf for c in bad),
                    f"the derivative by JAX {what}, {how}{rest}",
                    "look for a stop_gradient, a reset written by hand, or a custom derivative "
                    + place,
                    f"a test of the code, without sampling error{more}",
                )
            )
    return found


def of_shape(
    shapes: tuple[tuple[Shape, Shape], ...], surrogate: Surrogate, direction: Direction | None
) -> list[Finding]:
    """The surrogate derivative as a function."""
    found: dict[tuple, list[int]] = {}
    for i, (own, noise) in enumerate(shapes):
        for item in _shape(own, noise, surrogate, direction):
            found.setdefault(item, []).append(i)
    return [
        Finding(kind, fault, f"layer {', '.join(map(str, where))}", *rest)
        for (kind, fault, *rest), where in found.items()
    ]


def _shape(own: Shape, noise: Shape, surrogate: Surrogate, direction: Direction | None) -> list:
    items = []
    if not own.finite:
        items.append(
            (
                "overflow",
                True,
                f"the surrogate derivative is not finite in float32 from |v| = {own.first_bad:.2g} "
                "on",
                "write it with jax.nn.sigmoid or a bounded form, as snn.surrogate does",
                "evaluated at potentials up to 1e4",
            )
        )
    if own.negative:
        items.append(
            ("shape", True, "the surrogate derivative is negative at some potentials", "", "")
        )
    spiker = isinstance(surrogate.derivative, MultilayerSpiker)
    if not own.falls_off and not spiker and own.finite:
        like = f"; its correlation with the firing probability is {own.like_p:.3f}"
        items.append(
            (
                "shape",
                True,
                f"the surrogate derivative does not fall off away from the threshold{like}",
                "a derivative of a spike is a bump: check whether p stands for its slope p'",
                "evaluated at potentials up to 1e4",
            )
        )
        return items
    narrow, wide = (shape.middle[1] - shape.middle[0] for shape in (own, noise))
    ratio = wide / narrow if min(narrow, wide) > 0 else 1.0
    if ratio >= STEEP and own.finite and not spiker:
        seen = _grid_says(direction)
        items.append(
            (
                "steep",
                True,
                f"the surrogate derivative is {ratio:.1f} times narrower than the slope of the "
                f"escape noise (half of the integral within {number(narrow)} and {number(wide)})"
                f"{seen}",
                f"divide its slope by {ratio:.2g} to match the noise, or by more",
                "four times too steep costs 0.05 to 0.36 of the cosine in layers without time "
                "(docs/which_gradient.md); broad surrogates train small spiking networks better "
                "(docs/true_gradient.md)",
            )
        )
    return items


def _grid_says(direction: Direction | None) -> str:
    if direction is None:
        return ""
    yours, others = _all_rows(direction.comparison)
    names = {name: cell for cell, name in direction.best_of.items()}
    own = next(reset for (_, reset), name in direction.best_of.items() if name == YOURS)
    best = next((r for r in others if names[r.candidate] == (0.25, own)), None)
    if best is None or not (best.known and yours.known):
        return ""
    return f"; cosine {yours.cosine:.2f}, at a quarter of it {best.cosine:.2f}"


def _all_rows(comparison: Comparison) -> tuple[Row, list[Row]]:
    group = comparison.truth[0].group
    rows = [r for r in comparison.rows if r.group == group]
    return next(r for r in rows if r.candidate == YOURS), [r for r in rows if r.candidate != YOURS]


def of_trials(layers: tuple[Layer, ...], arrays: tuple[Leaf, ...], trials: int) -> list[Finding]:
    """Silent and saturated layers; gradients that are not finite, explode or vanish in time."""
    found = []
    for layer in layers:
        where, seen = f"layer {layer.index}", f"in {trials} trials"
        if layer.silent > MOST_SILENT:
            what = "no neuron fires" if layer.silent == 1 else f"{layer.silent:.0%} never fire"
            found.append(
                Finding(
                    "silent",
                    True,
                    where,
                    f"{what} {seen}; {layer.within:.0%} of potentials lie within the middle half "
                    "of the surrogate derivative",
                    "larger weights or more input (fluctuation-driven initialisation: "
                    "snn.LIFNetwork.init); a broader derivative where no potential lies within it",
                    "measured here; silent outputs left unbiased and narrow methods without any "
                    "progress in 2 to 3 of 16 tasks, broad ones in none (docs/true_gradient.md)",
                )
            )
        if layer.saturated > MOST_SILENT:
            found.append(
                Finding(
                    "saturated",
                    True,
                    where,
                    f"{layer.saturated:.0%} of neurons fire in nearly every step {seen}",
                    "smaller weights or less input",
                    "measured here",
                )
            )
        if np.isfinite(layer.growth) and layer.growth > EXPLODES:
            found.append(
                Finding(
                    "explodes",
                    True,
                    where,
                    f"dL/dv is {number(layer.growth)} times larger early in the trial than late",
                    "a broader surrogate derivative, or the reset detached",
                    "matched slopes explode in three recurrent layers, SuperSpike does not "
                    "(figure 7; one network)",
                )
            )
        if np.isfinite(layer.growth) and 0 < layer.growth < 1 / EXPLODES:
            found.append(
                Finding(
                    "vanishes",
                    False,
                    where,
                    f"dL/dv is {number(1 / layer.growth)} times smaller early in the trial than "
                    "late",
                )
            )
    bad = [leaf for leaf in arrays if leaf.bad]
    if bad:
        counts = ", ".join(f"{leaf.bad} of {leaf.size} in {leaf.name}" for leaf in bad)
        found.append(
            Finding(
                "not finite",
                True,
                ", ".join(leaf.name for leaf in bad),
                f"surrogate gradients that are not finite in {trials} trials: {counts}",
            )
        )
    return found


def of_direction(direction: Direction, surrogate: Surrogate, scope: str) -> list[Finding]:
    """Against the true gradient: against it, too long, cut, lost in noise, and what is closer."""
    c, found, lost, cut, against = direction.comparison, [], [], [], []
    yours, others = _all_rows(c)
    for t in c.truth:
        row = c.row(YOURS, t.group)
        if row.zero and not t.zero and t.noise < 0.3:
            cut.append(t)
        elif t.noise > KNOWN_SE:
            lost.append(t)
        elif row.known and row.cosine < -3 * row.cosine_se:
            against.append(row)
    groups = {t.group for t in c.truth}
    # A layer is told by its arrays.
    cut = [t for t in cut if not any(g.startswith(f"{t.group}/") for g in groups)]
    if cut:
        noise = max(t.noise for t in cut)
        known = f"noise {number(noise)} of its norm" if noise else "enumerated"
        found.append(
            Finding(
                "cut",
                True,
                ", ".join(t.group for t in cut),
                f"the surrogate gradient is exactly 0, the true one is not ({known})",
                "look for a stop_gradient between these parameters and the loss, or a derivative "
                "that is 0 at all potentials that occur",
                "measured here",
            )
        )
    for row in against:
        found.append(
            Finding(
                "against",
                # An array or two are no surprise: surrogate gradients are biased.
                row.group == c.truth[0].group,
                row.group,
                "it points against the true gradient: cosine "
                + plus_minus(row.cosine, row.cosine_se),
                "",
                "matched surrogates did so, all arrays together, in 7 of 270 networks "
                "(docs/which_gradient.md)",
            )
        )
    if lost:
        worst = max(lost, key=lambda t: t.noise)
        enough = needed(worst) * direction.seconds
        more = f"some {enough:.0f} s of" if np.isfinite(enough) else "far more"
        found.append(
            Finding(
                "lost",
                False,
                ", ".join(t.group for t in lost),
                f"the true gradient is lost in noise (up to {number(worst.noise)} of its norm); it "
                f"would take {more} trials, {direction.seconds:.0f} s were spent",
                "no advice on direction where it is lost",
            )
        )
    return found + _closer(yours, others, direction, surrogate, scope)


def _closer(
    yours: Row, others: list[Row], direction: Direction, surrogate: Surrogate, scope: str
) -> list[Finding]:
    """Other resets and slopes that are closer to the true gradient."""
    if yours.zero or direction.comparison.truth[0].noise > KNOWN_SE:
        return []
    own = surrogate.reset.__name__
    rows = {r.candidate: r for r in others}
    resets = [
        (reset, rows[name])
        for (factor, reset), name in direction.best_of.items()
        if factor == 1 and reset != own
    ]
    found = []
    reset, best = max(
        ((name, r) for name, r in resets if r.known),
        key=lambda x: x[1].cosine,
        default=(own, yours),
    )
    long = yours.known and yours.ratio > TOO_LONG and 0.5 < best.ratio < 2
    if reset != own and (_better(best, yours) or long):
        mine = f"{yours.cosine:.2f}, norm {number(yours.ratio)} times" if yours.known else "unknown"
        found.append(
            Finding(
                "reset",
                True,
                "all layers",
                f"reset {own}: cosine {mine}; reset {reset}: cosine {best.cosine:.2f}, norm "
                f"{number(best.ratio)} times the true one",
                f"reset=snn.{reset}",
                f"{HERE}; {scope}",
            )
        )
    names = {name: cell for cell, name in direction.best_of.items()}
    slopes = [r for r in others if names[r.candidate][1] == own and r.known]
    best = max(slopes, key=lambda r: r.cosine, default=None)
    if best is not None and _better(best, yours):
        mine = f"{yours.cosine:.2f}" if yours.known else "unknown"
        found.append(
            Finding(
                "slope",
                False,
                "all layers",
                f"cosine {mine}; with {names[best.candidate][0]:g} times the slope "
                f"{plus_minus(best.cosine, best.cosine_se)}",
                f"try {names[best.candidate][0]:g} times the slope",
                f"{HERE}; {scope}",
            )
        )
    return found


def _better(other: Row, yours: Row) -> bool:
    if not yours.known:
        return other.known and other.cosine > 0.5
    margin = max(CLOSER, 3 * np.hypot(other.cosine_se, yours.cosine_se))
    return other.known and other.cosine - yours.cosine > margin
