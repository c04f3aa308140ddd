"""`experiments.load`: described arrays, from the cache or computed, and nothing of the caller's."""

import os
import subprocess
import sys

import jax
import numpy as np
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

import experiments
from experiments import loading
from experiments.engine.cache import read_result
from experiments.engine.config import Project, experiments_of, plan
from experiments.engine.errors import UserError
from experiments.engine.run import NotCached, collect
from experiments.loading import load, written
from experiments.replication.goldens import committed_arrays
from tests.experiments.planned import all_experiments

PROJECT = Project()

LEFT = {
    "between_spikes": {"mean_wrong", "wilson"},
    "escape_plane": {"captured", "wrong_on_way"},
    "estimator_atlas": {"formula_off", "kilobytes", "microseconds"},
    "exact_flow": {"curve", "frozen", "sign_p"},
    "flip_variance": {
        "averaged_output",
        "sampled_output",
        "truncated_evaluations",
        "truncated_variance",
        "truncation_bias_squared",
        "truncation_bias_squared_se",
    },
}
"""Committed arrays that are computed no more; they go when their figure is computed again."""


def declared_together(experiment):
    """Names of arrays by declaration: those of several classes share one."""
    names = {}
    for name, spec in experiment.ARRAYS.items():
        names.setdefault(spec, set()).add(name)
    return names.values()


def test_every_committed_array_is_declared_and_every_declaration_is_of_one():
    used = {}
    for figure in PROJECT.presets():
        of_preset = experiments_of(PROJECT, f"{figure}/{PROJECT.committed_preset(figure)}")
        named = {panel: x.__module__.rpartition(".")[2] for panel, x in of_preset.items()}
        for panel, of_panel in committed_arrays(PROJECT, figure).items():
            schema, left = all_experiments()[named[panel]], LEFT.get(named[panel], set())
            assert not left & schema.ARRAYS.keys(), named[panel]
            for name in of_panel.keys() - left:
                array = of_panel[name]
                assert len(schema.about(name).axes) == array.ndim, f"{named[panel]}: {name}"
            used.setdefault(named[panel], set()).update(of_panel)
    unused = {
        experiment: names
        for experiment, drawn in used.items()
        for names in declared_together(all_experiments()[experiment])
        if not drawn & names
    }
    assert not unused, f"ARRAYS declare what no committed figure has: take it out, {unused}"


def test_a_mistyped_array_is_declared_by_no_experiment():
    for experiment in all_experiments().values():
        for declared in experiment.ARRAYS:
            for mistyped in (f"x{declared}", f"{declared}x"):
                with pytest.raises(TypeError, match="does not declare"):
                    experiment.about(mistyped)


@pytest.mark.parametrize("figure", PROJECT.presets())
def test_committed_panels_have_named_axes(figure):
    of_preset = experiments_of(PROJECT, f"{figure}/{PROJECT.committed_preset(figure)}")
    for panel, data in committed_arrays(PROJECT, figure).items():
        tree = loading.dataset(of_preset[panel].ARRAYS, data)
        for name, array in data.items():
            kept = tree.variables.get(name)
            if kept is not None:
                # Names that are the same for every seed are kept once.
                np.testing.assert_array_equal(np.broadcast_to(kept.values, array.shape), array)
            if name in of_preset[panel].ARRAYS and kept is not None:
                assert kept.attrs["long_name"] == of_preset[panel].about(name).meaning


def test_a_run_that_is_not_there_is_refused_in_python():
    for choice in ("results/smoke/fig99", "results/quick/fig4-beta=1", "fig5"):
        with pytest.raises(UserError, match="no such run") as error:
            load(choice)
        assert "experiments.load(" in error.value.fix
    with pytest.raises(UserError, match="has no preset"):
        load("fig5/smok")


