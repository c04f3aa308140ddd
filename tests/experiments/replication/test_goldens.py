"""Committed numbers and claims: what passes, and what must not."""

import pytest

from experiments.engine.config import Project
from experiments.engine.errors import UserError, guarded
from experiments.engine.experiment import Quantity, band, exact, statistical
from experiments.engine.provenance import package_version
from experiments.replication import goldens, relations, report, verify
from experiments.replication.claim import Claim, claims_of
from experiments.replication.goldens import Golden, compute_smoke, not_reproduced, read, write
from experiments.tables import aligned

NAN, INF = float("nan"), float("inf")
INSTALLED = package_version("jax")
CASES = {
    "exact, the same": (exact(2.0), exact(2.0), "1", True),
    "exact, rounded": (exact(2.0), exact(2.0 + 1e-9), "1", True),
    "exact, off": (exact(2.0), exact(2.1), "1", False),
    "exact, zero by atol": (exact(0.0, atol=1e-12), exact(1e-13), "1", True),
    "exact, nan": (exact(2.0), exact(float("nan")), "1", False),
    "statistical, same JAX": (statistical(1.0, 0.1), statistical(1.0, 0.1), "1", True),
    "statistical, same JAX, off": (statistical(1.0, 0.1), statistical(1.01, 0.1), "1", False),
    "statistical, other JAX": (statistical(1.0, 0.1), statistical(1.4, 0.1), "2", True),
    "statistical, other JAX, off": (statistical(1.0, 0.1), statistical(1.8, 0.1), "2", False),
    "statistical, nan": (statistical(1.0, 0.1), statistical(float("nan"), 0.1), "2", False),
    "band, in": (band(1.0, 0.5, 1.5, "why"), band(1.4, 0, 9, "why"), "1", True),
    "band, out": (band(1.0, 0.5, 1.5, "why"), band(1.6, 0, 9, "why"), "1", False),
    "band, no interval": (band(1, 0, 9, "why"), band(1, 0, 9, "why", (NAN, NAN)), "1", False),
    "band, half an interval": (band(1, 0, 9, "why"), band(1, 0, 9, "", (0, INF)), "1", False),
    "statistical, no error": (statistical(1.0, 0.1), statistical(1.0, INF), "2", False),
    "exact, tolerance ten times": (exact(1.0, 1e-9), exact(1 + 5e-9, 1e-8), "2", False),
    "statistical, tolerance ten times": (statistical(1, 0), statistical(1 + 5e-9, 0), "1", False),
    "exact, its own atol": (exact(0, atol=1e-12), exact(5e-12, atol=1e-11), "2", False),
    "kind changed": (exact(1.0), statistical(1.0, 0.1), "1", False),
}


@pytest.mark.parametrize(("old", "new", "jax", "passes"), CASES.values(), ids=CASES.keys())
def test_comparison(old, new, jax, passes):
    golden = Golden(INSTALLED if jax == "1" else "0", {"p.q": old})
    differences = not_reproduced("fig1", golden, {"p.q": new})
    assert (not differences) is passes


def test_in_single_precision_the_processor_may_move_a_spike():
    golden = Golden(INSTALLED, {"p.q": statistical(1.0, 0.1)}, x64=False)
    assert not not_reproduced("fig1", golden, {"p.q": statistical(1.4, 0.1)})
    assert not_reproduced("fig1", golden, {"p.q": statistical(1.8, 0.1)})


def test_missing_and_extra_quantities_fail():
    differences = not_reproduced("fig1", Golden("1", {"p.a": exact(1)}), {"p.b": exact(2)})
    assert [row[:3] for row in differences] == [["fig1.p.a", "1", "-"], ["fig1.p.b", "-", "2"]]


def test_golden_file_round_trip(tmp_path):
    quantities = {"p.a": exact(1 / 3), "p.b": statistical(1, 0.1), "p.c": band(1, 0, 2, "why")}
    for x64 in (True, False):
        write(tmp_path / "fig1.json", quantities, x64)
        golden = read(tmp_path / "fig1.json")
        assert (golden.quantities, golden.x64) == (quantities, x64)


def test_verify_catches_a_changed_computation(toy, capsys, monkeypatch):
    monkeypatch.setattr(verify, "claims_of", lambda rooms: ())
    monkeypatch.setattr(verify, "refuse_bad_jaxlib", lambda: None)
    goldens.main(["fig7"], toy.project)
    assert guarded(lambda given: verify.main(given, toy.project), []) == 2
    assert "fig8 has no golden numbers" in capsys.readouterr().err
    goldens.main([], toy.project)
    assert verify.main([], toy.project) == 0
    assert not toy.results.exists()
    for figure in ("fig7", "fig8"):
        toy.run(f"figure={figure}/smoke")
    with monkeypatch.context() as never:
        never.setattr("toylab.signals.wave.Wave.compute", None)
        assert verify.main(["compute=auto"], toy.project) == 0
    monkeypatch.setattr("toylab.signals.wave.sine", lambda t: 1.05 * t)
    assert verify.main([], toy.project) == 1
    out = capsys.readouterr().out
    assert "fig7.wave.maximum" in out and "fig8.wave.maximum" in out
    assert verify.main(["--without", "fig7"], toy.project) == 1
    out = capsys.readouterr().out
    assert "fig7.wave.maximum" not in out and "fig8.wave.maximum" in out
    assert verify.main(["--without", "fig7", "fig8"], toy.project) == 0
    assert "0 not reproduced; not computed: fig7, fig8" in capsys.readouterr().out
    with pytest.raises(UserError, match="no such figure to leave out"):
        verify.main(["--without", "fig9"], toy.project)


