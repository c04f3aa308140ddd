"""What is kept is damaged: a damaged result is computed again, or holds the same numbers."""

import numpy as np
import pytest

from experiments.engine import checkpoint
from experiments.engine.store import Store, checksum
from tests.torture.flips import one_bit, one_bit_of_an_array, reader, taken_for_another, unseen
from tests.torture.runs import finish, numbers

BITS = 400
"""Flipped in each round, one at a time, of every kind of file."""
N_CHECKPOINT = 7


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    finish("fig5/smoke", folder)
    return folder


@pytest.mark.parametrize("flip", [one_bit, one_bit_of_an_array])
def test_a_flipped_bit_of_a_result(results, flip, rounds, chance):
    store = Store(results / "cache")
    files = {path: reader(store, path.stem) for path in sorted(store.folder.glob("*.npz"))}
    assert unseen(files, flip, rounds * BITS, chance) == 0


@pytest.mark.parametrize("flip", [one_bit, one_bit_of_an_array])
def test_a_flipped_bit_of_a_checkpoint(tmp_path, flip, rounds, chance):
    def saved():
        arrays = checkpoint.load(2 * N_CHECKPOINT)
        return checksum(arrays) if arrays else None

    with checkpoint.checkpointed(tmp_path, ["key"]):
        arrays = {"state/0": np.random.default_rng(0).normal(size=500), "metrics/x": np.ones(7)}
        checkpoint.save({"done": np.array(N_CHECKPOINT), **arrays})
        (path,) = tmp_path.rglob("*.npz")
        assert unseen({path: saved}, flip, rounds * BITS, chance) == 0


def test_entries_of_two_keys_exchanged(results):
    assert taken_for_another(Store(results / "cache")) == []


def test_compiled_code(results, chance):
    expected = numbers(results)
    pieces = list((results / "cache" / "xla").glob("*/*-cache"))
    assert pieces
    for path in pieces:
        path.write_bytes(one_bit(path.read_bytes(), chance))
    finish("fig5/smoke", results, "compute=always")
    assert numbers(results) == expected
