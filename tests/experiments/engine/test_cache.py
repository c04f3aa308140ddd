"""The key: equal for what means the same, different for all that changes a number."""

import math
import sys
from functools import cache
from importlib.metadata import packages_distributions

import numpy as np
import pytest
from toylab.signals.wave import Wave

from experiments.engine import cache as sources
from experiments.engine.cache import SourceIndex, cache_key, checksum
from experiments.engine.config import Project, Runtime, plan
from experiments.engine.provenance import package_version


@pytest.fixture
def project(toy, monkeypatch):
    """The toy's copy, from which grimp takes its packages as it would from a checkout."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ("toylab", "toylib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(toy.root))
    return toy.project


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


WAVE = "toylab.signals.wave"


@cache
def own():
    """What is imported here, which takes seconds to find."""
    return SourceIndex(Project())


PICTURE, SPEECH = "experiments.spike_timing.spike_matching", "experiments.speech.classification"


@pytest.mark.parametrize(
    ("experiment", "package"),
    [
        *[(WAVE, name) for name in ("jax", "jaxlib", "numpy", "scipy")],
        (PICTURE, "optax"),
        (PICTURE, "pillow"),
        (SPEECH, "h5py"),
        (SPEECH, "optax"),
    ],
)
def test_no_number_of_another_version_is_served(project, experiment, package, monkeypatch):
    before, now = SourceIndex(project, math.inf), SourceIndex(project, math.inf)
    if experiment != WAVE:
        before, now = own(), SourceIndex(own().project)
    vars(now)["graph"] = before.graph  # which it has found already
    expected, version = before.source_hash(experiment), package_version
    monkeypatch.setattr(sources, "package_version", lambda n: "0" if n == package else version(n))
    assert now.source_hash(experiment) != expected


def test_every_package_that_is_imported_is_found_by_its_name():
    """Those that are named otherwise, too; the table of them is right."""
    distribution_names = packages_distributions()
    for module in sources.DISTRIBUTIONS.keys() | {"jax", "optax", "h5py", "ruff", "dateutil"}:
        assert set(sources.distributions(module)) == set(distribution_names.get(module, [module]))
    assert sources.distributions("nowhere_to_be_found") == ("nowhere_to_be_found",)


def test_where_files_lie_counts_neither_for_the_key_nor_for_the_stamp():
    runs = [
        plan(Project(), ["figure=fig7/paper", *more])
        for more in ([], ["data.folder=/elsewhere"], ["data.download=true"], ["data.n_train=100"])
    ]
    keys = [key(run.panels["stochastic"], 0) for run in runs]
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert [run.stamp for run in runs[:3]] == ["", "", ""]
    assert "data.n_train=100" in runs[3].stamp
