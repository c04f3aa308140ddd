"""Predictions on trainings: a row is an id, words, arms, panels and a family.

The rows are the one home of every prediction. `study` decides them; claims, the table of hypotheses
(beyond/docs/hypotheses.md) and the verdicts on pages are generated from them. Rules and rows are
committed before any of their numbers.

To add a prediction, write a row here, its arms in `methods`, and the rules of a new family in
`families`.
"""

from collections.abc import Iterator, Mapping
from math import log
from typing import Any, NamedTuple

from beyond.experiments.families import (
    AGAIN,
    ENUMERATED_HIGH,
    ENUMERATED_LOW,
    FAMILIES,
    LAMBDA_HIGH,
    LAMBDA_LOW,
    LITERALS,
    LOSS_HIGH,
    LOSS_LOW,
    MAPS,
    MEASURED,
    PARTS,
    RESETS_HIGH,
    RESETS_LOW,
    RESPONSE_HIGH,
    RESPONSE_LOW,
    SCALES_HIGH,
    SCALES_LOW,
    SHARES,
    SLOPES_HIGH,
    SLOPES_LOW,
    STARTS,
    TERM_ON_FIRST,
    TERM_ON_SPIKE_TIMES,
    Family,
)
from beyond.experiments.methods import (
    ANNEALED,
    AT_ONE,
    BROAD,
    LONG,
    LOW,
    MATCHED,
    UNBIASED,
    between,
)
from experiments.replication.relations import Relation, above, below, within

ALIKE = 1.25
"""Ratio of final losses; if it and its inverse are lower, both arms end alike."""
MARGIN = 0.22
"""Log ratio that counts as alike in the tests of equivalence: factors of 0.80 and 1.25."""
EQUALLY = 0.05
"""Difference of shares solved within which two gradients solve equally many tasks."""
LETTERS = "abcd"
"""Ends of the ids of a statement's cells."""
DECIDED_ANEW = (
    "to be decided anew: Adam's epsilon of 1e-8 is larger than many gradients of low noise. With "
    "1e-30, in double precision, stochastic AD on LIF tasks ends at 0.25 of its first loss, not at "
    "0.39 (8 tasks). In an independent recomputation the lead over the exact gradient of the mean "
    "response turns."
)
"""Reservation on verdicts in low noise, in networks that can be enumerated.

The losses are geometric means over the first 8 tasks of `trained_low_noise`, at the rate 0.03.
"""


class Prediction(NamedTuple):
    """A prediction.

    Attributes:
        id: name of the claim; several rows may decide one claim. Empty for a test that belongs to a
            family and is no claim.
        words: the statement, a sentence.
        pairs: arms that are compared: the first against the second.
        panels: panels in which they are compared.
        family: a key of `FAMILIES`.
        relation: relation that each difference or ratio must satisfy.
        measure: name of the measured quantity, if a panel has several.
        test: a key of `study.TESTS`, if it is not the family's.
        predicted: whether this was predicted; False if the opposite was, and the row states what
            was found.
        cell: noise, task or panel, in words, of a statement that is made for several of them. Each
            of them has a row, whose id ends in a letter of its own.
    """

    id: str
    words: str
    pairs: tuple[tuple[str, str], ...]
    panels: tuple[str, ...]
    family: str
    relation: Relation
    measure: str = ""
    test: str = ""
    predicted: bool = True
    cell: str = ""

    @property
    def sentence(self) -> str:
        """The statement with its cell."""
        lower = f"{self.words[0].lower()}{self.words[1:]}"
        return f"{self.cell}: {lower}" if self.cell else self.words

    @property
    def rules(self) -> Family:
        """The rules of the family."""
        return FAMILIES[self.family]

    @property
    def ratio(self) -> bool:
        """True if a difference of logs is reported as a ratio."""
        return self.rules.ratio and not self.test

    @property
    def measured(self) -> str:
        """The measured quantity, in words."""
        return MEASURED.get(self.test, self.rules.measured)

    @property
    def n_estimates(self) -> int:
        """Number of estimates."""
        return len(self.pairs) * len(self.panels)

    @property
    def p_name(self) -> str:
        """Name of the largest p-value."""
        return f"{self.family}.{self.id}_p"

    def named(self, panel: str, pair: tuple[str, str]) -> str:
        """Return the name of an estimate."""
        where = f"_in_{self.measure}" if self.measure else ""
        scale = "" if self.ratio or self.rules.measured == SHARES else "_log"
        return f"{panel}.{'_over_'.join(pair)}{where}{scale}"

    def turned_name(self, panel: str) -> str:
        """Return the name of the number of a panel's tasks that turn the verdict."""
        return f"{self.named(panel, self.pairs[0])}_{self.id}_turned"

    @property
    def values(self) -> list[str]:
        """Names of the quantities that decide this row, as `study.decided` reads them."""
        names = [self.named(panel, pair) for panel in self.panels for pair in self.pairs]
        p_values = [self.p_name] if self.rules.corrected else []
        names += [*p_values, *map(self.turned_name, self.panels)]
        return [f"{self.rules.figure}.{name}" for name in names]


