"""Cases of the rules: from a report, and for single tests."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from snn.stats.batch_means import KNOWN_SE
from snn_tools.shared.comparison import YOURS, Clock, Row
from snn_tools.shared.gradient_check import VALUES, Check
from snn_tools.shared.lines import surrogate_line
from snn_tools.shared.observed import Layer
from snn_tools.shared.printing import between, number
from snn_tools.shared.report import Report
from snn_tools.shared.rules import Case, statements
from snn_tools.shared.shape import Shape


class Words(NamedTuple):
    """Differences between the frameworks.

    Attributes:
        stop: code that cuts a derivative.
        autodiff: name of automatic differentiation.
        library: library of the neurons, as `snn_tools.shared.lines.LINES` calls it.
        noisy: whether spikes are drawn with the noise in training, too.
    """

    stop: str
    autodiff: str
    library: str
    noisy: bool

    def line(self, half: float) -> str:
        """Return the code of a surrogate with a middle half of this width."""
        return surrogate_line(half, self.library)


def judged(report: Report, words: Words, clock: Clock) -> Report:
    """Return the report with faults, findings, seconds and a suggestion for each layer."""
    slopes = tuple(words.line(layer.spread) for layer in report.layers)
    stated = statements(cases_of(report, words))
    return dataclasses.replace(
        report,
        faults=tuple(x for x in stated if x.fault),
        findings=tuple(x for x in stated if not x.fault),
        seconds=clock.elapsed(),
        slopes=slopes,
    )


def cases_of(r: Report, words: Words) -> dict[str, list[Case]]:
    """Return all cases of a report, by the name that the rules need."""
    # Layers with unused spikes are left out, unless all are unused.
    layers = [layer for layer in r.layers if not layer.unused] or list(r.layers)
    never = any(layer.silent == 1 and not layer.unused for layer in r.layers)
    cases = r.cases | {
        "derivative": of_derivatives(((x.name, x.own, x.noise) for x in layers), words, r.bump),
        "heights": _heights(layers),
        "layer": [
            Case(where=f"layer {x.name}", layer=x, trials=r.trials, noisy=words.noisy)
            for x in layers
        ],
        "widths": _widths(layers, words, bool(r.cases.get("settings"))),
        "depth": _depth(layers, words),
        "counts": _counts(r),
        "code": of_code(r.checks, words),
        "without effect": without_effect(r.checks, never),
        "gradients of 0": _zeros(r, words),
        "saturated readout": _saturated(r),
    }
    return cases if r.comparison is None or r.comparison.bad else cases | _of_direction(r, words)


def of_derivatives(
    shapes: Iterable[tuple[str, Shape, Shape]], words: Words, bump: bool = True
) -> list[Case]:
    """Return the surrogate derivative and the slope of the noise of each layer.

    Args:
        shapes: name, surrogate derivative and slope of the noise of each layer.
        words: words of the framework.
        bump: whether a derivative should be a bump; a spike as its own derivative is none.
    """
    return [
        Case(
            where=f"layer {name}",
            own=own,
            noise=noise,
            to_noise=noise.half / own.half if min(own.half, noise.half) > 0 else 1.0,
            bump=bump and own.finite,
            noisy=words.noisy,
            line=words.line(noise.half),
        )
        for name, own, noise in shapes
    ]


def _heights(layers: Sequence[Layer]) -> list[Case]:
    """Compare the integrals of the derivatives."""
    sizes = np.array([layer.own.integral for layer in layers])
    if not (len(sizes) and np.isfinite(sizes).all() and (sizes > 0).all()):
        return []
    ends = (layers[int(k)].name for k in (sizes.argmin(), sizes.argmax()))
    integrals = ", ".join(f"{x.own.integral:.3g} in layer {x.name}" for x in layers)
    where = ", ".join(f"layer {name}" for name in ends)
    return [Case(where=where, integrals=integrals, factor=sizes.max() / sizes.min())]


def _widths(layers: Sequence[Layer], words: Words, fixed: bool) -> list[Case]:
    """Compare the derivatives with potentials and noise, in the layer where they are narrowest."""
    if not (layers and all(x.spread > 0 and x.own.falls_off for x in layers)):
        return []
    narrowest = min(layers, key=lambda x: x.own.half / x.spread)
    return [
        Case(
            where="all layers",
            ratio=narrowest.own.half / narrowest.spread,
            half=narrowest.own.half,
            spread=narrowest.spread,
            to_noise=min(x.own.half / x.noise.half if x.noise.half else 0.0 for x in layers),
            dead=max(max(x.silent, x.still.silent, x.saturated) for x in layers),
            noisy=words.noisy,
            fixed=fixed,
            line=words.line(narrowest.spread),
        )
    ]


def _depth(layers: Sequence[Layer], words: Words) -> list[Case]:
    """Compare the largest and the smallest error of a layer with that of the last layer."""
    if len(layers) < 2 or not np.isfinite([x.size for x in layers]).all() or not layers[-1].size:
        return []
    largest, smallest = (choose(layers, key=lambda x: x.size) for choose in (max, min))
    line, last = words.line(2 * largest.own.half), layers[-1].size
    return [
        Case(where=f"layer {x.name}", ratio=x.size / last, excess=x.excess, line=line)
        for x in (largest, smallest)
    ]


def _counts(r: Report) -> list[Case]:
    """Count potentials, losses and gradients that are not finite."""

    def are(n: int, what: str, plural: str = "s") -> str:
        return f"1 {what} is" if n == 1 else f"{n} {what}{plural} are"

    counts = [
        (f"layer {layer.name}", f"{are(layer.bad, 'potential')} NaN,", r.trials)
        for layer in r.layers
        if layer.bad
    ]
    if r.bad_losses:
        counts.append(("loss", are(r.bad_losses, "loss", "es"), r.trials))
    if bad := [leaf for leaf in r.arrays if leaf.bad]:
        each = ", ".join(f"{leaf.bad} of {leaf.size} in {leaf.name}" for leaf in bad)
        where = ", ".join(leaf.name for leaf in bad)
        counts.append((where, f"surrogate gradients ({each}) are", r.array_trials))
    if r.comparison and r.comparison.bad:
        gradients = are(r.comparison.bad, "mean gradient")
        counts.append(("direction", gradients, r.comparison.trials))
    return [Case(where=where, counts=count, trials=n) for where, count, n in counts]


def of_code(checks: Sequence[Check], words: Words) -> list[Case]:
    """Group tests of the code by verdict and target."""
    groups: dict[tuple[str, str], list[Check]] = {}
    for c in checks:
        if c.verdict in ("cut", "differs"):
            groups.setdefault((c.verdict, c.target), []).append(c)
    return [
        Case(
            where=", ".join(dict.fromkeys(c.source for c in own)),
            verdict=verdict,
            target=target if target == VALUES else f"potentials of {target}",
            ratio=", ".join(f"{c.ratio:.2f}" for c in own),
            autodiff=words.autodiff,
            stop=words.stop,
        )
        for (verdict, target), own in groups.items()
    ]


def without_effect(checks: Sequence[Check], silent: bool = False) -> list[Case]:
    """Return arrays without effect; `silent` is whether some layer never fires."""
    unused = (c.source for c in checks if c.zero and c.target == VALUES)
    return [Case(where=name, silent=silent) for name in unused]


def _zeros(r: Report, words: Words) -> list[Case]:
    """Return arrays whose surrogate gradient is exactly 0; those with another name are left out."""
    if _saturated(r):
        return []
    known = {c.source for c in r.checks if c.zero or c.verdict == "cut"}
    shared = {
        "passes": min((layer.passes for layer in r.layers), default=0.0),
        "silent": max((layer.silent for layer in r.layers), default=0.0),
        "trials": r.array_trials,
        "stop": words.stop,
    }
    zero = (x.name for x in r.arrays if x.norm == 0 and not x.bad and x.name not in known)
    return [Case(where=name, **shared) for name in zero]


def _saturated(r: Report) -> list[Case]:
    """Return arrays by which the loss is constant, in float64 or in the network's own precision."""
    arrays = [c.source for c in r.checks if c.verdict == "saturated"]
    without = r.arrays and not any(x.norm or x.bad for x in r.arrays)
    explained = not r.checks or any(c.zero or c.verdict == "cut" for c in r.checks)
    if without and not explained:
        arrays = arrays or ["loss"]
    return [Case(where=", ".join(arrays))] * bool(arrays)


