r"""The protocol of every comparison of trainings: who chooses, who judges, and what is concluded.

1. *Choice.* Every arm is trained on tuning tasks with each of its options: a learning rate, or a
   rate with another choice. The option with the least mean score is chosen; see `chosen_rates`.
2. *Judgement.* Judged tasks are other tasks, the same for all arms. They are trained at the options
   that a bootstrap sample of the tuning tasks may choose; see `tuning`.
3. *Intervals.* A bootstrap draws tuning tasks and judged tasks anew, so that an interval contains
   the error of the choice.
4. *Tests.* Two arms are compared in the same judged tasks (`TESTS`): by the exact sign test, or by
   Student's test of the mean difference.
5. *Families.* Predictions that were committed together are corrected together, by Holm's procedure
   for the number of their tests. A family without all of its panels and arms concludes nothing.
6. *One task left out.* A verdict that changes when one tuning task is left out, or one judged task
   of at most `MOST`, is undecided. The numbers without a task come from the bootstrap samples that
   do not contain it.

An experiment takes part by `Study.outcomes`. A prediction is a row of `predictions`.

References:
    Efron & Tibshirani, "An Introduction to the Bootstrap", 1993.
    Efron, "Jackknife-after-bootstrap standard errors and influence functions", 1992.
    Holm, "A simple sequentially rejective multiple test procedure", 1979.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import ClassVar, NamedTuple

import numpy as np
import scipy

from beyond.experiments import chosen_rates, families, predictions
from beyond.experiments.predictions import Prediction
from beyond.experiments.statistics import sign_test, t_test
from beyond.experiments.tuning import JUDGED, TUNING
from experiments.engine.experiment import Data, Quantity, array, band, exact, listed
from experiments.replication.claim import Claim
from experiments.replication.relations import Relation, above
from experiments.statistics import holm, mean_interval

PAGE = "beyond/docs/hypotheses.md"
ALPHA = 0.05
MOST = 100
"""Largest number of judged tasks to leave out one at a time."""
OMITTING_SAMPLES = 4
"""Factor of the number of bootstrap samples for intervals without a task."""
DECIDED = array("method", "whether it differs from the arm beside it, by the rules of `study`")
"""Declaration of the array of `Study.compared`."""
SHARES = {
    "n_tasks": array("", "tasks of all seeds"),
    "chosen_rate": array("method", "learning rate"),
    "at_end": array("method", "whether the chosen rate is an end of the grid"),
    "share": array("method, statistic", "of tasks solved, with 95 % bootstrap interval"),
    "difference": array("method, method, statistic", "of shares solved; bootstrap interval"),
    "only": array("method, method", "tasks that the first solves and the second does not"),
}
"""Declarations of the arrays of `shares`."""
LOSSES = {
    "chosen_rate": array("method", "learning rate"),
    "at_end": array("method", "whether the chosen rate is an end of the grid"),
    "relative": array("method, statistic", "final over first loss; bootstrap interval"),
    "paired": array("method, method, statistic", "ratio of final losses; bootstrap interval"),
}
"""Declarations of the arrays of `losses`."""


class Outcomes(NamedTuple):
    """Results of all arms of a panel, at all of their options.

    Attributes:
        arms: names.
        tuning: scores of the tuning tasks, ``(arm, option, tuning task)``; the lowest is chosen.
        judged: values of the judged tasks, ``(arm, option, task)``: logs of losses, or 1 for a
            solved task, else 0. NaN at options that no bootstrap sample chooses.
        better: whether a larger ("more") or a smaller ("less") value is better.
        digits: decimals up to which two values are equal.
        reference: arm from which leads are measured.
    """

    arms: list[str]
    tuning: np.ndarray
    judged: np.ndarray
    better: str = "less"
    digits: int = 9
    reference: str = ""

    def only(self, arms: Iterable[str]) -> "Outcomes":
        """Return the outcomes of some of the arms, in the order here."""
        rows = [i for i, name in enumerate(self.arms) if name in set(arms)]
        names = [self.arms[i] for i in rows]
        return self._replace(arms=names, tuning=self.tuning[rows], judged=self.judged[rows])

    def without(self, role: str, task: int) -> "Outcomes":
        """Return the outcomes without a tuning task or a judged task."""
        if role == TUNING:
            return self._replace(tuning=np.delete(self.tuning, task, axis=-1))
        return self._replace(judged=np.delete(self.judged, task, axis=-1))


class Chosen(NamedTuple):
    """Results at the chosen options.

    Attributes:
        outcomes: results at all options.
        which: index of each arm's option, ``(arm,)``.
        end: values of the judged tasks at these options, ``(arm, task)``.
        samples: bootstrap means at options chosen anew, ``(sample, arm)``; NaN for fewer than two
            judged tasks.
    """

    outcomes: Outcomes
    which: np.ndarray
    end: np.ndarray
    samples: np.ndarray

    @property
    def better(self) -> np.ndarray:
        """Number of tasks in which the first arm is better than the second, ``(arm, arm)``."""
        values = self.end.round(self.outcomes.digits)
        values = values if self.outcomes.better == "more" else -values
        return np.sum(values[:, None] > values[None], axis=-1)

    def difference(self, first: int, second: int) -> np.ndarray:
        """Return the mean difference of two arms with its interval, ``(3,)``."""
        mean = self.end[first].mean() - self.end[second].mean()
        return chosen_rates.with_interval(mean, self.samples[:, first] - self.samples[:, second])


def choose(outcomes: Outcomes) -> Chosen:
    """Choose each arm's option, and draw this choice anew."""
    outcomes = _trained_only(outcomes)
    which = chosen_rates.chosen(outcomes.tuning)
    end = chosen_rates.at_chosen(outcomes.judged.astype(float), which)
    return Chosen(outcomes, which, end, _samples(outcomes, chosen_rates.RESAMPLES))