def _rows(family: str, panels: tuple[str, ...], **common: Any) -> Any:
    """Return a function that makes a row of a family from id, words, arms and relation."""

    def row(
        id_: str, words: str, first: str, second: str, relation: Relation, **own: Any
    ) -> Prediction:
        fields: dict[str, Any] = {"panels": panels, "family": family, **common, **own}
        return Prediction(id_, words, ((first, second),), relation=relation, **fields)

    return row


def _by_cell(family: str, cells: Mapping[str, tuple[str, str]]) -> Any:
    """Return a function that yields a row of a family for each cell of a statement.

    Args:
        family: key of `FAMILIES`.
        cells: panel and measured quantity by the name of a cell.
    """

    def rows(id_: str, *statement: Any, **own: Any) -> Iterator[Prediction]:
        for letter, (cell, (panel, measure)) in zip(LETTERS, cells.items(), strict=False):
            row = _rows(family, (panel,), cell=cell, measure=measure)
            yield row(f"{id_}{letter}", *statement, **own)

    return rows


def _map(id_: str, high: float, low: float, words: str, relation: Relation) -> Prediction:
    """Return the row on two lambda, at each surrogate slope below the noise's."""
    pairs = tuple((between(r, high), between(r, low)) for r in SLOPES[1:])
    words = f"Lambda {words}: the larger solves more Boolean tasks at each surrogate slope below "
    return Prediction(id_, f"{words}the noise's.", pairs, MAPS, "map", relation)


SLOPES = (1.0, 0.5, 0.25, 0.125, 0.0625)
"""Slopes of the surrogate over that of the noise, of the map."""
EXACT = "the exact gradient of the expected loss"
ZERO = "the orthogonal part of the SG of a function zero on spike trains"
RESPONSE = "loss of the mean response"
MORE = "solves more Boolean tasks than"


