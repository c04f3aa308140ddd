"""Claims on figure 10 are decided by paired counts; work is an integral."""

import numpy as np

from beyond.experiments.exact_flows import statements
from beyond.experiments.exact_flows.boolean_training import Flow
from beyond.experiments.exact_flows.claims import CLAIMS
from beyond.experiments.exact_flows.escape_plane import work_along
from beyond.experiments.exact_flows.exact_flow import ExactFlow
from beyond.tests.experiments.verdicts import verdicts as verdicts_of

METHODS = list(dict.fromkeys(name for pair in statements.COMPARED.values() for name in pair))
N = 60


MANY = [*METHODS, *(f"surrogate_x{slope:g}" for slope in (0.1, 0.2, 0.5, 1, 2, 4))]


def panel(solved_by, names=METHODS):
    """Arrays of a panel in which each direction solves the first so many of the tasks."""
    flow = ExactFlow(methods=names, n_tasks=N, seeds=[0])
    solved = np.arange(N) < np.array([solved_by.get(name, 30) for name in names])[:, None]
    levels = np.linspace(0, 1, len(names))[:, None] * np.ones(N)
    data = {
        "methods": np.array(names),
        "solved": solved[..., None],
        "wrong": 1 - levels,
        "cosine_before": levels,
        "cosine_along": -levels,
    }
    data = {name: values[None] for name, values in data.items()}
    return data | flow.pooled(data)


def verdicts(decide=statements.comparisons, **panels):
    return verdicts_of(CLAIMS, "fig10", decide(panels))


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

    assert verdicts(decide, surrogates=panel({}, MANY)) == {"E40": "fails"}
    data = panel({}, MANY)
    before, along = data["cosine_before"], data["cosine_along"]
    swapped = data | {"cosine_before": along, "cosine_along": before}
    swapped |= ExactFlow(methods=MANY, n_tasks=N, seeds=[0]).pooled(swapped)
    assert verdicts(decide, surrogates=swapped) == {"E40": "holds"}


def test_differences_are_paired():
    data = panel({"exact": 20, "surrogate_x0.25": 50})
    i, j = METHODS.index("surrogate_x0.25"), METHODS.index("exact")
    assert (data["only"][i, j], data["only"][j, i]) == (30, 0)
    np.testing.assert_allclose(data["difference"][i, j, 0], 0.5)


def test_work_is_the_integral_along_the_way():
    """The first of two weights moves by 1, 2, 3, ... and the second by -1."""
    steps = np.arange(6)
    weights = np.stack([steps * (steps + 1) / 2, -steps], axis=-1).astype(float)
    taken = np.stack([steps**2, np.full(6, 4)], axis=-1).astype(float)
    same = np.zeros((1, 6))
    work = work_along(Flow(same, same, weights[None], taken[None]))
    # Between two points the mean of what is taken, times the way.
    each = [0.0, 0.5 * 1 - 4, 2.5 * 2 - 4, 6.5 * 3 - 4, 12.5 * 4 - 4, 20.5 * 5 - 4]
    np.testing.assert_allclose(work[0], np.cumsum(each))