def _samples(outcomes: Outcomes, n: int) -> np.ndarray:
    if outcomes.judged.shape[-1] < 2:
        return np.full((n, len(outcomes.arms)), np.nan)
    return chosen_rates.resampled(outcomes.tuning, outcomes.judged, n)


def shares(chosen: Chosen, rates: np.ndarray) -> Data:
    """Return shares of tasks solved, and their differences, as `SHARES` declares."""
    return _rates(chosen, rates) | {
        "n_tasks": np.array(chosen.end.shape[1]),
        "share": chosen_rates.with_interval(chosen.end.mean(axis=1), chosen.samples),
        "difference": chosen_rates.differences(chosen.end, chosen.samples),
        "only": chosen.better,
    }


def losses(chosen: Chosen, rates: np.ndarray) -> Data:
    """Return final over first losses, and their ratios, as `LOSSES` declares."""
    return _rates(chosen, rates) | {
        "relative": np.exp(chosen_rates.with_interval(chosen.end.mean(axis=1), chosen.samples)),
        "paired": np.exp(chosen_rates.differences(chosen.end, chosen.samples)),
    }


def _rates(chosen: Chosen, rates: np.ndarray) -> Data:
    """Return chosen rates; several options of an arm may have the same rates."""
    which = chosen.which % len(rates)
    return {"chosen_rate": rates[which], "at_end": chosen_rates.at_end(which, len(rates))}


class Study:
    """Part of an experiment whose trainings are compared by this protocol.

    Pictures compare arms with a reference, besides what is predicted. These comparisons follow the
    rules of predictions; those of all panels are one family.

    Attributes:
        REFERENCE: arm that pictures compare others with.
        MEASURES: measured quantities that pictures show.
        DRAWN_BY: test of these comparisons, a key of `TESTS`.
        OWN: names of arrays that only panels of this experiment have.
    """

    REFERENCE: ClassVar[str] = ""
    MEASURES: ClassVar[tuple[str, ...]] = ("",)
    DRAWN_BY: ClassVar[str] = "by_sign"
    OWN: ClassVar[frozenset[str]] = frozenset()

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """Return which arms differ from the arm beside them, by measured quantity and arm."""
        if not self.OWN or not list(self.rows(panel, panels[panel])):
            return {}
        own = {name: data for name, data in panels.items() if self.OWN <= data.keys()}
        rows = [row for name, data in own.items() for row in self.rows(name, data)]
        quantities = conclude(rows, own, self.outcomes)
        clear = {
            (row.measure, row.pairs[0][0])
            for row in rows
            if row.panels == (panel,) and verdict(row, quantities) is not None
        }
        arms = listed(panels[panel], "methods")
        decided = [[(measure, arm) in clear for arm in arms] for measure in self.MEASURES]
        return {"decided": np.array(decided if len(decided) > 1 else decided[0])}

    @classmethod
    def rows(cls, panel: str, data: Data) -> Iterator[Prediction]:
        """Yield the comparisons that a panel's picture shows; by default with the reference."""
        arms, reference = cls.drawn(data), cls.reference(data)
        for measure, arm in product(cls.MEASURES, arms if reference in arms else ()):
            if arm != reference:
                pairs, id_ = ((arm, reference),), f"{panel} {measure} {arm}"
                family = f"drawn_{cls.DRAWN_BY}"
                yield Prediction(id_, "", pairs, (panel,), family, above(0), measure)

    @classmethod
    def reference(cls, data: Data) -> str:
        """Return the arm that pictures compare others with; `REFERENCE` by default."""
        return cls.REFERENCE

    @classmethod
    def drawn(cls, data: Data) -> list[str]:
        """Return the arms that pictures show."""
        return listed(data, "methods")

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return the results of all arms.

        Args:
            data: arrays of a panel, with a first axis of seeds.
            measure: name of the measured quantity, if there are several.
        """
        raise NotImplementedError

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return the predictions that these panels decide."""
        return conclude(predictions.ROWS, panels, cls.outcomes)


