"""Events, their binning against a plain loop, and the split."""

import math
import subprocess
import sys

import numpy as np
import pytest

from experiments.datasets import Events, load, split
from experiments.datasets.synthetic.corpus import NEEDED
from experiments.engine.config import Project
from experiments.engine.errors import UserError
from tests.experiments.datasets import digits

DT = 2e-3
N_STEPS = 349


@pytest.fixture
def file(tmp_path):
    return digits.write(tmp_path / "some.h5", digits.samples())


def one_sample(times, units=None):
    """Events of a single sample."""
    times = np.asarray(times, np.float16)
    units = np.zeros(len(times), np.uint16) if units is None else np.asarray(units, np.uint16)
    offsets = np.array([0, len(times)])
    return Events(times.astype(np.float32), units, offsets, np.zeros(1, np.int32), ("zero",))


def bins(times, authors=False, dt=DT, n_steps=N_STEPS):
    """The bins that the spikes of one sample land in."""
    return np.flatnonzero(one_sample(times).binned([0], n_steps, dt, authors=authors)[:, 0, 0])


def test_loading_gives_what_was_written(file):
    content = digits.samples()
    for path in (file, digits.zipped(file)):
        events = load(path)
        assert len(events) == 40 and events.classes == tuple(content["extra/keys"])
        for i in range(40):
            spikes = slice(*events.offsets[i : i + 2])
            np.testing.assert_array_equal(events.times[spikes], content["spikes/times"][i])
            np.testing.assert_array_equal(events.units[spikes], content["spikes/units"][i])
        np.testing.assert_array_equal(events.labels, content["labels"])
        assert (events.times.dtype, events.units.dtype) == (np.float32, np.uint16)


@pytest.mark.parametrize("group", [0, 3])
def test_channels_that_cannot_be_grouped_are_refused(file, group):
    with pytest.raises(ValueError, match="expected a divisor of 700"):
        load(file).binned([0], N_STEPS, DT, group)


@pytest.mark.parametrize("authors", [False, True])
@pytest.mark.parametrize(("dt", "n_steps", "group"), [(2e-3, 349, 1), (10e-3, 70, 7)])
def test_binning_equals_a_plain_loop(file, authors, dt, n_steps, group):
    content, indices = digits.samples(), [7, 3, 39, 3]
    expected = np.zeros((n_steps, len(indices), 700 // group), np.uint8)
    for b, i in enumerate(indices):
        for t, unit in zip(content["spikes/times"][i], content["spikes/units"][i], strict=True):
            # Python's own double precision is the oracle: the product with 1/dt is exact in it.
            product = float(t) * round(1 / dt)
            k = math.floor(np.float16(product) if authors else product)
            if k < n_steps:
                expected[k, b, unit // group] = 1
    actual = load(file).binned(indices, n_steps, dt, group, authors)
    np.testing.assert_array_equal(actual, expected)
    assert actual.dtype == np.uint8 and actual.flags.c_contiguous and expected.sum() > 100


def test_two_spikes_in_a_bin_count_once():
    assert one_sample([0.1, 0.1], [5, 5]).binned([0], N_STEPS, DT).sum() == 1
    assert one_sample([0.1, 0.1], [5, 6]).binned([0], N_STEPS, DT).sum() == 2
    assert one_sample([0.1, 0.1], [5, 6]).binned([0], N_STEPS, DT, 7).sum() == 1


def test_a_spike_on_the_edge_of_a_bin_belongs_to_the_bin_that_begins_there():
    edges = [0.125, 0.25, 0.5, 0.625]
    np.testing.assert_array_equal(bins(edges), [62, 125, 250, 312])
    # The wrong variant: the quotient in float32 puts the third of them one bin earlier.
    assert math.floor(np.float32(0.5) / np.float32(DT)) == 249


def test_spikes_from_the_end_on_are_dropped():
    just_before = np.float16(0.6978)
    assert list(bins([just_before])) == [348]
    assert len(bins([0.69849, 0.7, 1.4])) == 0
    # float16 cannot count to 100 000: neither a warning nor a spike.
    assert len(bins([200.0], authors=True)) == 0


def test_the_authors_binning_moves_spikes_one_bin_later():
    times = np.sort(np.random.default_rng(0).uniform(0, 0.698, 200_000)).astype(np.float16)
    times = times[times.astype(np.float64) * 500 < 348]
    later = np.zeros(len(times))
    for i, authors in enumerate((False, True)):
        # One channel for each spike, 700 at a time, so that each bin can be read off.
        parts = [times[n : n + 700] for n in range(0, len(times), 700)]
        actual = [
            one_sample(part, np.arange(len(part))).binned([0], N_STEPS, DT, authors=authors)
            for part in parts
        ]
        k = [x[:, 0, : len(part)].argmax(axis=0) for x, part in zip(actual, parts, strict=True)]
        later += (2 * i - 1) * np.concatenate(k)
    assert set(later) == {0, 1}
    # Standard error 0.0006. Without float16 the share is 0.
    assert abs(later.mean() - 0.0656) < 0.003


def test_selected_samples_are_the_same_samples(file):
    events = load(file)
    indices = np.array([9, 2, 30])
    chosen = events.select(indices)
    np.testing.assert_array_equal(
        chosen.binned(np.arange(3), N_STEPS, DT), events.binned(indices, N_STEPS, DT)
    )
    np.testing.assert_array_equal(chosen.labels, events.labels[indices])
    assert len(events.select([])) == 0 and events.binned([], N_STEPS, DT).shape == (349, 0, 700)
    for wrong in (-1, 40):
        with pytest.raises(IndexError, match=f"sample {wrong} of 40"):
            events.binned([0, wrong], N_STEPS, DT)


def test_the_split_is_the_committed_one():
    train, validation = split(8156)
    assert (len(train), len(validation)) == (7340, 816)
    assert sorted([*train, *validation]) == list(range(8156))
    # Frozen: another order would be another set of validation samples for published numbers.
    assert list(validation[:5]) == [11, 19, 23, 27, 28]
    assert list(split(160).validation[:5]) == list(split(160, seed=0).validation[:5])
    assert set(split(8156, seed=1).validation) != set(validation)
    assert [len(part) for part in split(2)] == [1, 1]
    with pytest.raises(UserError, match="too few"):
        split(1)


def test_the_validation_samples_are_spread_evenly():
    # Mean of 816 of 8 156 indices: the standard error of it is 8156 / sqrt(12 * 816) * 0.95.
    se = 8156 / math.sqrt(12 * 816) * math.sqrt(0.9)
    for seed in range(5):
        assert abs(split(8156, seed).validation.mean() - 8155 / 2) < 5 * se
    # A tenth from the end, the wrong variant, would be 163 of them off.
    assert abs(np.arange(7340, 8156).mean() - 8155 / 2) > 40 * se


def test_neither_jax_nor_the_core_nor_what_speech_needs_is_imported():
    names = {"jax", "snn", *NEEDED} - {"h5py", "scipy"}
    code = "import sys; from experiments.datasets import synthetic; "
    code += "synthetic.CorpusSettings().digest; "
    code += f"print({names} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Project().root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
