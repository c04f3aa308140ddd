"""The key: equal for what means the same, different for all that changes a number."""

import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from toylab.signals.wave import Wave

from experiments.engine import store
from experiments.engine.compose import plan
from experiments.engine.registry import Project
from experiments.engine.schema import Platform, Runtime
from experiments.engine.sources import SourceIndex
from experiments.engine.store import cache_key, checksum


@pytest.fixture
def project(toy, monkeypatch):
    """The toy's copy, from which grimp takes its packages as it would from a checkout."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ("toylab", "toylib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(toy.root))
    return toy.project


def key(experiment, seed=None, source="s", **runtime):
    return cache_key(experiment, seed, source, Runtime(**runtime))


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
        key(Wave(), platform=Platform.gpu),
    ]
    assert len(set(keys)) == len(keys)


@dataclass
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


@pytest.mark.parametrize("package", ["jax", "jaxlib", "numpy"])
def test_no_number_of_another_version_is_served(package, monkeypatch):
    before = key(Wave())
    own = store.package_version
    monkeypatch.setattr(store, "package_version", lambda n: "0.10.2" if n == package else own(n))
    assert key(Wave()) != before


@dataclass
class First:
    beta: float = 1.0


@dataclass
class Second:
    beta: float = 1.0


@dataclass
class Holder(Wave):
    inner: Any = field(default_factory=First)
    maybe: float | None = None
    seeds: list[int] = field(default_factory=lambda: [0])


def test_type_names_tell_equal_fields_apart():
    assert key(Holder(inner=First())) != key(Holder(inner=Second()))


def test_other_seeds_do_not_count():
    assert key(Holder(seeds=[0]), seed=0) == key(Holder(seeds=[0, 1]), seed=0)


def test_optional_numbers_are_coerced_too():
    assert key(Holder(maybe=2)) == key(Holder(maybe=2.0)) != key(Holder())


EDITS = {
    "the computation": ("toylab/signals/wave.py", "np.stack(", "1.0 * np.stack(", True),
    "a library module it uses": ("toylib/waves.py", "helpers.sin(t)", "-helpers.sin(t)", True),
    "a module used by that": ("toylib/helpers.py", "np.sin(t)", "np.cos(t)", True),
    "an assignment": ("toylib/waves.py", "return", "t = 2 * t\n    return", True),
    "a comment": ("toylib/waves.py", "return", "# a comment\n    return", False),
    "a docstring": ("toylib/waves.py", "The sine of t.", "Sine.", False),
    "a library module it does not use": ("toylib/unused.py", "return 0", "return 1", False),
    "another experiment": ("toylab/signals/draws.py", "self.scale *", "2 *", False),
    "a parameter's meaning": ("toylab/signals/wave.py", "points along time", "points", False),
    "an array's meaning": ("toylab/signals/wave.py", "the wave", "a wave", False),
    "the summary": ("toylab/signals/wave.py", ".max()", ".min()", False),
}


@pytest.mark.parametrize(("file", "old", "new", "changes"), EDITS.values(), ids=EDITS.keys())
def test_a_result_depends_on_the_sources_it_uses(project, file, old, new, changes):
    before = SourceIndex(project).source_hash("toylab.signals.wave")
    path = project.root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert (SourceIndex(project).source_hash("toylab.signals.wave") != before) is changes


def test_a_compiled_source_beside_a_module_counts_with_it(project):
    def now():
        return SourceIndex(project).source_hash("toylab.signals.wave")

    before = now()
    (project.root / "toylib" / "unused.cc").write_text("1")
    assert now() == before
    compiled = project.root / "toylib" / "helpers.cc"
    compiled.write_text("1")
    first = now()
    compiled.write_text("2")
    assert len({before, first, now()}) == 3


IMPORTS = {
    "from toylib import sine": {"toylib.waves", "toylib.helpers"},
    "from toylib import sine as s": {"toylib.waves", "toylib.helpers"},
    "from toylib import *": {"toylib", "toylib.waves", "toylib.helpers", "toylib.unused"},
    "import toylib\ntoylib.sine(0)": {"toylib.waves", "toylib.helpers"},
    "import toylib as t\nt.unused()": {"toylib.unused"},
    "import toylib\ngetattr(toylib, 'sine')": {
        "toylib",
        "toylib.waves",
        "toylib.helpers",
        "toylib.unused",
    },
    "import toylib.helpers": {"toylib.helpers"},
    "import toylib.helpers as h\nh.sin(0)": {"toylib.helpers"},
    "from toylib import helpers": {"toylib.helpers"},
    "from toylib.waves import sine": {"toylib.waves", "toylib.helpers"},
    "import toylib.helpers\ntoylib.sine(0)": {"toylib.waves", "toylib.helpers"},
    "import toylib.helpers\ntoylib.helpers.sin(0)": {"toylib.helpers"},
    "from toylib import deep\ndeep.leaf.value": {"toylib.deep.leaf"},
    "from toylib import deep\ndeep.value": {"toylib.deep.leaf"},
    "import toylib\ntoylib.deep.value": {"toylib.deep.leaf"},
    # What a package defines itself may use all that it imports.
    "from toylib import VERSION": {
        "toylib",
        "toylib.waves",
        "toylib.helpers",
        "toylib.unused",
    },
    "from .draws import Draws as d": {"toylab.signals.draws"},
    "def f():\n    from toylib import unused": {"toylib.unused"},
    "import numpy, experiments.engine.progress": set(),
}


@pytest.mark.parametrize(("code", "expected"), IMPORTS.items(), ids=IMPORTS.keys())
def test_imports_are_followed_to_the_defining_module(project, code, expected):
    deep = project.root / "toylib" / "deep"
    deep.mkdir()
    (deep / "__init__.py").write_text("from toylib.deep.leaf import value as value\n")
    (deep / "leaf.py").write_text("value = 1\n")
    with (project.root / "toylib" / "__init__.py").open("a") as file:
        file.write("VERSION = 1\n")
    (project.root / "toylab" / "signals" / "wave.py").write_text(code + "\n")
    found = SourceIndex(project).dependencies("toylab.signals.wave")
    assert found == expected | {"toylab.signals.wave"}


def test_where_files_lie_counts_neither_for_the_key_nor_for_the_stamp():
    runs = [
        plan(Project(), ["figure=fig7/paper", *more])
        for more in ([], ["data.folder=/elsewhere"], ["data.download=true"], ["data.n_train=100"])
    ]
    keys = [key(run.root.panels["stochastic"], 0) for run in runs]
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert [run.stamp for run in runs[:3]] == ["", "", ""]
    assert "data.n_train=100" in runs[3].stamp