def test_a_runs_folder_is_loaded(ran, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = ran.results / "smoke" / "fig7"
    run = load(folder, project=ran.project)
    assert run.attrs["figure"] == "fig7" and run["wave"]["y"].dims == ("phase", "point")
    assert run["wave"]["t"].attrs == {"long_name": "time", "units": "s"}
    assert load("results/smoke/fig7", project=ran.project)["wave"].equals(run["wave"])


@pytest.mark.parametrize(
    "value",
    [1, 1.5, 1e-30, True, None, [0, 1], [1.5, 2.0], "a/b c.png", "x", "it's", "a\\", "true", "1"],
)
def test_values_are_written_as_they_are_read(value):
    read = OverridesParser.create().parse_override(f"key={written(value)}").value()
    assert read == value and type(read) is type(value)


def test_numpy_values_are_written_as_numbers():
    assert written(np.float64(2.5)) == "2.5"
    assert written(np.array([1, 2])) == written((1, 2)) == "[1,2]"


@pytest.fixture
def loaded(toy, monkeypatch):
    """Loads of the toy, which computes in this process; and what was computed."""
    calls = []

    class Here:
        """A pool that computes in this process."""

        __init__ = __enter__ = lambda self, *_: self
        __exit__ = lambda *_: None  # noqa: E731

        def submit(self, _, project, overrides):
            calls.append(overrides)
            collect(project, plan(project, overrides))
            return self

        result = __enter__

    Here.__init__ = lambda self, *_: None
    monkeypatch.setattr(loading, "new_processes", Here)
    return lambda *arguments: load(*arguments, project=toy.project), calls


def test_only_what_is_missing_is_computed(loaded, toy):
    get, calls = loaded
    first = get("fig8/smoke", {"panels.wave.n_points": 7})
    assert calls == [["figure=fig8/smoke", "panels.wave.n_points=7"]]
    assert (first.attrs["figure"], first.attrs["preset"]) == ("fig8", "smoke")
    assert first.attrs["modified"] == ("panels.wave.n_points=7",)
    assert set(first) == {"wave", "draws"}
    assert dict(first["wave"]["y"].sizes) == {"phase": 2, "point": 7}
    assert list(first["draws"]["x"].seed) == [0]
    assert first.attrs["summary"]["draws.mean"].se > 0
    assert first.attrs["config"]["panels"]["wave"]["n_points"] == 7
    before = first["wave"]["y"].values.copy()
    first["wave"]["y"][:] = 0  # the caller's own
    again = get("fig8/smoke", {"panels.wave.n_points": 7})
    np.testing.assert_array_equal(again["wave"]["y"].values, before)
    assert len(calls) == 1 and not (toy.results / "smoke").exists()
    get("fig8/smoke", {"panels.wave.n_points": 7, "compute": "always"})
    assert len(calls) == 2
    with pytest.raises(NotCached):
        get("fig8/smoke", {"panels.wave.n_points": 8, "compute": "never"})
    with pytest.raises(UserError, match="fix: .*panels.wave.n_points"):
        get("fig8/smoke", {"panels.wave.n_point": 8})
    assert len(calls) == 2


def test_the_message_of_the_computing_process_is_the_error(tmp_path):
    # What only the computation can find out: no such picture.
    arguments = ["figure=fig6/smoke", f"results_dir={tmp_path}", "all.image=a_word_for_no_file"]
    with pytest.raises(UserError) as error:
        loading._loaded(PROJECT, arguments)
    assert "a_word_for_no_file" in str(error.value) and error.value.fix


def test_computes_in_double_precision_and_leaves_the_callers_jax_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()  # not what the computing process may import
    jax.config.update("jax_enable_x64", False)
    before = dict(jax.config.values)
    parameters = {"results_dir": str(tmp_path / "results"), "panels.neuron.n_trials": 1000}
    neuron = experiments.load("fig1/smoke", parameters)["neuron"]
    assert neuron["slope"].dtype == np.float64
    assert np.abs(neuron["slope"].values - neuron["surrogate"].values).max() < 1e-14
    assert neuron["slope"].units == "1/potential"
    assert dict(jax.config.values) == before
    (result,) = (tmp_path / "results" / "cache").glob("*.npz")
    assert read_result(result)[1]["jax_enable_x64"] is True
    assert not (tmp_path / "results" / "smoke").exists()


KERNEL = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from experiments.engine.config import Project
from experiments.engine.errors import UserError
from experiments.loading import load

project = Project(Path(sys.argv[1]), "toylab", "toyfigs", ("toylib",))
first = load("fig7/smoke", project=project).attrs["summary"]
wave = Path(sys.argv[1], "toylab/signals/wave.py")
wave.write_text(wave.read_text().replace('data["y"].max()', '2 * data["y"].max()'))
# Numbers and summaries are those of the imported code.
assert load("fig7/smoke", project=project).attrs["summary"] == first
try:
    load("fig7/smoke", {"panels.wave.n_points": 9}, project=project)
except UserError as error:
    assert error.fix == "restart Python, or the notebook's kernel"
else:
    raise AssertionError("it computed")
"""


def test_code_that_is_edited_after_its_import_gives_no_mixture_in_the_same_kernel(ran):
    done = subprocess.run(
        [sys.executable, "-c", KERNEL, str(ran.root)], cwd=PROJECT.root, stderr=subprocess.PIPE
    )
    assert done.returncode == 0, done.stderr.decode()


def test_a_module_of_the_callers_folder_with_our_packages_name_is_named(tmp_path):
    (tmp_path / "figures.py").write_text("SIZE = 1\n")
    command = [sys.executable, "-c", "import experiments; experiments.load('fig5/smoke')"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT.root)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and str(tmp_path / "figures.py") in done.stderr
    assert "rename your own figures" in done.stderr
