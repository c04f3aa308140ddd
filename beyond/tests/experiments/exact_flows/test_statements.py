"""Claims on figure 10 are decided by paired counts; a broken derivative is noticed."""

import jax
import numpy as np
import pytest

from beyond.experiments.exact_flows import directions, statements
from beyond.experiments.exact_flows.claims import CLAIMS
from beyond.experiments.exact_flows.exact_flow import ExactFlow
from beyond.experiments.exact_flows.flow_ends import FlowEnds, work_along
from experiments.replication.claim import evaluate_claims

METHODS = list(dict.fromkeys(name for pair in statements.COMPARED.values() for name in pair))
N = 60


def panel(solved_by):
    """Arrays of a panel in which each direction solves the first so many of the tasks."""
    flow = ExactFlow(methods=METHODS, n_tasks=N, seeds=[0])
    solved = np.arange(N) < np.array([solved_by.get(name, 30) for name in METHODS])[:, None]
    numbers = np.linspace(0, 1, len(METHODS))[:, None] * np.ones(N)
    data = {
        "methods": np.array(METHODS),
        "solved": solved[..., None],
        "wrong": 1 - numbers,
        "cosine_before": numbers,
        "cosine_along": -numbers,
    }
    data = {name: values[None] for name, values in data.items()}
    return data | flow.pooled(data)


def verdicts(decide=statements.comparisons, **panels):
    found = decide(panels)
    known = {f"fig10.{name}": quantity for name, quantity in found.items()}
    about = tuple(claim for claim in CLAIMS if set(claim.value_of) <= set(known))
    return {claim.id: outcome.verdict for claim, outcome in evaluate_claims(about, known)}


def test_claims_follow_the_counts():
    better = {"surrogate_x0.25": 55, "plus_orthogonal": 10}
    decided = verdicts(steep=panel(better), shallow=panel(better))
    assert decided["E24"] == "holds"
    assert decided["E25"] == "fails"
    assert decided["E33"] == "undecided"
    # At one of the slopes alone it is not decided.
    assert verdicts(steep=panel(better), shallow=panel({}))["E24"] == "undecided"


def test_a_hypothesis_is_general_only_if_it_holds_in_every_cell():
    better = panel({"surrogate_x0.25": 55, "plus_orthogonal": 50})
    cells = dict.fromkeys(statements.CELLS, better)
    decide = statements.generality
    assert verdicts(decide, **cells) == {"E37": "holds", "E38": "holds"}
    one = cells | {"four_bits": panel({"plus_orthogonal": 50})}
    assert verdicts(decide, **one) == {"E37": "undecided", "E38": "holds"}


def test_a_family_that_is_not_whole_concludes_nothing():
    """Neither without a panel nor without a direction: its p-values would be of fewer tests."""
    whole = {name: panel({}) for name in statements.MAIN}
    assert ExactFlow.conclusions(whole)
    assert ExactFlow.conclusions({"steep": whole["steep"]}) == {}
    two = whole["shallow"] | {"methods": np.array([["exact", "surrogate_x0.25"]])}
    assert ExactFlow.conclusions(whole | {"shallow": two}) == {}


def test_alignment_predicts_in_the_direction_that_is_said():
    """The cosine before training rises with right answers in a panel, that along falls."""

    def decide(panels):
        return statements.alignment(panels["surrogates"])

    assert verdicts(decide, surrogates=panel({})) == {"E39": "fails", "E40": "fails"}
    data = panel({})
    swapped = dict(
        zip(
            ("cosine_before", "cosine_along"),
            (data[n] for n in ("cosine_along", "cosine_before")),
            strict=True,
        )
    )
    flow = ExactFlow(methods=METHODS, n_tasks=N, seeds=[0])
    swapped = data | swapped
    assert verdicts(decide, surrogates=swapped | flow.pooled(swapped)) == {
        "E39": "holds",
        "E40": "holds",
    }


def test_differences_are_paired():
    data = panel({"exact": 20, "surrogate_x0.25": 50})
    i, j = METHODS.index("surrogate_x0.25"), METHODS.index("exact")
    assert (data["only"][i, j], data["only"][j, i]) == (30, 0)
    np.testing.assert_allclose(data["difference"][i, j, 0], 0.5)
    np.testing.assert_allclose(data["sign_p"][i, j], 2 / 2**30)


@pytest.mark.parametrize("factor, holds", [(1.0, True), (0.8, False)])
def test_a_gradient_off_by_a_fifth_does_not_integrate_to_the_loss(factor, holds, monkeypatch):
    right = directions.exact_gradient
    monkeypatch.setattr(directions, "exact_gradient", lambda *of: factor * right(*of))
    jax.clear_caches()
    ends = FlowEnds(
        bits=2,
        ones=2,
        width=2,
        depth=1,
        n_tasks=3,
        n_tuning=1,
        n_updates=150,
        rates=[0.03],
        seeds=[0],
    )
    tasks, tuning = ends.tasks(0)
    flow = ends.trained("exact", tasks, tuning)[0]
    jax.clear_caches()
    data = {
        "ways": np.array([ends.ways]),
        "first_work": work_along(flow)[:, -1],
        "first_change": (flow.wrong[:, -1] - flow.wrong[:, 0]) / 8,
        "wrong_at_end": np.zeros((1, 3)),
        "wrong_after": np.zeros((1, 3, 3)),
    }
    found = {f"fig10.ends.{name}": value for name, value in ends.summary(data).items()}
    (claim,) = (claim for claim in CLAIMS if claim.id == "E36")
    assert claim.evaluate(found).holds is holds
