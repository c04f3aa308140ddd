"""The atlas: it goes on where it was stopped, and its claims fail for derivatives 5 % off."""

import jax
import numpy as np
import pytest

import snn
from beyond.experiments.atlas import estimator_atlas as atlas
from beyond.experiments.atlas import networks as random_networks
from beyond.experiments.atlas import samples
from beyond.experiments.atlas.claims import CLAIMS
from beyond.experiments.atlas.estimator_atlas import EstimatorAtlas
from beyond.experiments.atlas.estimator_identities import EstimatorIdentities
from experiments import estimators
from experiments.engine.checkpoint import checkpointed
from experiments.engine.errors import UserError
from snn.estimators import layered_mean

TINY = {"widths": [2, 3], "betas": [1.0, 4.0], "n_networks": 2, "n_trials": 16}


@pytest.fixture(autouse=True)
def ranks_promoted():
    """As runs have it."""
    with jax.numpy_rank_promotion("allow"):
        yield


def test_an_interrupted_atlas_goes_on(tmp_path, monkeypatch):
    config = EstimatorAtlas(**TINY, estimators=["mean_field", "surrogate"])
    whole, one_shape, computed = config.compute(0), atlas._shape, []

    def stopped(config, seed, cells):
        if computed and computed[-1] != cells[0]:
            raise KeyboardInterrupt
        computed.append(cells[0])
        return one_shape(config, seed, cells)

    def counted(config, seed, cells):
        computed.append(cells[0])
        return one_shape(config, seed, cells)

    monkeypatch.setattr(atlas, "_shape", stopped)
    with pytest.raises(KeyboardInterrupt), checkpointed(tmp_path, ["key"]):
        config.compute(0)
    monkeypatch.setattr(atlas, "_shape", counted)
    with checkpointed(tmp_path, ["key"]):
        resumed = config.compute(0)
    assert [cell[1] for cell in computed] == [2, 3]
    for name, array in whole.items():
        np.testing.assert_array_equal(resumed[name], array)


@pytest.mark.parametrize(("used", "times"), [(49, 0), (50, 2)])
def test_compiled_code_makes_room_before_memory_maps_run_out(used, times, tmp_path, monkeypatch):
    """Before each of two shapes, where half of the maps are used."""
    for name, text in (("MAPS", used * "a map\n"), ("MAX_MAPS", "100\n")):
        (tmp_path / name).write_text(text)
        monkeypatch.setattr(samples, name, tmp_path / name)
    cleared = []
    monkeypatch.setattr(jax, "clear_caches", lambda: cleared.append(True))
    config = EstimatorAtlas(**TINY, estimators=["surrogate"])
    data = config.compute(0)
    assert len(cleared) == times
    assert np.isfinite(data["variance"]).all()


def test_cells_of_one_shape_share_their_weights():
    """At vanishing slope all networks of a shape are linear: what differs is the loss alone."""
    config = EstimatorAtlas(**TINY, estimators=["surrogate", "mean_field"])
    data = config.compute(0)
    assert data["cells"].shape == (4, 4)
    assert data["cosine"].shape == (2, 4, 2)
    assert list(data["sites"]) == [6, 6, 8, 8]
    # Mean field is better in the noisier network, and so is the surrogate gradient.
    assert np.all(data["bias"][:, ::2].mean(axis=-1) < data["bias"][:, 1::2].mean(axis=-1))


def test_a_value_listed_twice_is_refused():
    with pytest.raises(UserError, match="betas lists one twice"):
        EstimatorAtlas(betas=[1.0, 1.0], seeds=[0]).check("panels.beta")


def test_numbers_are_rounded_and_what_is_none_stays_none():
    values = np.array([1.0, 0.0, -0.123456789, 1e-30, 3e5, np.nan, np.inf])
    rounded = atlas._rounded(values)
    np.testing.assert_allclose(rounded, values, rtol=2**-17)
    np.testing.assert_array_equal(atlas._rounded(rounded), rounded)
    assert rounded[2] != np.float32(values[2])


def test_budgets_that_buy_more_trials_than_there_are_are_refused():
    with pytest.raises(UserError, match="buys more trials than are drawn"):
        EstimatorAtlas(n_trials=64, max_budget=100, seeds=[0]).check("panels.regimes")


@pytest.mark.parametrize("name", ["score_function", "surrogate", "stochastic_ad"])
def test_gradients_of_k_trials_are_those_that_a_user_gets(name):
    """The baseline included: it is that of the k trials. That of all would be seen."""
    k, key = 10, jax.random.key(2)
    drawn = random_networks.networks((2, 4), 2, 1.0, 4.0, 1.0, jax.random.key(0))
    xi = random_networks.noise(drawn, jax.random.key(1), 200)
    estimator = estimators.estimator(name, beta=4.0)
    sampled = jax.tree.map(np.asarray, samples.draw(estimator, drawn, xi, key))
    means = samples.means_of(estimator, sampled.grads[1], sampled.losses[1], k)
    assert len(means) == 20
    program, params, noise = jax.tree.map(lambda leaf: leaf[1], (*drawn, xi))
    part = jax.tree.map(lambda leaf: leaf[7 * k : 8 * k], noise)
    alone = snn.stats.flatten(estimator(program, params, part).grad)
    np.testing.assert_allclose(means[7], alone, rtol=0, atol=1e-12)
    together = sampled.grads[1][7 * k : 8 * k].mean(axis=0)
    assert (np.abs(together - alone).max() > 1e-3) == (name == "score_function")