def _boolean() -> Iterator[Prediction]:
    yield from (
        _map("E57", 0.0, -0.5, "0 versus -1/2", above(0)),
        _map("E58", 0.5, 0.0, "1/2 versus 0", above(0)),
        _map("E59", 1.0, 0.5, "1 versus 1/2", above(0)),
    )
    yield Prediction(
        "E61",
        f"Lambda 0 solves less than 0.05 more of the tasks than {EXACT} at each surrogate slope.",
        tuple((between(r, 0.0), "exact") for r in SLOPES),
        MAPS,
        "map_by_interval",
        below(0.05),
    )
    parts = _rows("parts", PARTS)
    yield parts(
        "E62",
        f"{EXACT[0].upper()}{EXACT[1:]} solves more tasks with {ZERO}.",
        "plus_between",
        "exact",
        above(0),
    )
    yield parts(
        "E63",
        f"At equal length {ZERO} is worth more than the linear loss's.",
        "plus_between",
        "plus_linear",
        above(0),
    )
    yield _rows("parts_by_interval", PARTS)(
        "E64",
        f"To 0.1 {ZERO} is as good as the whole SG's.",
        "plus_between",
        "plus_orthogonal",
        within(0, atol=0.1),
    )
    every, both, low = (LOSS_LOW, LOSS_HIGH, LITERALS), (LOSS_LOW, LOSS_HIGH), (LOSS_LOW, LITERALS)
    loss = _rows("losses", both)
    response, expected = "exact_of_response", "exact_of_expected"
    entropy = "exact_of_cross_entropy"
    yield loss(
        "E110",
        f"The exact gradient of the {RESPONSE} {MORE} that of the expected loss.",
        response,
        expected,
        above(0),
        panels=every,
    )
    yield loss(
        "E111",
        f"The exact gradient of the cross-entropy {MORE} that of the expected loss.",
        entropy,
        expected,
        above(0),
    )
    yield loss(
        "E112",
        f"In low noise the usual broad SG {MORE} the exact gradient of the {RESPONSE}.",
        "broad_usual",
        response,
        above(0),
        panels=low,
    )
    yield loss(
        "E113",
        f"In low noise breadth helps: the broad SG of the {RESPONSE} {MORE} its exact gradient.",
        "broad_of_response",
        response,
        above(0),
        panels=low,
    )
    yield loss(
        "E116",
        f"The broad SG of the {RESPONSE} {MORE} that of the expected loss.",
        "broad_of_response",
        "broad_of_expected",
        above(0),
    )
    yield loss(
        "E117",
        f"Choice of the surrogate: a broad SG {MORE} the matched one, which the theory supports.",
        "broad_usual",
        "matched_usual",
        above(0),
    )
    equal = _rows("losses_by_interval", every)
    yield equal(
        "E118",
        f"In high noise the exact gradient of the {RESPONSE} solves as many Boolean tasks as the "
        "usual broad SG, to 0.05.",
        response,
        "broad_usual",
        within(0, atol=EQUALLY),
        panels=(LOSS_HIGH,),
    )
    yield equal(
        "E119",
        f"The broad SG of the {RESPONSE} solves as many Boolean tasks as the usual broad SG, "
        "to 0.05.",
        "broad_of_response",
        "broad_usual",
        within(0, atol=EQUALLY),
    )
    literals = _rows("literals", (LITERALS,))
    start = "For three literals"
    yield literals(
        "E156",
        f"{start} the exact gradient of the cross-entropy {MORE} that of the expected loss.",
        entropy,
        expected,
        above(0),
    )
    yield literals(
        "E159",
        f"{start} the broad SG of the {RESPONSE} {MORE} that of the expected loss.",
        "broad_of_response",
        "broad_of_expected",
        above(0),
    )
    yield literals(
        "E160",
        f"{start} a broad SG {MORE} the matched one, which the theory supports.",
        "broad_usual",
        "matched_usual",
        above(0),
    )


SLOPE_16, SLOPE_4 = "slope_16", "slope_4"
"""Slopes of the noise, by which initial gains are chosen; the noise of the panels has slope 16."""
FUNCTIONS = ("Random functions", "Three literals")
"""Functions of the panels on initial weights."""
FEWER = "E175b"
"""Cell of the initial weights in which the first gradient solves fewer tasks than the second."""


