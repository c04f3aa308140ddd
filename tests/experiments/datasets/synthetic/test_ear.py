"""The ear against lauscher's own, and against the distributions it draws from."""

import numpy as np
import pytest
from scipy import stats


@pytest.fixture(scope="module")
def scene(tables):
    """A buzz in a room: its velocity at a few places by lauscher and by us."""
    from lauscher.transformations import BasilarMembrane

    from experiments.datasets.synthetic import membrane, room

    t = np.arange(11_025) / 22_050
    dry = (1e4 * np.sign(np.sin(2 * np.pi * 120 * t)) * np.exp(-4 * t)).astype(np.int16)
    wave, _ = room.place(dry, membrane.N_SAMPLES, np.random.default_rng(0))
    model = BasilarMembrane(membrane.N_CHANNELS)
    sound = np.fft.fft(wave)[: membrane.N_STEPS]
    channels = np.array([0, 63, 64, 350, 699])
    omega = 2 * np.pi * membrane.FREQUENCIES
    theirs = [model.process_single_channel(model.ch[c], omega, sound) for c in channels]
    blocks = [membrane.velocity(membrane.spectrum(wave), table) for table in membrane.load(tables)]
    ours = np.concatenate(blocks, axis=1)[:, channels].T
    return np.array(theirs), ours


def test_velocity_is_lauschers(scene):
    theirs, ours = scene
    largest = np.abs(theirs).max(axis=1, keepdims=True)
    assert np.all(np.abs(ours - theirs) < 1e-5 * largest)
    assert not np.all(np.abs(ours / 2 - theirs) < 1e-5 * largest)


def test_firing_probability_is_lauschers(scene):
    from lauscher.transformations import HairCell

    from experiments.datasets.synthetic.hair_cells import firing_probability
    from experiments.datasets.synthetic.membrane import LANES, STEP_RATE

    # Lauscher's loop is slow: two places, and a shorter time.
    n, theirs, ours = 6000, scene[0][2:4], scene[1][2:4]
    lanes = np.zeros((n, LANES), np.float32)
    lanes[:, :2] = ours[:, :n].T
    p = firing_probability(lanes)[:, :2].T
    expected = np.array([HairCell()._meddis(v[:n], STEP_RATE) for v in theirs])
    assert np.abs(p - expected).max() < 1e-4 * expected.max()
    wrong = np.array([HairCell(x=60.0)._meddis(v[:n], STEP_RATE) for v in theirs])
    assert np.abs(p - wrong).max() > 1e-3 * expected.max()


def test_bushy_cells_are_lauschers_on_the_same_fibres(tables):
    from lauscher.transformations import BushyCell

    from experiments.datasets.synthetic.hair_cells import LANES, integrate
    from experiments.datasets.synthetic.membrane import STEP_RATE

    fibres = np.random.default_rng(0).random((4000, 40)) < 0.02
    counts = fibres.sum(axis=1)
    state = [np.zeros(LANES, np.float32) for _ in range(3)]
    ours = np.zeros((len(counts), LANES), np.uint8)
    for t, count in enumerate(counts):
        integrate(np.full(LANES, count, np.float32), *state, ours[max(t - 1, 0)])
    theirs = BushyCell()._lif(fibres.astype(float), STEP_RATE)
    assert np.array_equal(ours, np.repeat(theirs[:, None], LANES, axis=1))
    assert theirs.sum() > 50
    wrong = BushyCell(tau_syn=4.9e-4)._lif(fibres.astype(float), STEP_RATE)
    assert not np.array_equal(ours[:, 0], wrong)


def test_fibres_rest_after_a_spike_like_lauschers(tables):
    """The rate of bushy cells on refractory fibres, and on fibres that know no rest."""
    from lauscher.transformations import BushyCell

    from experiments.datasets.synthetic.hair_cells import LANES, bushy_spikes
    from experiments.datasets.synthetic.membrane import STEP_RATE

    p, n_steps, cell = 0.012, 4000, BushyCell()
    rng = np.random.default_rng(1)
    keys = rng.integers(0, 2**32, LANES + 1, dtype=np.uint32)
    ours = bushy_spikes(np.full((n_steps, LANES), p, np.float32), keys).sum(axis=0)

    def theirs(rested):
        fibres = (rng.random((n_steps, 40)) < p).astype(float)
        if rested:
            fibres = cell._correct(fibres, cell.tau_refrac * STEP_RATE)
        return cell._lif(fibres, STEP_RATE).sum()

    def z(counts):
        error = np.sqrt(ours.var(ddof=1) / len(ours) + np.var(counts, ddof=1) / len(counts))
        return abs(ours.mean() - np.mean(counts)) / error

    assert z([theirs(True) for _ in range(16)]) < 5
    assert z([theirs(False) for _ in range(16)]) > 5


@pytest.mark.parametrize(("n", "p"), [(40, 0.02), (17, 0.005), (1, 0.02), (0, 0.02), (40, 0.03)])
def test_counts_are_binomial(tables, n, p):
    from experiments.datasets.synthetic.hair_cells import LANES, binomial

    rng = np.random.default_rng(2)
    uniform, count = rng.random((2000, LANES)).astype(np.float32), np.zeros(LANES, np.float32)
    drawn = []
    for u in uniform:
        binomial(u, np.full(LANES, p, np.float32), np.full(LANES, n, np.float32), count)
        drawn.append(count.astype(int))
    drawn = np.concatenate(drawn)

    def z(q):
        share = stats.binom.pmf(np.arange(9), n, q)
        actual = np.bincount(drawn, minlength=9)[:9] / len(drawn)
        return np.max(np.abs(actual - share) / np.sqrt(share * (1 - share) / len(drawn) + 1e-12))

    assert drawn.max() <= n
    assert z(p) < 5
    if n > 1:
        assert z(1.2 * p) > 5


def test_hash_is_uniform_and_uncorrelated_between_steps_and_channels(tables):
    from experiments.datasets.synthetic.hair_cells import hashed

    keys = np.random.default_rng(3).integers(0, 2**32, 65, dtype=np.uint32)
    steps = np.array([hashed(np.uint32(t) ^ keys[64]) for t in range(2000)], np.uint32)
    u = np.array([[hashed(s ^ k) for k in keys[:64]] for s in steps]) / 2**32
    assert stats.kstest(u.ravel(), "uniform").pvalue > 1e-4
    for a, b in ((u[1:], u[:-1]), (u[:, 1:], u[:, :-1])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 5 / np.sqrt(a.size)


def test_room_keeps_level_length_and_band(tables):
    from experiments.datasets.synthetic import membrane, room

    noise = (np.random.default_rng(4).standard_normal(8000) * 3000).astype(np.int16)
    dry = np.concatenate([np.zeros(4000, np.int16), noise, np.zeros(4000, np.int16)])
    wave, length = room.place(dry, membrane.N_SAMPLES, np.random.default_rng(5))
    word = 8000 / 22_050
    assert word + 0.06 <= length / room.SAMPLE_RATE <= word + 0.3
    assert np.all(wave[length:] == 0) and wave[0] == 0
    assert room.rms(wave[:length]) == pytest.approx(room.LEVEL, rel=0.05)
    power = np.abs(np.fft.rfft(wave)) ** 2
    above = membrane.FREQUENCIES > room.HIGHEST + 200
    assert power[above].sum() < 1e-9 * power.sum()