DAMAGES = ["{", "[]", '{"quantities": {}}', '{"jax": 1, "x64": true}', None]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_golden_file_is_named_before_anything_is_computed(toy, monkeypatch, damage):
    for figure in ("fig7", "fig8"):
        write(toy.project.golden(figure), {"wave.maximum": exact(1)})
    text = (toy.project.golden("fig8")).read_text()
    (toy.project.golden("fig8")).write_text(damage or text.replace('"rtol"', '"rtal"'))
    monkeypatch.setattr(verify, "compute_smoke", None)
    with pytest.raises(UserError, match=r"golden file of fig8 cannot be read(.|\n)*fig8.json: "):
        verify.reproduced(toy.project, from_cache=False)


def test_smoke_is_computed_although_a_result_is_cached(toy, monkeypatch):
    toy.run("figure=fig7/smoke")
    before = compute_smoke("fig7", toy.project)["wave.maximum"].value
    monkeypatch.setattr("toylab.signals.wave.sine", lambda t: 7.0 + 0 * t)
    assert compute_smoke("fig7", toy.project)["wave.maximum"].value == 7.0 != before


NOT_FINITE = [
    band(2, 0, 9, "", (NAN, 3)),
    band(2, 0, 9, "", (1, INF)),
    statistical(2, INF),
    statistical(2, NAN),
    exact(INF),
]


@pytest.mark.parametrize("quantity", NOT_FINITE)
def test_a_number_or_error_that_is_not_finite_fails_every_claim(quantity):
    claims = [
        relations.above(1),
        relations.abs_above(1),
        relations.within(2, atol=1),
        relations.interval_above(0),
        relations.increasing(),
    ]
    for relation in claims:
        assert relation.holds(quantity, exact(0.01)) is False


RELATIONS = {
    "within, no margin": (relations.within(2.0), [exact(2.0, rtol=0)], [exact(2.1)]),
    "within a share": (relations.within(2.0, rtol=0.01), [exact(2.01)], [exact(2.1)]),
    "opposite signs": (
        relations.opposite_signs(),
        [exact(-1), exact(2)],
        [exact(1), exact(2)],
    ),
    "increasing": (
        relations.increasing(),
        [exact(1), exact(2), exact(3)],
        [exact(1), exact(3), exact(2)],
    ),
    "ratio": (relations.ratio_below(0.5), [exact(1), exact(3)], [exact(1), exact(1.9)]),
    "nan": (relations.abs_below(1.0), [exact(0.0)], [exact(NAN)]),
    "no error": (
        relations.above(0.4),
        [band(0.5, 0, 1, "one training")],
        [band(0.3, 0, 1, "one training")],
    ),
}


@pytest.mark.parametrize(("relation", "good", "bad"), RELATIONS.values(), ids=RELATIONS.keys())
def test_relations(relation, good, bad):
    assert relation.holds(*good) is True
    assert relation.holds(*bad) is False
    assert str(relation)


BY_ERROR = {
    "below": (relations.below(1.0), (0.9, 0.03), (1.1, 0.03), (0.9, 0.05)),
    "above": (relations.above(1.0), (1.1, 0.03), (0.9, 0.03), (1.1, 0.05)),
    "abs below": (relations.abs_below(1.0), (-0.9, 0.03), (-1.1, 0.03), (0.9, 0.05)),
    "abs above": (relations.abs_above(1.0), (-1.1, 0.03), (0.9, 0.03), (1.1, 0.05)),
    "within": (relations.within(1.0, atol=0.05), (0.99, 0.01), (0.9, 0.01), (1.0, 0.02)),
    "ratio": (relations.ratio_below(1.0), (0.3, 0.1), (1.8, 0.1), (0.9, 0.1)),
    "increasing": (relations.increasing(), (0.5, 0.1), (1.5, 0.1), (0.9, 0.1)),
}