# Tests. Each returns the difference of the first and the second arm with its interval, and p.
Test = Callable[[Chosen, int, int], tuple[np.ndarray, float]]


def by_sign(chosen: Chosen, first: int, second: int) -> tuple[np.ndarray, float]:
    """Compare two arms by the exact sign test on the tasks in which they differ."""
    counts = chosen.better
    return chosen.difference(first, second), sign_test(
        int(counts[first, second]), int(counts[second, first])
    )


def by_student(chosen: Chosen, first: int, second: int) -> tuple[np.ndarray, float]:
    """Compare two arms by Student's test of the mean difference in pairs."""
    return chosen.difference(first, second), float(t_test(chosen.end[first] - chosen.end[second]))


def by_student_inside(chosen: Chosen, first: int, second: int) -> tuple[np.ndarray, float]:
    """Compare as `by_student`; p is 1 if an arm chose an end of its grid.

    A better rate may lie beyond the end.
    """
    value, p = by_student(chosen, first, second)
    ends = chosen_rates.at_end(chosen.which[[first, second]], chosen.outcomes.tuning.shape[1])
    return value, 1.0 if ends.any() else p


def without_choice(chosen: Chosen, first: int, second: int) -> tuple[np.ndarray, float]:
    """Compare quantities that do not depend on a rate; Student's interval and test."""
    values = chosen.end[first] - chosen.end[second]
    return mean_interval(values), float(t_test(values))


def by_equivalence(chosen: Chosen, first: int, second: int) -> tuple[np.ndarray, float]:
    """Test whether two arms are alike, or differ by more than a margin (`predictions.MARGIN`).

    The p-value is twice the lesser of two: that of two one-sided Student's tests, and that of a
    mean beyond the margin.
    """
    values = chosen.end[first] - chosen.end[second]
    return chosen.difference(first, second), equivalence_p(values, predictions.MARGIN)


def equivalence_p(values: np.ndarray, margin: float) -> float:
    """Return the two-sided p-value of a mean that lies at a margin; NaN for fewer than two."""
    n = len(values)
    if n < 2:
        return np.nan
    mean, error = values.mean(), values.std(ddof=1) / n**0.5
    # Small if the mean is clearly above -margin and clearly below margin.
    with np.errstate(divide="ignore"):
        sides = scipy.special.stdtr(n - 1, np.array([-margin - mean, mean - margin]) / error)
    return float(min(1.0, 2 * min(sides.max(), (1 - sides).min())))