def _starts() -> Iterator[Prediction]:
    """Yield the rows of initial_weights.md, a cell each, then those of the second look."""
    own, start = "With gain and rate chosen for each, ", "From gain 1 "
    usual, response, expected = "broad_usual", "exact_of_response", "exact_of_expected"
    of_response, of_expected = "the exact gradient of the mean response", EXACT
    broad = f"the usual broad SG {MORE}"
    breadth = (usual, response), f"{own}{broad} {of_response}."
    breadth_of_response = (
        ("broad_of_response", response),
        f"{own}the broad SG of the mean response {MORE} its exact gradient.",
    )
    rows = (
        ("E165", *breadth),
        ("E166", *breadth_of_response),
        ("E167", (usual, expected), f"{own}{broad} {of_expected}."),
        ("E168", (response, expected), f"{own}{of_response} {MORE} that of the expected loss."),
        ("E169", (usual, "matched_usual"), f"{own}{broad} the matched one."),
        (
            "E170",
            ("best_surrogate", "best_exact"),
            f"{own}the best of three SGs {MORE} the best of three exact gradients.",
        ),
        (
            "E171",
            (response, f"{response}{AT_ONE}"),
            "The exact gradient of the mean response solves more Boolean tasks from its own "
            "initial gain than from gain 1.",
        ),
        ("E172", (f"{usual}{AT_ONE}", f"{response}{AT_ONE}"), f"{start}{broad} {of_response}."),
        (
            "E173",
            (f"{response}{LONG}", f"{response}{AT_ONE}"),
            f"{start}{of_response} solves more Boolean tasks in 6 000 updates than in 600.",
        ),
        (
            "E174",
            (f"{usual}{LONG}", f"{response}{LONG}"),
            f"In 6 000 updates from gain 1 {broad} {of_response}.",
        ),
        (
            "E175",
            (f"{ANNEALED}{response}{AT_ONE}", f"{response}{AT_ONE}"),
            f"{start}{of_response} solves more Boolean tasks if the slope of the noise rises from "
            "a quarter.",
        ),
        (
            "E176",
            (f"{usual}{AT_ONE}", f"{ANNEALED}{response}{AT_ONE}"),
            f"{start}{broad} {of_response}, annealed.",
        ),
    )
    cells = {
        f"{functions}, noise of slope {words}": (panel, slope)
        for panel, functions in zip(STARTS, FUNCTIONS, strict=True)
        for slope, words in ((SLOPE_16, "16"), (SLOPE_4, "4"))
    }
    for id_, pair, words in rows:
        for row in _by_cell("starts", cells)(id_, words, *pair, above(0)):
            if row.id == FEWER:
                found = {"words": words.replace("more", "fewer"), "relation": below(0)}
                row = row._replace(**found, predicted=False)
            yield row
    cells = {functions: (panel, "") for panel, functions in zip(AGAIN, FUNCTIONS, strict=True)}
    for id_, (pair, words) in (("E177", breadth), ("E178", breadth_of_response)):
        words = f"In a second look, {words[0].lower()}{words[1:]}"
        yield from _by_cell("starts_again", cells)(id_, words, *pair, above(0))


def _lif() -> Iterator[Prediction]:
    regimes = (LAMBDA_HIGH, LAMBDA_LOW)
    lam = _rows("lambda", regimes)
    for id_, panel, where in (("E65", LAMBDA_HIGH, "High"), ("E66", LAMBDA_LOW, "Low")):
        yield lam(
            id_,
            f"{where} noise: broad SGs with lambda 0 lose at least half of their lead over "
            "unbiased gradients.",
            "lambda0",
            "lambda1",
            above(0.5),
            panels=(panel,),
            test="lost_lead",
        )
    ends = "broad SGs end lower with the larger lambda."
    for id_, high, low in (("E67", "0", "-0.5"), ("E68", "0.5", "0"), ("E69", "1", "0.5")):
        words = f"Lambda {high} versus {low}: {ends}"
        yield lam(id_, words, f"lambda{high}", f"lambda{low}", below(1))
    picture = _rows("lambda_picture", ("lambda_picture",))
    for id_, high, low in (("E85", "1", "0"), ("E86", "0.5", "0"), ("E87", "1", "0.5")):
        words = f"Figure 6's task, lambda {high} versus {low}: {ends}"
        yield picture(id_, words, f"lambda{high}", f"lambda{low}", below(1))
    yield from _two_losses()
    yield from _slopes_and_resets()
    yield from _resets()


BY_LOSS = {
    "E122": (
        f"SGs of the {RESPONSE} (broad, matched, SuperSpike) end lower in it than usual SGs do."
    ),
    "E123": (
        f"SGs of the {RESPONSE} (broad, matched, SuperSpike) end with a higher expected loss than "
        "usual SGs do."
    ),
}
"""Statements on three surrogates, in two families."""