@pytest.mark.parametrize(("relation", "good", "bad", "noisy"), BY_ERROR.values(), ids=BY_ERROR)
def test_relations_are_decided_by_the_whole_interval(relation, good, bad, noisy):
    """Three standard errors; more noise never makes a relation hold that did not."""
    second = [statistical(1.0, 0.05)] if relation.words in ("ratio < 1", "increasing") else []
    for (value, se), verdict in zip((good, bad, noisy), (True, False, None), strict=True):
        assert relation.holds(statistical(value, se), *second) is verdict
        assert relation.holds(statistical(value, 100 * se), *second) is None


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.7, True), (0.8, None), (1.2, None), (1.3, False)]
)
def test_a_ratio_is_decided_by_the_whole_interval_of_its_denominator(value, verdict):
    """Half of a number between 1.5 and 2.5 lies between 0.75 and 1.25."""
    ratio, denominator = relations.ratio_below(0.5), band(2.0, 0, 9, "by hand", (1.5, 2.5))
    assert ratio.holds(exact(value), denominator) is verdict


def test_a_sign_within_its_error_is_undecided():
    signs = relations.opposite_signs()
    for se, verdict in ((0.1, True), (1.0, None)):
        assert signs.holds(statistical(-1, 0.1), statistical(2, se)) is verdict


def test_an_exact_number_counts_with_its_error_bound():
    assert relations.abs_below(1e-9).holds(exact(1e-16, atol=1e-12))
    assert relations.abs_below(1e-12).holds(exact(1e-16, rtol=0, atol=1e-12)) is None
    assert relations.abs_below(1e-12).holds(exact(1e-11, rtol=0, atol=1e-12)) is False


def test_a_band_counts_by_its_interval():
    """Figure 7's held-out accuracy, 0.25 with 0.155 to 0.377, is not seen to be above 0.16."""
    interval = (0.155, 0.377)
    assert relations.above(0.16).holds(band(0.25, 0, 1, "training", interval)) is None
    assert relations.above(0.15).holds(band(0.25, 0, 1, "training", interval)) is True


MEAN = {"value": 0.0, "kind": "statistical"}


@pytest.mark.parametrize(
    ("ends", "holds"),
    [
        ((-0.02, 0.02), True),
        ((-0.09, -0.04), False),
        ((-0.04, 0.09), None),
        ((-0.03, 0.09), None),
        ((-INF, INF), False),
        ((NAN, NAN), False),
        ((None, None), None),
    ],
)
def test_non_inferiority_is_decided_by_the_whole_interval(ends, holds):
    low, high = ends
    quantity = Quantity(**MEAN, ci_low=low, ci_high=high)
    assert relations.interval_above(-0.03).holds(quantity) is holds


def test_intervals_decide_for_either_side_or_not_at_all():
    low, high, astride = (
        Quantity(**MEAN, ci_low=a, ci_high=b) for a, b in [(0.2, 0.9), (1.1, 2.0), (0.9, 1.1)]
    )
    verdicts = {False: [False, True, None], True: [True, False, None]}
    for below, expected in verdicts.items():
        relation = (relations.interval_below if below else relations.interval_above)(1.0)
        assert [relation.holds(q) for q in (low, high, astride)] == expected


def test_claims_on_numbers_without_error_are_called_checks():
    """A single training says nothing of others. The limit of a largest |z| comes from theory."""
    project = Project()
    golden = {figure: read(project.golden(figure)).quantities for figure in project.presets()}
    for claim in claims_of(project.places):
        assert claim.n and claim.quantity and claim.source, claim.id
        names = [name.partition(".") for name in claim.value_of]
        actual = [golden[figure].get(of) for figure, _, of in names]
        unknown = any(q and q.kind == "band" and q.ci_low is None for q in actual)
        tested = all(name.partition("[")[0].endswith("_abs_z") for name in claim.value_of)
        assert (claim.kind == "check") == (unknown and not tested), claim.id


def test_a_claim_names_its_quantities_and_fails_without_them():
    claim = Claim("C0a", "It is small.", "size", ("fig1.p.q",), relations.below(1.0), "here", n="1")
    outcome = claim.evaluate({"fig1.p.q": statistical(0.5, 0.01)})
    assert outcome.holds and outcome.measured == "0.500 ± 0.010"
    outcome = claim.evaluate({})
    assert not outcome.holds and "fig1.p.q" in outcome.measured


def test_replication_report_shows_claims_and_numbers(toy):
    goldens.main([], toy.project)
    places = "<!-- claims -->\n<!-- /claims -->\n"
    (toy.root / "REPLICATION.md").write_text(f"Some words.\n{places}")
    (toy.root / "README.md").write_text("<!-- status -->\n<!-- /status -->\n")
    report.main([], toy.project)
    assert "We split it into " in (toy.root / "README.md").read_text()
    text = (toy.root / "REPLICATION.md").read_text()
    assert "Some words." in text and "| claim | number: verdict |" in text
    assert ",draws,mean,smoke," in (toy.root / "results.csv").read_text()


def test_table_wraps_long_cells():
    lines = aligned(["a", "b"], [["one two three", "x"]], [7, 5]).splitlines()
    assert lines == ["a        b", "-------  -", "one two  x", "three"]
