"""Faults that were found by trying, each at the door of a command."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from experiments.engine import cache
from experiments.engine.config import Project, plan
from experiments.engine.errors import guarded
from experiments.engine.run import collect
from tests.experiments.conftest import REPOSITORY

BARE = {name: x for name, x in os.environ.items() if name not in ("MAKEFLAGS", "ARGS")}


def test_a_seed_does_not_depend_on_its_neighbours(tmp_path):
    """Figure 6 in small: alone, with another seed, and among others in the other order."""
    few = ["all.n_epochs=6", "all.n_steps=40", "all.n_outputs=20", "all.chunk=3"]
    few += ["all.n_hidden=30", "all.n_inputs=30", f"results_dir={tmp_path}"]
    arrays = {}
    for seeds in ([0], [1, 0]):
        given = ["figure=fig6/smoke", f"seeds={seeds}".replace(" ", ""), "compute=always", *few]
        run = collect(Project(), plan(Project(), given))
        place = seeds.index(0)
        arrays[str(seeds)] = {
            name: data["van_rossum"][place].tobytes() for name, data in run.arrays.items()
        }
    assert arrays["[0]"] == arrays["[1, 0]"]


def changed(toy, monkeypatch, function, replacements):
    """The names of replacements that change the hash of an experiment's code and versions."""

    def source_hash():
        # Not the one that this process keeps.
        return cache.source_hash.__wrapped__(toy.project, "toylab.signals.wave")

    before, names = source_hash(), set()
    for name, replacement in replacements.items():
        with monkeypatch.context() as patch:
            patch.setattr(cache, function, replacement)
            names |= {name} if source_hash() != before else set()
    return names


def test_packages_that_can_change_a_number_are_in_the_key(toy, monkeypatch):
    """JAX computes with SciPy's linear algebra. Packages that nothing imports do not count."""
    installed, numeric = cache.package_version, {"jax", "jaxlib", "numpy", "scipy", "optax"}
    replacements = {
        package: lambda name, package=package: "9.9" if name == package else installed(name)
        for package in numeric | {"flax", "numba", "matplotlib"}
    }
    assert changed(toy, monkeypatch, "package_version", replacements) == numeric


def test_sources_that_can_change_a_number_are_in_the_key(toy, monkeypatch):
    """The experiment, what it imports, and what computes for it in the engine."""
    as_it_is, engine = cache.code_hash, ("experiment", "checkpoint", "jax_setup")
    numeric = {"toylib/waves.py", "signals/wave.py", *(f"engine/{name}.py" for name in engine)}
    replacements = {
        source: lambda path, source=source: "" if str(path).endswith(source) else as_it_is(path)
        for source in numeric | {"signals/draws.py", "engine/progress.py", "engine/run.py"}
    }
    assert changed(toy, monkeypatch, "code_hash", replacements) == numeric


def test_a_docstring_changes_no_key_and_a_number_does(tmp_path):
    """In a C++ source beside a module every byte counts."""
    path = tmp_path / "module.py"
    hashes = []
    for text in ('"""A."""\nx = 1\n', '"""B."""\n# c\nx = 1\n"""D."""\n', "x = 2\n"):
        path.write_text(text)
        hashes.append(cache.code_hash(path))
    assert hashes[0] == hashes[1] != hashes[2]
    for text in ("int x = 1;", "int x = 2;"):
        path.with_suffix(".cc").write_text(text)
        hashes.append(cache.code_hash(path))
    assert len(set(hashes[2:])) == 3


EDIT = """
from toylab.signals import wave
from pathlib import Path
compute = wave.Wave.compute
def edited(self, seed):
    path = Path(wave.__file__)
    path.write_text(path.read_text() + "X = 1\\n")
    return compute(self, seed)
wave.Wave.compute = edited
"""


def test_a_source_that_is_edited_during_a_run_is_drawn_and_not_kept(toy):
    process = toy.spawn("figure=fig7/smoke", before=EDIT)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    assert (toy.results / "smoke/fig7/fig7.png").is_file()
    assert not toy.keys()
    assert error.count("a source was edited while") == 1


def test_a_file_dated_tomorrow_is_no_edit(toy):
    for path in toy.root.rglob("*.py"):
        os.utime(path, (time.time() + 86400,) * 2)
    process = toy.spawn("figure=fig7/smoke")
    _, error = process.communicate(timeout=120)
    assert process.returncode == 0 and "edited" not in error and toy.keys()


def test_another_snn_on_the_path_computes_nothing(tmp_path):
    (tmp_path / "snn").mkdir()
    (tmp_path / "snn" / "__init__.py").write_text("")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{REPOSITORY}"}
    command = [
        sys.executable,
        "-m",
        "experiments.run",
        "figure=fig4/smoke",
        f"results_dir={tmp_path}/r",
    ]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2 and str(tmp_path / "snn") in done.stderr
    assert "does not find our package snn" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "r").exists()


def test_values_of_interpolations_name_a_run(toy, monkeypatch):
    given = [
        "figure=fig7/smoke",
        "panels.wave.frequency='${oc.decode:${oc.env:FREQUENCY}}'",
    ]
    for value in ("3.0", "4.0"):
        monkeypatch.setenv("FREQUENCY", value)
        assert toy.run(*given) == 0
        meta = json.loads(
            (toy.results / f"smoke/fig7-wave.frequency={value}/meta.json").read_text()
        )
        assert meta["modified"] == [f"panels.wave.frequency={value}"]


COUNTED = """
from toylab.signals.wave import Wave
compute = Wave.compute
def counted(self, seed):
    print("COMPUTED", flush=True)
    return compute(self, seed)
Wave.compute = counted
"""


def test_two_processes_that_want_the_same_compute_it_once(toy):
    given = ["figure=fig7/smoke", "panels.wave.pause=2"]
    both = [toy.spawn(*given, before=COUNTED) for _ in range(2)]
    ends = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    assert sum(out.count("COMPUTED") for out, _ in ends) == 1
    assert any("waiting for another process" in error for _, error in ends)
    toy.check_whole()


@pytest.mark.parametrize("target", ["figures", "beyond", "figure-4", "verify", "params-4"])
def test_make_becomes_the_command_that_a_signal_ends(target, tmp_path):
    """A signal to make reaches Python, since no shell stands between them."""
    (tmp_path / ".installed").touch()
    command = ["make", "-n", target, f"VENV={tmp_path}"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, env=BARE)
    lines = [line for line in done.stdout.splitlines() if "-m experiments" in line]
    assert lines and all(line.startswith("exec ") for line in lines), done


def test_another_figure_than_the_targets_is_refused(toy, capfd, monkeypatch):
    monkeypatch.setenv("ASKED_BY_MAKE", "figure")
    assert toy.run("figure=fig8/smoke", "figure=fig7/smoke") == 2
    error = capfd.readouterr().err
    assert "two figures were named" in error and "fig7/smoke" in error


def test_a_parameter_is_named_as_it_is(capfd):
    from experiments.run import main

    assert guarded(main, ["figure=fig1/smoke", "beta=10"]) == 2
    assert "panels.neuron.beta=" in capfd.readouterr().err


def test_what_a_run_computes_has_the_parameters_that_were_given(toy):
    run = collect(toy.project, plan(toy.project, ["figure=fig7/smoke", "all.n_points=7"]))
    assert run.arrays["wave"]["y"].shape == (2, 7)
    assert np.isfinite(run.arrays["wave"]["y"]).all()
