"""Noise as an argument: JAX's numbers, replays, one forced spike, counters, and all patterns."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.draws import draw_numbers
from snn.estimators.base import equations_in
from snn.flips import Independent
from snn.noise import FIRE, SILENT, Constant, Hashed, Override, ThreefryNoise, Uniforms
from snn.program import site_shapes
from tests.snn.problems import mlp, recurrent_lif

KEY = jax.random.key(3)
PROBLEMS = {"mlp": mlp, "lif": recurrent_lif}
each_problem = pytest.mark.parametrize("make", PROBLEMS.values(), ids=PROBLEMS)


def spikes_of(run):
    """All spikes of a trial, layer by layer, each flattened as (time, neuron)."""
    return np.concatenate([np.ravel(layer.s) for layer in run.trace])


def trial(noise, k=0):
    return jax.tree.map(lambda leaf: leaf[k], noise)


@each_problem
def test_the_same_noise_replays_the_trial(make):
    program, params = make()
    noise = snn.draw_noise(program, params, jax.random.key(1), 3)
    run = jax.jit(lambda noise: program(params, noise, snn.Spike()))
    first, again, other = (spikes_of(run(trial(noise, k))) for k in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_noise_is_what_jax_draws():
    shapes = (3, 2), (4,)
    stored = Uniforms.sample(KEY, shapes, 5).values
    for actual, key, shape in zip(stored, jax.random.split(KEY), shapes, strict=True):
        np.testing.assert_array_equal(actual, jax.random.uniform(key, (5, *shape)))
    counted = jax.random.uniform(ThreefryNoise(KEY).key_at(1, 2), (3, 2))
    np.testing.assert_array_equal(ThreefryNoise(KEY).draw(1, 2, (3, 2)), counted)


@each_problem
def test_override_flips_one_site_and_leaves_the_past_alone(make):
    program, params = make()
    shapes = site_shapes(program, params)
    noise = trial(snn.draw_noise(program, params, jax.random.key(2), 1))
    sizes = [int(np.prod(shape)) for shape in shapes]
    run = jax.jit(lambda noise: program(params, noise, snn.Spike()))
    primal = run(noise)

    def order(layer, index):
        """When a site fires: time step first, then layer."""
        t = index // shapes[layer][1] if len(shapes[layer]) == 2 else 0
        return t, layer

    sites = [(layer, index) for layer, size in enumerate(sizes) for index in range(size)]
    for layer, index in sites:
        was = np.ravel(primal.trace[layer].s)[index]
        flipped = run(Override(noise, layer, index, SILENT if was else FIRE))
        changed = spikes_of(flipped) != spikes_of(primal)
        assert changed[sites.index((layer, index))]
        before = [order(*site) < order(layer, index) for site in sites]
        assert not changed[before].any()
        kept = run(Override(noise, layer, index, FIRE if was else SILENT))
        np.testing.assert_array_equal(spikes_of(kept), spikes_of(primal))


def test_overrides_nest():
    noise = Override(Override(Constant(0.5), 0, 0, FIRE), 0, 1, SILENT)
    np.testing.assert_array_equal(noise.draw(0, None, (3,)), [FIRE, SILENT, 0.5])


@pytest.mark.parametrize("kind", [ThreefryNoise, Hashed])
def test_numbers_by_place_are_replayed_and_different_everywhere(kind):
    batch = kind.sample(jax.random.key(3), 3)
    noise, other = trial(batch), trial(batch, 1)
    a = noise.draw(0, 4, (2, 5))
    np.testing.assert_array_equal(a, kind(batch.key[0]).draw(0, 4, (2, 5)))
    np.testing.assert_array_equal(a, jax.jit(lambda t: noise.draw(0, t, (2, 5)))(4))
    np.testing.assert_array_equal(
        a, jax.vmap(lambda each: each.draw(0, 4, (2, 5)))(batch)[0], strict=True
    )
    np.testing.assert_array_equal(noise.draw(0, None, (5,)), noise.draw(0, 0, (5,)))
    assert len(np.unique(a)) == a.size
    for one, layer, t in ((noise, 1, 4), (noise, 0, 5), (noise, 4, 0), (other, 0, 4)):
        assert not np.isin(one.draw(layer, t, (2, 5)), a).any()


def test_site_shapes():
    assert site_shapes(*mlp()) == ((3,), (2,), (1,))
    assert site_shapes(*recurrent_lif(steps=7)) == ((7, 2),)


@pytest.mark.parametrize(
    ("name", "shape", "partitionable"),
    [
        *(("uniform", shape, True) for shape in ((), (3, 5, 7, 2), (0, 3))),
        ("uniform", (40, 11), False),
        ("normal", (40, 11), True),
        ("gumbel", (40, 11), True),
    ],
)
def test_numbers_are_those_of_the_whole_array(name, shape, partitionable):
    distribution = getattr(jax.random, name)
    with jax.threefry_partitionable(partitionable):
        actual = draw_numbers(distribution, KEY, shape)
        np.testing.assert_array_equal(actual, distribution(KEY, shape))
        half = draw_numbers(distribution, KEY, shape, jnp.bfloat16)
    assert (actual.dtype, half.dtype) == (jnp.result_type(float), jnp.bfloat16)


def test_independent_flips_are_a_categorical_draw():
    n, sites = 16, 60
    q = jnp.arange(1.0, sites + 1) / jnp.arange(1.0, sites + 1).sum()
    expected = jax.random.categorical(KEY, jnp.log(q), shape=(n,))
    np.testing.assert_array_equal(Independent()(KEY, q, n), expected)


def axes_counted(function):
    """Numbers of axes along which the generator counts while a function is run."""
    eqns = equations_in(jax.make_jaxpr(function)(KEY).jaxpr)
    return {len(eqn.params["shape"]) for eqn in eqns if eqn.primitive.name == "random_bits"}


def test_noise_and_weights_count_along_one_axis():
    program, params = recurrent_lif()
    assert axes_counted(lambda key: jax.random.uniform(key, (3, 2, 4))) == {3}
    assert axes_counted(lambda key: snn.draw_noise(program, params, key, 2).values) == {1}
    assert axes_counted(lambda key: snn.LIFNetwork((3, 2)).init(key, rate=50.0)) == {1}