def _two_losses() -> Iterator[Prediction]:
    regimes = (RESPONSE_HIGH, RESPONSE_LOW)
    row = _rows("response", regimes)
    free = ("unbiased_of_response", "unbiased_of_expected")
    start = f"Unbiased gradients of the {RESPONSE} end"
    than = "than those of the expected loss."
    words = f"{start} with a lower expected loss {than}"
    yield row("E120", words, *free, below(1), measure="expected")
    yield row("E121", f"{start} lower in it {than}", *free, below(1), measure="response")
    broad = ("broad_of_response", "broad_usual")
    yield row("E122", BY_LOSS["E122"], *broad, below(1), measure="response")
    yield row("E123", BY_LOSS["E123"], *broad, above(1), measure="expected")
    matched = ("matched_usual", "unbiased_of_expected")
    yield row(
        "E124",
        "In high noise the matched SG through the reset ends lower than unbiased gradients.",
        *matched,
        below(1),
        measure="expected",
        panels=(RESPONSE_HIGH,),
    )
    yield row(
        "E125",
        "In low noise unbiased gradients end lower than the matched SG through the reset.",
        *matched,
        above(1),
        measure="expected",
        panels=(RESPONSE_LOW,),
    )
    yield row(
        "E126",
        "Choice of the surrogate over time: a broad SG ends lower than the matched one, which the "
        "theory supports.",
        "broad_usual",
        "matched_usual",
        below(1),
        measure="expected",
    )
    reached = ("unbiased_of_response", "broad_usual")
    names = {"expected": "expected loss", "response": RESPONSE}
    places = (
        ("response_by_interval", regimes, "", ("E127", "E128")),
        ("picture_by_interval", ("response_picture",), "In figure 6's task ", ("E154", "E155")),
    )
    for family, panels, where, ids in places:
        for id_, (measure, name) in zip(ids, names.items(), strict=True):
            words = f"{where}{start[0].lower() if where else start[0]}{start[1:]} with more than "
            words += f"1.25 times the {name} of broad SGs."
            yield _rows(family, panels)(
                id_, words, *reached, above(ALIKE), measure=measure, predicted=False
            )


RESET_ARMS = {
    "matched": ("matched_usual", "matched_detached_usual"),
    "broad": ("broad_usual", "broad_detached_usual"),
    "super_spike": ("super_spike_through_usual", "super_spike_usual"),
}
"""Arms of each surrogate derivative, through the reset and detached."""
BY_RESET = ("through the reset", "with the reset detached")


def _slopes_and_resets() -> Iterator[Prediction]:
    both = (SLOPES_HIGH, SLOPES_LOW)
    row = _rows("slopes", both, measure="expected")
    low, high = {"panels": (SLOPES_LOW,)}, {"panels": (SLOPES_HIGH,)}
    matched, broad, spike = RESET_ARMS.values()
    words = "In low noise {} ends lower through the reset than detached."
    yield row("E140", words.format("a broad SG"), *broad, below(1), **low)
    yield row("E141", words.format("a SuperSpike SG"), *spike, below(1), **low)
    for i, (id_, reset) in enumerate(zip(("E142", "E143"), BY_RESET, strict=True)):
        words = f"In high noise, {reset}, a broad SG ends lower than SuperSpike."
        yield row(id_, words, broad[i], spike[i], below(1), **high)
    ids = iter(("E144", "E145", "E146", "E147"))
    for noise, where in (("high", high), ("low", low)):
        for i, reset in enumerate(BY_RESET):
            words = f"In {noise} noise, {reset}, the choice of a broad surrogate ends lower than "
            words += "that of the matched one."
            yield row(next(ids), words, broad[i], matched[i], below(1), **where)
    for name in ("matched", "super_spike"):
        arms = f"{name}_of_response", f"{name}_usual"
        yield row("E122", BY_LOSS["E122"], *arms, below(1), measure="response")
        yield row("E123", BY_LOSS["E123"], *arms, above(1))
    alike = _rows("slopes_by_interval", both, measure="expected")
    inside = within(0, atol=log(ALIKE))
    words = "Broad and SuperSpike SGs through the reset end alike, to a factor of 1.25."
    yield alike("E148", words, broad[0], spike[0], inside)
    yield alike(
        "E149",
        "In low noise, with the reset detached, a broad SG ends higher than SuperSpike, by more "
        "than a factor of 1.25.",
        broad[1],
        spike[1],
        above(log(ALIKE)),
        predicted=False,
        **low,
    )
    words = "In high noise {} SGs end alike through the reset and detached, to a factor of 1.25."
    yield alike("E150", words.format("broad"), *broad, inside, **high)
    yield alike("E151", words.format("SuperSpike"), *spike, inside, **high)


