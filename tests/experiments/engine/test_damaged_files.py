"""What is kept is what was put there: another entry is a miss, in one line."""

import random

import numpy as np
import pytest

from experiments.engine.cache import (
    checksum,
    load_result,
    read_arrays,
    write_result,
)
from tests.torture.flips import one_bit

DATA = {"x": np.linspace(0, 1, 50), "y": np.arange(7)}


@pytest.fixture
def entry(tmp_path):
    """A result in a cache, and its file."""
    path = tmp_path / "key.npz"
    write_result(path, DATA, {"key": "key", "seconds": 1.5})
    assert load_result(tmp_path, "key")
    return tmp_path, path


def test_an_entry_with_a_flipped_bit_is_a_miss_or_the_same(entry, caplog):
    store, arrays = entry
    whole, chance, missed = arrays.read_bytes(), random.Random(0), 0
    for _ in range(200):
        arrays.write_bytes(one_bit(whole, chance))
        caplog.clear()
        loaded = load_result(store, "key")
        missed += loaded is None
        if loaded:
            assert checksum(loaded[0]) == checksum(DATA) and loaded[1]["seconds"] == 1.5
        assert len(caplog.messages) == (loaded is None)
    assert missed > 100


def test_a_swapped_cut_or_foreign_file_in_the_cache_is_computed_again(ran, capfd):
    folder = ran.results / "smoke" / "fig7"
    figure = (folder / "fig7.npz").read_bytes()
    (entry,) = (ran.results / "cache").glob("*.npz")
    whole = entry.read_bytes()
    assert ran.run("figure=fig7/smoke", "panels.wave.n_points=12") == 0
    (other,) = set((ran.results / "cache").glob("*.npz")) - {entry}
    for content in (other.read_bytes(), whole[:-30], b"not an archive", b""):
        entry.write_bytes(content)
        capfd.readouterr()
        assert ran.run("figure=fig7/smoke") == 0
        out, err = capfd.readouterr()
        (line,) = [line for line in err.splitlines() if "is damaged" in line]
        assert entry.name in line and line.endswith("computed again")
        assert "1 computed, 0 from the cache" in out
        assert read_arrays(entry).keys() == read_arrays(other).keys()
        assert (folder / "fig7.npz").read_bytes() == figure
        ran.check_whole()
