"""The key: equal for what means the same, different for all that changes a number."""

import numpy as np
import pytest
from toylab.signals.wave import Wave

from experiments.engine.cache import cache_key, checksum
from experiments.engine.config import Project, Runtime, plan


def key(experiment, seed=None, source="s", **runtime):
    return cache_key(experiment, seed, source, Runtime(**runtime), {})


def test_numbers_take_their_declared_type():
    assert key(Wave(frequency=3, phases=[1, 2])) == key(Wave(frequency=3.0, phases=[1.0, 2.0]))


def test_everything_that_changes_a_number_changes_the_key():
    keys = [
        key(Wave()),
        key(Wave(n_points=12)),
        key(Wave(), seed=0),
        key(Wave(), seed=1),
        key(Wave(), source="t"),
        key(Wave(), x64=False),
        key(Wave(), platform="gpu"),
    ]
    assert len(set(keys)) == len(keys)


class OfFile(Wave):
    digest: str = "1"
    NOT_IN_KEY = frozenset({"digest"})

    def input_digest(self):
        return self.digest


def test_the_content_of_input_files_changes_the_key():
    assert key(OfFile(digest="1")) == key(OfFile(digest="1")) != key(OfFile(digest="2"))


ARRAYS = {"a": np.arange(6.0), "b": np.zeros(2)}
OTHERS = {
    "a name of the same order": {"aa": ARRAYS["a"], "b": ARRAYS["b"]},
    "names exchanged": {"a": ARRAYS["b"], "b": ARRAYS["a"]},
    "a shape": ARRAYS | {"a": ARRAYS["a"].reshape(2, 3)},
    "a type of the same bytes": ARRAYS | {"a": ARRAYS["a"].view(np.int64)},
    "a type of the same numbers": ARRAYS | {"a": ARRAYS["a"].astype(np.float32)},
    "the sign of 0": ARRAYS | {"b": -ARRAYS["b"]},
    "one more": ARRAYS | {"c": np.zeros(0)},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_the_checksum_is_of_names_types_shapes_and_bits(other):
    assert checksum(other) != checksum(ARRAYS)
    # Neither the order nor the memory counts.
    turned = {"b": ARRAYS["b"], "a": np.repeat(ARRAYS["a"], 2)[::2]}
    assert checksum(turned) == checksum(ARRAYS)


class Holder(Wave):
    maybe: float | None = None
    seeds: list[int] = [0]


def test_other_seeds_do_not_count():
    assert key(Holder(seeds=[0]), seed=0) == key(Holder(seeds=[0, 1]), seed=0)


def test_optional_numbers_are_coerced_too():
    assert key(Holder(maybe=2)) == key(Holder(maybe=2.0)) != key(Holder())


def test_where_files_lie_counts_neither_for_the_key_nor_for_the_stamp():
    runs = [
        plan(Project(), ["figure=fig7/paper", *more])
        for more in (
            [],
            ["data.folder=/elsewhere"],
            ["data.download=true"],
            ["data.n_train=100"],
        )
    ]
    keys = [key(run.panels["stochastic"], 0) for run in runs]
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert [run.stamp for run in runs[:3]] == ["", "", ""]
    assert "data.n_train=100" in runs[3].stamp
