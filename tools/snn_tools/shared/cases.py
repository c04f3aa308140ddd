"""Cases for the rules: numbers of layers, arrays and directions, from the measurements."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from snn.stats.batch_means import KNOWN_SE
from snn_tools.shared.budget import Clock
from snn_tools.shared.comparison import Row, TruthRow, needed
from snn_tools.shared.gradient_check import VALUES, Check
from snn_tools.shared.lines import surrogate_line
from snn_tools.shared.observed import Layer
from snn_tools.shared.printing import between, cosine, number
from snn_tools.shared.report import YOURS, Report
from snn_tools.shared.rules import Case, findings
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
    """Return the report with its findings, the seconds and a suggestion for each layer."""
    slopes = tuple(words.line(layer.spread) for layer in report.layers)
    found = findings(cases_of(report, words))
    return dataclasses.replace(report, findings=found, seconds=clock.elapsed(), slopes=slopes)


def cases_of(r: Report, words: Words) -> dict[str, list[Case]]:
    """Return all cases of a report, by the name that the rules need."""
    layers, shapes = _used_alone(r)
    never = any(layer.silent == 1 and not layer.unused for layer in r.layers)
    names = [str(layer.index) for layer in layers]
    cases = r.cases | {
        "derivative": of_derivatives(names, shapes, words, r.bump),
        "heights": _heights(names, shapes),
        "layer": [
            Case(where=f"layer {x.index}", layer=x, own=own, trials=r.trials, noisy=words.noisy)
            for x, (own, _) in zip(layers, shapes, strict=True)
        ],
        "widths": _widths(layers, shapes, words, bool(r.cases.get("settings"))),
        "depth": _depth(layers, shapes, words),
        "counts": _counts(r),
        "code": of_code(r.checks, words),
        "without effect": without_effect(r.checks, never),
        "gradients of 0": _zeros(r, words),
    }
    return cases if r.comparison is None or r.drawn[1] else cases | _of_direction(r, words)


def _used_alone(r: Report) -> tuple[list[Layer], list[tuple[Shape, Shape]]]:
    """Leave out layers with unused spikes, unless all layers are unused."""
    kept = [k for k, layer in enumerate(r.layers) if not layer.unused] or range(len(r.layers))
    return [r.layers[k] for k in kept], [r.shapes[k] for k in kept]


def of_derivatives(
    names: Sequence[str], shapes: Sequence[tuple[Shape, Shape]], words: Words, bump: bool = True
) -> list[Case]:
    """Return the surrogate derivative and the slope of the noise of each layer.

    Args:
        names: names of the layers.
        shapes: surrogate derivative and slope of the noise in each layer.
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
        for name, (own, noise) in zip(names, shapes, strict=True)
    ]


def _heights(names: Sequence[str], shapes: Sequence[tuple[Shape, Shape]]) -> list[Case]:
    """Compare the integrals of the derivatives."""
    sizes = np.array([own.integral for own, _ in shapes])
    if not (len(sizes) and np.isfinite(sizes).all() and (sizes > 0).all()):
        return []
    pairs = zip(names, sizes, strict=True)
    where = f"layer {names[int(sizes.argmin())]}, layer {names[int(sizes.argmax())]}"
    integrals = ", ".join(f"{x:.3g} in layer {name}" for name, x in pairs)
    return [Case(where=where, integrals=integrals, factor=sizes.max() / sizes.min())]


def _widths(
    layers: Sequence[Layer], shapes: Sequence[tuple[Shape, Shape]], words: Words, fixed: bool
) -> list[Case]:
    """Compare the derivatives with potentials and noise, in the layer where they are narrowest."""
    clear = [x.spread > 0 and own.falls_off for x, (own, _) in zip(layers, shapes, strict=True)]
    if not (clear and all(clear)):
        return []
    own, noise = (np.array([pair[i].half for pair in shapes]) for i in (0, 1))
    spreads = np.array([layer.spread for layer in layers])
    ratios = own / spreads
    k = int(ratios.argmin())
    return [
        Case(
            where="all layers",
            ratio=ratios[k],
            half=own[k],
            spread=spreads[k],
            to_noise=float(np.divide(own, noise, out=0 * own, where=noise > 0).min()),
            dead=max(max(x.silent, x.still.silent, x.saturated) for x in layers),
            noisy=words.noisy,
            fixed=fixed,
            line=words.line(spreads[k]),
        )
    ]


def _depth(
    layers: Sequence[Layer], shapes: Sequence[tuple[Shape, Shape]], words: Words
) -> list[Case]:
    """Compare the largest and the smallest error of a layer with that of the last layer."""
    sizes = np.array([layer.size for layer in layers])
    if len(layers) < 2 or not np.isfinite(sizes).all() or not sizes[-1] > 0:
        return []
    line = words.line(2 * shapes[int(sizes.argmax())][0].half)
    return [
        Case(
            where=f"layer {layers[k].index}",
            ratio=sizes[k] / sizes[-1],
            excess=layers[k].excess,
            line=line,
        )
        for k in (int(sizes.argmax()), int(sizes.argmin()))
    ]