def _of_direction(r: Report, words: Words) -> dict[str, list[Case]]:
    """Return cases on direction, length and noise of the gradients."""
    assert r.comparison is not None
    rows, top = r.directions, r.comparison.rows[0]
    directions = [
        Case(
            where=row.group,
            row=row,
            cosine=between(row.cosine, row.interval),
            share=min(1.0, row.norm / top.norm),
        )
        for row in rows
    ]
    lengths = [row for row in rows if row.known and row.ratio > 0]
    worst = sorted(lengths, key=lambda row: -abs(np.log(row.ratio)))[:1]
    return {
        "direction": directions,
        "length": [
            Case(
                where=row.group,
                ratio=row.ratio,
                low=row.ratio - 3 * row.ratio_se,
                high=row.ratio + 3 * row.ratio_se,
                line=words.line(1.0),
            )
            for row in worst
        ],
        "candidate": _candidates(r.comparison.rows),
    }


def _candidates(rows: Sequence[Row]) -> list[Case]:
    """Return the other slope and the other reset, over all parameters."""
    top = rows[0]
    if top.zero or top.noise > KNOWN_SE:
        return []
    mine = f"{top.cosine:.3f}, norm {number(top.ratio)} times" if top.known else "unknown"
    return [
        Case(
            where="all layers",
            row=row,
            yours=top,
            reset=row.gradient.removeprefix("reset ") if "reset" in row.gradient else "",
            mine=mine,
            cosine=between(row.cosine, row.interval),
        )
        for row in rows
        if row.group == top.group and row.gradient != YOURS
    ]
