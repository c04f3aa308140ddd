"""The map of tasks solved over breadth and lambda: directions, trainings, and what decides."""

import jax
import numpy as np

from beyond.experiments.boolean import statements
from beyond.experiments.boolean.between_spikes import PARTS, BetweenSpikes
from beyond.experiments.boolean.claims_between_spikes import CLAIMS
from beyond.experiments.boolean.directions import follow
from beyond.tests.experiments.verdicts import verdicts as verdicts_of

SMALL = {"bits": 2, "ones": 2, "width": 2, "depth": 1, "n_updates": 6, "observe_every": 1}
N = 200


def small(**changes):
    settings = {"n_tasks": 3, "n_tuning": 2, "rates": [0.03, 0.1], "seeds": [0]}
    return BetweenSpikes(**SMALL | settings | changes)


def test_every_arm_is_trained_at_every_rate():
    flow = small(ratios=[0.5], lams=[0.0, 1.0], apart=True)
    data = flow.compute(0)
    assert list(data["methods"]) == ["exact", *(statements.arm(0.5, x) for x in (0, 1)), *PARTS]
    assert data["wrong"].shape == (6, 2, 3) and data["tuning"].shape == (6, 2, 2)
    tasks, _ = flow.tasks(0)
    for i, name in enumerate(data["methods"]):
        for j, rate in enumerate(flow.rates):
            one = flow.descend(str(name), rate, tasks)
            np.testing.assert_allclose(data["wrong"][i, j], one.wrong[:, -1], atol=6e-4)
    assert (data["wrong"][1] != data["wrong"][2]).any()


def test_what_diverged_has_all_patterns_wrong():
    # A rate that is no number, which no user can give: all losses are NaN.
    flow = small(optimiser="sgd").model_copy(update={"rates": [float("nan")]})
    tasks, _ = flow.tasks(0)
    np.testing.assert_array_equal(flow.last_wrong("surrogate_x0.25", tasks), 4.0)


def test_surrogate_means_are_affine_in_lambda():
    flow = small()
    tasks, _ = flow.tasks(0)
    task = jax.tree.map(lambda leaf: leaf[0], tasks)

    # Once for all directions of one form.
    followed = jax.jit(follow)

    def along(name):
        at = flow.along(name), flow.beta, flow.family
        return np.asarray(followed(*at, task, (task.weights, 0))[0])

    def mean(lam):
        return along(statements.arm(0.25, lam))

    g_0, g_1 = mean(0.0), mean(1.0)
    assert np.abs(g_1 - g_0).max() > 1e-3 * np.abs(g_1).max()
    for lam in (-0.5, 0.5, 1.1):
        np.testing.assert_allclose(mean(lam), g_0 + lam * (g_1 - g_0), rtol=1e-9, atol=1e-13)


def planted(share_of, methods):
    """Arrays of a panel in which each arm solves a share of the tasks, at its second rate."""
    place = (np.arange(N) + 0.5) / N
    wrong = np.array([[np.full(N, 8.0), np.where(place < share_of(m), 0.1, 1.0)] for m in methods])
    tuning = np.tile(np.array([8.0, 0.5])[:, None], (len(methods), 1, 4))
    data = {"methods": np.array(methods), "rates": np.array([0.01, 0.1])}
    data = {k: v[None] for k, v in (data | {"wrong": wrong, "tuning": tuning}).items()}
    return data | BetweenSpikes().pooled(data)


def map_of(rise, above=0.0):
    """Share solved rises with lambda, and falls above 1."""
    flow = BetweenSpikes()

    def share(name):
        if name == "exact":
            return 0.6
        lam = float(name.partition("lambda")[2])
        return float(np.clip(0.5 + rise * min(lam, 1.0) - above * (lam > 1), 0, 1))

    return planted(share, flow.methods)


def which_of(**shares):
    return planted(lambda name: shares.get(name, 0.5), ["exact", "surrogate_x0.25_lambda1", *PARTS])


def verdicts(**panels):
    return verdicts_of(CLAIMS, "fig10", BetweenSpikes.conclusions(panels))


def test_claims_follow_the_map():
    rising, falling = map_of(0.4, above=0.2), map_of(-0.4, above=-0.2)
    verdict_by_claim = verdicts(map_steep=rising, map_shallow=rising)
    assert verdict_by_claim == {
        "E57": "holds",
        "E58": "holds",
        "E59": "holds",
        "E61": "holds",
    }
    verdict_by_claim = verdicts(map_steep=falling, map_shallow=falling)
    assert verdict_by_claim == {
        "E57": "fails",
        "E58": "fails",
        "E59": "fails",
        "E61": "holds",
    }
    assert verdicts(map_steep=rising, map_shallow=map_of(0.0))["E57"] == "undecided"
    assert verdicts(map_steep=rising) == {}


def test_claims_on_parts_follow_the_counts():
    data = which_of(plus_between=0.9, plus_orthogonal=0.88)
    verdict_by_claim = verdicts(which_steep=data, which_shallow=data)
    assert verdict_by_claim == {"E62": "holds", "E63": "holds", "E64": "holds"}
    other = which_of(plus_between=0.9, plus_orthogonal=0.6)
    assert verdicts(which_steep=data, which_shallow=other)["E64"] == "fails"


def test_corrected_p_values_are_of_the_whole_family():
    data = map_of(0.05)
    quantities = statements.predictions({"map_steep": data, "map_shallow": data})
    assert "Holm, of 24" in quantities["lambda0.5_over_0_p"].why