def lost_lead(chosen: Chosen, first: int, second: int) -> tuple[np.ndarray, float]:
    """Return the share of the second arm's lead that the first arm lacks; test it against 1/2."""
    reference = chosen.outcomes.arms.index(chosen.outcomes.reference)
    three = [reference, first, second]

    def lost(zero: np.ndarray, one: np.ndarray, full: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return 1 - (zero - one) / (zero - full)

    share = lost(*chosen.end.mean(axis=1)[three])
    zero, one, full = chosen.end[three]
    interval = chosen_rates.with_interval(share, lost(*chosen.samples.T[three]))
    return interval, float(t_test(zero - one - (zero - full) / 2))


TESTS: dict[str, Test] = {
    test.__name__: test
    for test in (
        by_sign,
        by_student,
        by_student_inside,
        without_choice,
        by_equivalence,
        lost_lead,
    )
}
"""Tests by the name that a family of predictions states."""


class Compared(NamedTuple):
    """Comparison of two arms in a panel.

    Attributes:
        row: the difference on the family's scale, with its interval.
        p: the p-value without correction.
        why: counts of tasks, in words.
    """

    row: np.ndarray
    p: float
    why: str


def compare(prediction: Prediction, pair: tuple[str, str], chosen: Chosen) -> Compared:
    """Compare two arms as the family of a prediction states."""
    family = prediction.rules
    first, second = map(chosen.outcomes.arms.index, pair)
    row, p = TESTS[prediction.test or family.test](chosen, first, second)
    counts = chosen.better
    why = f"better in {counts[first, second]} of {chosen.end.shape[1]} tasks"
    why += f", worse in {counts[second, first]}"
    return Compared(np.exp(row) if prediction.ratio else row, family.looks * p, why)


def conclude(
    rows: Sequence[Prediction],
    panels: Mapping[str, Data],
    outcomes: Callable[[Data, str], Outcomes],
) -> dict[str, Quantity]:
    """Return the numbers of predictions: estimates, p-values, and tasks that turn a verdict.

    Args:
        rows: predictions; those about other panels are left out.
        panels: arrays by panel.
        outcomes: function from arrays and measured quantity to outcomes.
    """
    found: dict[tuple[str, str], Outcomes] = {}
    arms: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        for panel, pair in _places(row):
            if panel in panels:
                if (panel, row.measure) not in found:
                    found[panel, row.measure] = outcomes(panels[panel], row.measure)
                reference = found[panel, row.measure].reference
                arms.setdefault((panel, row.measure), {reference}).update(pair)

    @cache
    def at(panel: str, measure: str) -> Chosen:
        return choose(found[panel, measure].only(arms[panel, measure]))

    quantities: dict[str, Quantity] = {}
    for members in _families(rows):
        there = [
            (row, (panel, pair))
            for row in members
            for panel, pair in _places(row)
            if panel in panels and set(pair) <= set(found[panel, row.measure].arms)
        ]
        whole = sum(len(list(_places(row))) for row in members)
        if not there or members[0].rules.corrected and len(there) < whole:
            continue
        results = [
            (row, place, compare(row, place[1], at(place[0], row.measure))) for row, place in there
        ]
        quantities |= _numbers(results)
        quantities |= _turned(results, at)
    return quantities


Place = tuple[str, tuple[str, str]]
"""A panel and two arms."""
Results = list[tuple[Prediction, Place, Compared]]


def _families(rows: Sequence[Prediction]) -> Iterator[list[Prediction]]:
    """Yield the predictions of each family; predictions without a correction are alone."""
    families: dict[str, list[Prediction]] = {}
    for i, row in enumerate(rows):
        families.setdefault(row.family if row.rules.corrected else f"{i}", []).append(row)
    yield from families.values()


def _places(row: Prediction) -> Iterator[Place]:
    for panel in row.panels:
        for pair in row.pairs:
            yield panel, pair


def _corrected(results: Results) -> tuple[np.ndarray, str]:
    """Return the p-values of a family, corrected for their number, and how."""
    rules = results[0][0].rules
    p_values = [min(1.0, one.p) for *_, one in results] + [1.0] * rules.withdrawn
    return holm(np.array(p_values))[: len(results)], f"Holm, of {len(p_values)}"


def _numbers(results: Results) -> dict[str, Quantity]:
    quantities, largest = {}, {}
    for row, (panel, pair), one in results:
        value, low, high = map(float, one.row)
        quantities[row.named(panel, pair)] = Quantity(
            value, "statistical", ci_low=low, ci_high=high, why=one.why
        )
    if not results[0][0].rules.corrected:
        return quantities
    adjusted, how = _corrected(results)
    for (row, *_), p in zip(results, adjusted, strict=True):
        if row.id:
            largest.setdefault(row.p_name, []).append(float(p))
    return quantities | {name: band(max(p), 0, 1, how) for name, p in largest.items()}


def _turned(results: Results, at: Callable[[str, str], Chosen]) -> dict[str, Quantity]:
    """Return for each prediction and panel how many tasks turn the verdict if they are left out."""
    verdicts = _verdicts(results)
    counts = {(row, place[0]): 0 for row, place, _ in results if row.id}
    for panel, measure in sorted({(place[0], row.measure) for row, place, _ in results}):
        for reduced in _reduced(at(panel, measure)):
            changed = [
                (row, place, compare(row, place[1], reduced))
                if (place[0], row.measure) == (panel, measure)
                else (row, place, one)
                for row, place, one in results
            ]
            for row, verdict in _verdicts(changed).items():
                if (row, panel) in counts and row.measure == measure:
                    counts[row, panel] += verdicts[row] is not None and verdict != verdicts[row]
    return {row.turned_name(panel): exact(n) for (row, panel), n in counts.items()}


def _verdicts(results: Results) -> dict[Prediction, bool | None]:
    """Return for each prediction whether it holds by the numbers of its family."""
    quantities, verdicts = _numbers(results), {}
    for row in dict.fromkeys(row for row, *_ in results if row.id):
        own = [quantities[row.named(*place)] for other, place, _ in results if other is row]
        clear = not row.rules.corrected or quantities[row.p_name].value < ALPHA
        verdicts[row] = row.relation.holds(*own) if clear else None
    return verdicts


def _reduced(chosen: Chosen) -> Iterator[Chosen]:
    """Yield the results without each tuning task, and without each judged task if they are few."""
    outcomes = chosen.outcomes
    sizes = {TUNING: outcomes.tuning.shape[-1], JUDGED: outcomes.judged.shape[-1]}
    if min(sizes.values()) < 3:
        return
    n = OMITTING_SAMPLES * chosen_rates.RESAMPLES
    samples = _samples(outcomes, n)
    drawn = chosen_rates.drawn(sizes[TUNING], sizes[JUDGED], n)
    parts = dict(zip(sizes, np.split(drawn, [sizes[TUNING]], axis=1), strict=True))
    for role, size in sizes.items():
        for task in range(size if role == TUNING or size <= MOST else 0):
            rest = outcomes.without(role, task)
            which = chosen_rates.chosen(rest.tuning)
            end = chosen_rates.at_chosen(rest.judged.astype(float), which)
            kept = np.flatnonzero(np.all(parts[role] != task, axis=1))
            yield Chosen(rest, which, end, samples[kept])


def _trained_only(outcomes: Outcomes) -> Outcomes:
    tuning = chosen_rates.trained_only(outcomes.tuning, outcomes.judged)
    return outcomes._replace(tuning=tuning)


def verdict(row: Prediction, quantities: Mapping[str, Quantity]) -> bool | None:
    """Return whether a prediction holds; None if it is undecided or was not measured."""
    names = [name.removeprefix(f"{row.rules.figure}.") for name in row.values]
    if not set(names) <= set(quantities):
        return None
    return decided([row]).holds(*(quantities[name] for name in names))


def decided(rows: Sequence[Prediction]) -> Relation:
    """Return the relation of a claim: every row holds, is significant, and no task turns it.

    The quantities are those of `Prediction.values`, row by row.
    """

    def decide(*each: Quantity) -> bool | None:
        verdicts, rest = set(), list(each)
        for row in rows:
            estimates, rest = rest[: row.n_estimates], rest[row.n_estimates :]
            p, rest = (rest[0], rest[1:]) if row.rules.corrected else (None, rest)
            turned, rest = rest[: len(row.panels)], rest[len(row.panels) :]
            steady = not any(count.value for count in turned)
            clear = steady and (p is None or p.value < ALPHA)
            verdicts.add(row.relation.holds(*estimates) if clear else None)
        return False if False in verdicts else None if None in verdicts else True

    words = dict.fromkeys(row.relation.words for row in rows)
    tested = ", p < 0.05" if any(row.rules.corrected for row in rows) else ""
    return Relation(f"{'; '.join(words)}{tested}; no task turns it", decide)


def claims(*figures: str) -> tuple[Claim, ...]:
    """Return the claims that the predictions on some figures make."""
    by_id: dict[str, list[Prediction]] = {}
    for row in predictions.ROWS:
        if row.id and row.rules.figure in figures:
            by_id.setdefault(row.id, []).append(row)
    return tuple(map(_claim, by_id.values()))


def _claim(rows: Sequence[Prediction]) -> Claim:
    first, rules = rows[0], rows[0].rules
    given = {name: value for row in rows for name, value in row.rules.given}
    panels = {panel for row in rows for panel in row.panels}
    opposite, limit = not all(row.predicted for row in rows), "committed before the numbers"
    if opposite:
        limit = "the rule, which is older than the numbers, states the opposite"
    elif rules.chosen:
        limit = "panels chosen when the numbers were known"
    return Claim(
        first.id,
        first.sentence,
        first.measured + correction(first.family),
        tuple(name for row in rows for name in row.values),
        decided(rows),
        source=f"{rules.figure.replace('fig', 'figure ')}, beyond the paper; {PAGE}",
        preset="paper",
        limit=limit,
        given={name: x for name, x in given.items() if name.partition(".")[0] in panels},
        n=rules.n,
        post_hoc=opposite or rules.chosen,
    )


def n_tests(family: str) -> int:
    """Return for how many tests Holm's procedure corrects the p-values of a family."""
    members = [row for row in predictions.ROWS if row.family == family]
    return sum(row.n_estimates for row in members) + families.FAMILIES[family].withdrawn


def correction(family: str) -> str:
    """Return in words how the tests of a family are corrected; empty without a correction."""
    rules = families.FAMILIES[family]
    if not rules.corrected:
        return ""
    twice = " doubled for a second look," if rules.looks == 2 else ""
    return f"; largest p,{twice} Holm for {n_tests(family)}"