def test_what_a_budget_buys_is_simulated():
    """Budgets of 1, 10 and 100 runs; the surrogate's noise shrinks, its bias stays."""
    names = ["mean_field", "surrogate", "stochastic_ad", "score_function"]
    sizes = {"n_networks": 3, "n_trials": 4096, "max_budget": 100}
    data = EstimatorAtlas(estimators=names, **sizes).compute(0)
    aligned = dict(zip(names, data["aligned"][:, 0], strict=True))
    assert data["aligned"].shape == (4, 1, 3, 3)
    np.testing.assert_array_equal(
        aligned["mean_field"], data["cosine"][0, 0][:, None] + np.zeros(3)
    )
    assert np.all(np.diff(aligned["surrogate"], axis=1) > 0)
    assert np.all(aligned["surrogate"] < data["cosine"][1, 0][:, None] + 1e-3)
    # A trial costs 11 runs; a leave-one-out baseline needs two trials.
    for name, first in (("stochastic_ad", 2), ("score_function", 1)):
        assert np.isnan(aligned[name][:, :first]).all(), name
        assert np.isfinite(aligned[name][:, first:]).all(), name


def failed(quantities):
    """Claims on the quantities given that do not hold."""
    found = set()
    for claim in CLAIMS:
        given = [quantities[name] for name in claim.value_of if name in quantities]
        if len(given) == len(claim.value_of) and not claim.relation.holds(*given):
            found.add(claim.id)
    return found


def measured(**kwargs):
    """Quantities of panel "beta": one shape, slopes 1 and 4, as in the smoke preset."""
    sizes = {"widths": [3], "betas": [1.0, 4.0], "n_networks": 40, "seeds": [0]}
    config = EstimatorAtlas(**sizes, **kwargs)
    data = {name: array[None] for name, array in config.compute(0).items()}
    return {f"fig8.beta.{name}": q for name, q in config.summary(data).items()}


UNBIASED = ["stochastic_ad", "stochastic_ad_few_flips", "disarm", "score_function"]
ONE_RUN = ["surrogate", "smoothed_two_sided", "path_sample_analytic"]
SLOPES = ["surrogate", "surrogate_x2", "surrogate_x4"]


def test_no_claim_fails_for_the_right_derivatives():
    names = [*UNBIASED, *ONE_RUN, *SLOPES[1:], "mean_field"]
    assert failed(measured(estimators=names, n_trials=2048)) == set()


def test_the_price_of_few_runs_fails_where_few_flips_cost_nothing(monkeypatch):
    catalogue = estimators.CATALOGUE
    monkeypatch.setitem(catalogue, "stochastic_ad_few_flips", catalogue["stochastic_ad"])
    assert "E8" in failed(measured(estimators=UNBIASED, n_trials=512))


def test_a_mean_against_the_gradient_is_seen_where_there_is_one(monkeypatch):
    catalogue = estimators.CATALOGUE
    monkeypatch.setitem(catalogue, "mean_field", catalogue["smoothed_two_sided"])
    assert failed(measured(estimators=["surrogate", "mean_field"], n_trials=16)) == {"E9b"}


def identities_failed():
    config = EstimatorIdentities()
    summary = config.summary(config.compute(None))
    return failed({f"fig8.identities.{name}": quantity for name, quantity in summary.items()})


@pytest.mark.parametrize(("factor", "claims"), [(1.0, set()), (1.05, {"E5a"})])
def test_identities_fail_for_effects_off_by_five_percent(
    factor, claims, monkeypatch, compiled_anew
):
    """And E3a for another derivative: tests/experiments/replication/test_verify_power.py."""
    right = layered_mean.effect_of_flips
    monkeypatch.setattr(layered_mean, "effect_of_flips", lambda *args: factor * right(*args))
    assert identities_failed() == claims


def test_unbiasedness_fails_for_a_slope_off_by_five_percent(monkeypatch, compiled_anew):
    for name in ("slope_over_prob", "slope_over_silence"):
        right = getattr(snn.escape.Sigmoid, name)
        monkeypatch.setattr(
            snn.escape.Sigmoid, name, lambda self, v, right=right: 1.05 * right(self, v)
        )
    assert failed(measured(estimators=UNBIASED, n_trials=2048)) == {"E1", "E2a"}


def one_side(self, *args):
    """Two-sided smoothing with one of its sides alone."""
    return snn.coupling.Right().weighted_slope(*args)


def one_slope(self, v, s, escape):
    """A surrogate that does not know its slope."""
    return snn.escape.Sigmoid(1.0).slope(v)


@pytest.mark.parametrize(
    ("names", "owner", "method", "wrong", "claims"),
    [
        (ONE_RUN, snn.coupling.TwoSided, "weighted_slope", one_side, {"E6", "E9a"}),
        (SLOPES, snn.surrogate.Sigmoid, "__call__", one_slope, {"E7"}),
    ],
    ids=["one-sided", "one slope"],
)
def test_orders_fail_where_there_is_none(
    names, owner, method, wrong, claims, monkeypatch, compiled_anew
):
    monkeypatch.setattr(owner, method, wrong)
    assert failed(measured(estimators=names, n_trials=16)) == claims