def _resets() -> Iterator[Prediction]:
    lower, higher = below(0), above(0)
    inside, far = within(0, atol=MARGIN), "through the reset trains"
    alike = "losses end alike through the reset and detached, to a factor of 1.25."
    scaled, spike = (
        ("scaled_sigmoid_through", "scaled_sigmoid"),
        ("super_spike_through", "super_spike"),
    )
    matched = (MATCHED, "surrogate")
    bounded, unsigned = (f"{MATCHED}_bounded", MATCHED), (f"{MATCHED}_unsigned", MATCHED)
    more = (f"{MATCHED}_more", MATCHED)
    regimes = (
        (RESETS_HIGH, "High noise", ("E71", "E72", "E73", "E74", "E75", "E76", "E77")),
        (RESETS_LOW, "Low noise", ("E78", "E79", "E80", "E81", "E82", "E83", "E84")),
    )
    for panel, noise, names in regimes:
        row = _rows("resets", (panel,))
        ids = iter(names)
        high = panel == RESETS_HIGH
        equal = {"test": "by_equivalence"}
        yield row(next(ids), f"{noise}, scaled sigmoid: {alike}", *scaled, inside, **equal)
        yield row(next(ids), f"{noise}, SuperSpike: {alike}", *spike, inside, **equal)
        yield row(
            next(ids),
            f"{noise}, against detached: the matched SG {far} {'further' if high else 'less far'}.",
            *matched,
            lower if high else higher,
            predicted=not high,
        )
        words = f"{noise}, if no reset makes it longer: the matched SG {far} further."
        yield row(next(ids), words, *bounded, lower)
        yield row(
            next(ids),
            f"{noise}, if no reset turns its sign: the matched SG {far} "
            f"{'less far' if high else 'further'}.",
            *unsigned,
            higher if high else lower,
            predicted=not high,
        )
        words = f"{noise}, with four times the passes: the matched SG {far} further."
        yield row(next(ids), words, *more, lower)
        yield row(
            next(ids),
            f"{noise}: the matched SG before training points {'better' if high else 'further off'} "
            "through the reset than detached.",
            *matched,
            higher if high else lower,
            measure="update_cosine",
            test="without_choice",
            predicted=high,
        )
    yield Prediction(
        "E20",
        "In low noise SuperSpike of slope 10 trains further than stochastic AD.",
        (("super_spike", UNBIASED),),
        (RESETS_LOW, f"trained_{LOW}"),
        "trained_by_interval",
        below(1),
    )


def _spike_times() -> Iterator[Prediction]:
    events, pathwise, unbiased = "event_based", "pathwise", "unbiased"
    active = _rows("spike_times", ("active",))
    silent = _rows("spike_times", ("silent",))
    start, ends = "On spike times, from an active network,", "EventProp ends higher than"
    yield active(
        "E103", f"{start} {ends} the matched SG.", events, "matched", above(0), predicted=False
    )
    yield active("E104", f"{start} {ends} a broad SG.", events, "broad", above(0), predicted=False)
    words = f"{start} pathwise with noise ends lower than unbiased."
    yield active("E105", words, pathwise, unbiased, below(0))
    # EventProp learns nothing from a silent network, by construction: the test is no claim.
    yield silent("", "A broad SG ends lower than EventProp.", "broad", events, below(0))
    yield silent(
        "E107",
        "On spike times, from a silent network, unbiased ends higher than pathwise with noise.",
        unbiased,
        pathwise,
        above(0),
        predicted=False,
    )
    first = _rows("first_spikes", ("first_spikes",))
    start = "In a code of first spikes"
    yield first("E129", f"{start} a broad SG ends lower than EventProp.", "broad", events, below(0))
    words = f"{start} the matched SG ends lower than EventProp."
    yield first("E130", words, "matched", events, below(0))
    words = f"{start} pathwise with noise ends lower than unbiased."
    yield first("E131", words, pathwise, unbiased, below(0))
    words = f"{start} a broad SG ends lower than pathwise with noise."
    yield first("E132", words, "broad", pathwise, below(0))
    words = f"{start}, judged without noise, a broad SG ends lower than EventProp."
    yield first("E133", words, "broad", events, below(0), measure="quiet")


NOISE, QUIET = "noise", "quiet"
"""Networks that judge trainings with a term on firing rates: with noise, and without."""