def _counts(r: Report) -> list[Case]:
    """Count potentials, losses and gradients that are not finite."""

    def are(n: int, what: str, plural: str = "s") -> str:
        return f"1 {what} is" if n == 1 else f"{n} {what}{plural} are"

    counts = [
        (f"layer {layer.index}", f"{are(layer.bad, 'potential')} NaN,", r.trials)
        for layer in r.layers
        if layer.bad
    ]
    if r.bad_losses:
        counts.append(("loss", are(r.bad_losses, "loss", "es"), r.trials))
    if bad := [leaf for leaf in r.arrays if leaf.bad]:
        each = ", ".join(f"{leaf.bad} of {leaf.size} in {leaf.name}" for leaf in bad)
        where = ", ".join(leaf.name for leaf in bad)
        counts.append((where, f"surrogate gradients ({each}) are", r.array_trials))
    drawn, bad_trials = r.drawn
    if bad_trials:
        counts.append(("direction", f"{bad_trials} losses or gradients are", drawn))
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
    known = {c.source for c in r.checks if c.zero or c.verdict == "cut"}
    shared = {
        "passes": min((layer.passes for layer in r.layers), default=0.0),
        "silent": max((layer.silent for layer in r.layers), default=0.0),
        "trials": r.array_trials,
        "stop": words.stop,
    }
    zero = (x.name for x in r.arrays if x.norm == 0 and not x.bad and x.name not in known)
    return [Case(where=name, **shared) for name in zero]


def _of_direction(r: Report, words: Words) -> dict[str, list[Case]]:
    """Return cases on direction, length and noise of the gradients, and on other candidates."""
    assert r.comparison is not None
    c, rows = r.comparison, {row.group: row for row in r.comparison.rows_of(YOURS)}
    directions = [
        Case(
            where=t.group,
            truth=t,
            row=rows[t.group],
            cosine=between(rows[t.group].cosine, rows[t.group].interval),
            share=min(1.0, t.norm / c.truth[0].norm),
        )
        for t in c.layers
    ]
    lost = [t for t in c.truth if t.noise > KNOWN_SE and not rows[t.group].zero]
    # Heavy tails of the exact and of the surrogate gradient.
    pairs = ("exact", c.truth), ("surrogate", c.rows_of(YOURS))
    heavy = [(name, [x for x in some if x.heavy]) for name, some in pairs]
    return {
        "direction": directions,
        "length": _length([case.row for case in directions], words.line(1.0)),
        "candidate": _candidates(r, rows[c.truth[0].group]),
        "heavy tails": [
            Case(
                where=", ".join(x.group for x in some),
                name=name,
                fewest=min(x.effective for x in some),
            )
            for name, some in heavy
            if some
        ],
        "lost": _lost(lost),
    }


def _lost(lost: Sequence[TruthRow]) -> list[Case]:
    """Return the layers whose exact gradient is hidden by noise."""
    if not lost:
        return []
    where, worst = ", ".join(t.group for t in lost), max(lost, key=lambda t: t.noise)
    more = "how many more trials it takes is not known"
    if np.isfinite(enough := needed(worst)):
        more = f"it takes some {number(enough)} times the trials"
    return [Case(where=where, noise=number(worst.noise), more=more)]


def _length(rows: Sequence[Row], line: str) -> list[Case]:
    """Return the layer with the length farthest from the exact one."""
    rows = [row for row in rows if row.known and row.ratio > 0]
    if not rows:
        return []
    worst = max(rows, key=lambda row: abs(np.log(row.ratio)))
    low, high = worst.ratio - 3 * worst.ratio_se, worst.ratio + 3 * worst.ratio_se
    return [Case(where=worst.group, ratio=worst.ratio, low=low, high=high, line=line)]


def _candidates(r: Report, yours: Row) -> list[Case]:
    """Return the other slope and the other reset, over all parameters."""
    assert r.comparison is not None
    top = r.comparison.truth[0]
    if yours.zero or top.noise > KNOWN_SE:
        return []
    mine = f"{cosine(yours.cosine)}, norm {number(yours.ratio)} times" if yours.known else "unknown"
    cases = []
    for name, reset in r.resets.items():
        row = r.comparison.row(name, top.group)
        values = {"row": row, "yours": yours, "reset": reset, "own_reset": r.reset}
        cosines = {"mine": mine, "cosine": between(row.cosine, row.interval)}
        cases.append(Case(where="all layers", **values, **cosines))
    return cases
