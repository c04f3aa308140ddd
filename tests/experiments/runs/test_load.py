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
from experiments.engine.run import NotCached, Panel, Record, RunRequest, collect
from experiments.loading import load, written
from experiments.replication.goldens import committed_arrays
from scripts import arrays
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
    # In a copy without beyond/ none of them is used.
    for name in LEFT if used.keys() & LEFT.keys() else ():
        assert LEFT[name] <= used[name], name
        panel = Panel(
            all_experiments()[name].__module__, {each: np.zeros(2) for each in LEFT[name]}
        )
        assert "computed no more" in repr(panel)
    unused = {
        experiment: names
        for experiment, drawn in used.items()
        for _, names in all_experiments()[experiment].declarations()
        if not drawn & set(names)
    }
    assert not unused, f"ARRAYS declare what no committed figure has: take it out, {unused}"


def test_a_mistyped_array_is_declared_by_no_experiment():
    for experiment in all_experiments().values():
        for declared in experiment.ARRAYS:
            for mistyped in (f"x{declared}", f"{declared}x"):
                with pytest.raises(TypeError, match="does not declare"):
                    experiment.about(mistyped)


def test_the_page_of_arrays_lists_them():
    page = arrays.render(PROJECT)
    meaning = "integral of the surrogate gradient over the whole circle"
    assert f"| `sg_loop` | slope | 3 |  | {meaning} |" in page


def test_a_wrong_name_is_answered_with_the_right_ones():
    panel = Panel("toylab.signals.wave", {"y": np.zeros(2)})
    with pytest.raises(KeyError, match="no array 'z', but y"):
        panel["z"]
    with pytest.raises(KeyError, match="no panel 'wav', but wave"):
        Record(RunRequest("fig8", "smoke", (), (), {}), {"wave": panel})["wav"]
    assert "z" not in panel and panel.get("z") is None
    for choice in ("results/smoke/fig5", "fig5/smoke beta=1", "results/quick/fig4-beta=1"):
        with pytest.raises(UserError, match="there is no figure|has no preset"):
            load(choice)


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

    def compute(project, overrides):
        calls.append(overrides)
        run = plan(project, overrides)
        collect(project, run)

    monkeypatch.setattr(loading, "compute", compute)
    return lambda *arguments: load(*arguments, project=toy.project), calls


def test_only_what_is_missing_is_computed(loaded, toy):
    get, calls = loaded
    first = get("fig8/smoke", {"panels.wave.n_points": 7})
    assert calls == [["figure=fig8/smoke", "panels.wave.n_points=7"]]
    assert (first.plan.figure, first.plan.preset) == ("fig8", "smoke")
    assert first.plan.modified == ("panels.wave.n_points=7",)
    assert set(first) == {"wave", "draws"} and first["wave"]["y"].shape == (2, 7)
    assert first.summary["draws.mean"].se > 0 and "± " in repr(first.summary)
    assert "panels.wave.n_points=7" in repr(first) and "phase 2, point 7" in repr(first)
    before = first["wave"]["y"].copy()
    first["wave"]["y"][:] = 0  # the caller's own
    again = get("fig8/smoke", {"panels.wave.n_points": 7})
    np.testing.assert_array_equal(again["wave"]["y"], before)
    assert len(calls) == 1 and not (toy.results / "smoke").exists()
    get("fig8/smoke", {"panels.wave.n_points": 7, "compute": "always"})
    assert len(calls) == 2
    with pytest.raises(NotCached):
        get("fig8/smoke", {"panels.wave.n_points": 8, "compute": "never"})
    with pytest.raises(UserError, match=r"panels\.wave\.n_points=\.\.\."):
        get("fig8/smoke", {"panels.wave.n_point": 8})
    assert len(calls) == 2


def test_the_message_of_the_computing_process_is_the_error(tmp_path):
    # What only the computation can find out: no such picture.
    arguments = ["figure=fig6/smoke", f"results_dir={tmp_path}", "all.image=a_word_for_no_file"]
    with pytest.raises(UserError) as error:
        loading.compute(PROJECT, arguments)
    assert "a_word_for_no_file" in str(error.value) and error.value.fix


def test_computes_in_double_precision_and_leaves_the_callers_jax_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()  # not what the computing process may import
    jax.config.update("jax_enable_x64", False)
    before = dict(jax.config.values)
    parameters = {"results_dir": str(tmp_path / "results"), "panels.neuron.n_trials": 1000}
    neuron = experiments.load("fig1/smoke", parameters)["neuron"]
    assert neuron["slope"].dtype == np.float64
    assert np.abs(neuron["slope"] - neuron["surrogate"]).max() < 1e-14
    assert neuron.about("slope").unit == "1/potential" and "derivative" in repr(neuron)
    assert dict(jax.config.values) == before
    (result,) = (tmp_path / "results" / "cache").glob("*.npz")
    assert read_result(result)[1]["jax_enable_x64"] is True
    assert not (tmp_path / "results" / "smoke").exists()


KERNEL = """
import sys, warnings
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from experiments.engine.config import Project
from experiments.engine.errors import UserError
from experiments.loading import load

project = Project(Path(sys.argv[1]), "toylab", "toyfigs", ("toylib",))
warnings.simplefilter("error")
first = load("fig7/smoke", project=project)
wave = Path(sys.argv[1], "toylab/signals/wave.py")
wave.write_text(wave.read_text() + "# a remark\\n")
assert load("fig7/smoke", project=project).summary == first.summary
wave.write_text(wave.read_text().replace('data["y"].max()', '2 * data["y"].max()'))
try:
    load("fig7/smoke", project=project)
except UserWarning as warning:
    assert "wave.py: edited since this process imported it" in str(warning)
else:
    raise AssertionError("no warning")
warnings.simplefilter("ignore")
assert load("fig7/smoke", project=project).summary == first.summary
try:
    load("fig7/smoke", {"panels.wave.n_points": 9}, project=project)
except UserError as error:
    assert error.fix == "restart Python, or the notebook's kernel"
else:
    raise AssertionError("it computed")
"""


def test_code_that_is_edited_after_its_import_is_warned_of_in_the_same_kernel(ran):
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