def _firing_rates() -> Iterator[Prediction]:
    """Yield the rows of the second run of event_training.md, U1 to U5."""
    event, term = "event_based", "a term on firing rates"
    with_term = f"{event}_term"
    (active, silent), (first_spikes,) = TERM_ON_SPIKE_TIMES, TERM_ON_FIRST
    cells = {"Active network": (active, ""), "Silent network": (silent, "")}
    times = _by_cell("firing_rates", cells)
    each = _by_cell("firing_rates", cells | {"First spikes": (first_spikes, "")})
    first = _rows("firing_rates", TERM_ON_FIRST)
    times_in_noise = "On spike times, in noise, the broad SG ends lower than"
    in_first = (
        f"In a code of first spikes, {{}} EventProp with {term} ends lower than the broad SG."
    )
    without = "trained and judged without noise,"
    found = {"relation": above(1), "predicted": False}
    words = f"{times_in_noise} EventProp with {term}."
    yield from times("E180", words, "broad", with_term, below(1), measure=NOISE)
    words = in_first.format("in noise,")
    yield first("E197", words, "broad", with_term, measure=NOISE, **found)
    words = f"On spike times, {without} the broad SG ends lower than EventProp with {term}."
    yield from times("E181", words, "broad_quiet", with_term, below(1), measure=QUIET)
    words = in_first.format(without)
    yield first("E198", words, "broad_quiet", with_term, measure=QUIET, **found)
    words = f"{times_in_noise} pathwise gradients with {term}."
    yield from times("E182", words, "broad", "pathwise_term", below(1), measure=NOISE)
    words = f"Judged in noise EventProp ends lower with {term}."
    yield from each("E183", words, with_term, event, below(1), measure=NOISE)
    words = f"Judged without noise EventProp ends lower with {term}."
    yield from each("E184", words, with_term, event, below(1), measure=QUIET)


def _bias_or_variance() -> Iterator[Prediction]:
    """Yield the rows of bias_or_variance.md: networks that can be enumerated, then scales."""
    cells = {"High noise": (ENUMERATED_HIGH, ""), "Low noise": (ENUMERATED_LOW, "")}
    each, row = _by_cell("enumerated", cells), _rows("enumerated", ())
    start, expected = "In networks that can be enumerated", "exact_of_expected"
    words = f"{start}, the broad SG ends lower than stochastic AD."
    yield from each("E185", words, "broad", "stochastic_ad", below(1))
    words = f"{start}, {EXACT} ends lower than stochastic AD."
    yield from each("E186", words, expected, "stochastic_ad", below(1))
    of_response = f"the exact gradient of the {RESPONSE}"
    for other, arm, ids in (
        (EXACT, expected, ("E187", "E195")),
        (of_response, "exact_of_response", ("E188", "E196")),
    ):
        regimes = ((ENUMERATED_LOW, "low"), (ENUMERATED_HIGH, "high"))
        for id_, (panel, noise) in zip(ids, regimes, strict=True):
            words = f"{start}, in {noise} noise the mean of the broad SG ends lower than {other}."
            words += f" It is {DECIDED_ANEW}" if noise == "low" else ""
            yield row(id_, words, "mean_of_broad", arm, below(1), panels=(panel,))
    words = (
        f"{start}, the exact gradient of the {RESPONSE} ends lower than that of the expected loss."
    )
    yield from each("E189", words, "exact_of_response", expected, below(1))
    words = f"{start}, the mean of the matched SG ends higher than {EXACT}."
    yield from each("E190", words, "mean_of_matched", expected, above(1))
    cells = {"High noise": (SCALES_HIGH, ""), "Low noise": (SCALES_LOW, "")}
    each, scales = _by_cell("scales", cells), _rows("scales", ())
    own = "In LIF tasks, with initial scale and rate chosen for each,"
    words = f"{own} the broad SG ends lower than stochastic AD."
    yield from each("E191", words, BROAD, UNBIASED, below(1))
    words = f"{own} in high noise the matched SG ends lower than stochastic AD."
    yield scales("E192", words, MATCHED, UNBIASED, below(1), panels=(SCALES_HIGH,))
    words = f"{own} in low noise the matched SG ends higher than stochastic AD."
    yield scales("E193", words, MATCHED, UNBIASED, above(1), panels=(SCALES_LOW,))
    words = "In LIF tasks stochastic AD ends lower from its own initial scale than from scale 1."
    yield from each("E194", words, UNBIASED, f"{UNBIASED}_at_one", below(1))


ROWS: tuple[Prediction, ...] = (
    *_boolean(),
    *_starts(),
    *_lif(),
    *_bias_or_variance(),
    *_spike_times(),
    *_firing_rates(),
)
"""All predictions."""
