"""The code in the key: all that can change a number, nothing else, and as it was imported."""

import json
import os
import py_compile
import shutil
import subprocess
import sys
import time

import pytest

from experiments.engine.cache import NUMERIC, SourceIndex, code_hash
from experiments.engine.config import Project
from tests.experiments.planned import all_experiments

ROOT = Project().root
PACKAGES = [name for name in ("snn", "experiments", "figures", "beyond") if (ROOT / name).is_dir()]
PLANE, SPEECH = "experiments.sigmoid_network.loop_integral", "experiments.speech.classification"
ENGINE = "experiments/engine"

NEVER = {
    "a comment": (f"{ENGINE}/declare/experiment.py", "\nimport copy", "\n# a remark\nimport copy"),
    "a docstring": ("snn/surrogate.py", '"""', '"""Another. '),
    "a docstring of a constant": (f"{ENGINE}/compute/speed.py", '"""XLA_FLAGS', '"""The XLA_FLAGS'),
    "a message": (f"{ENGINE}/errors.py", "the system refused", "the system forbids"),
    "a range": (f"{ENGINE}/declare/bounds.py", "\nfrom", "\nSIZE = 1\nfrom"),
    "a line break": ("experiments/statistics.py", "\n\n\ndef", "\n\n\n\ndef"),
    "how results are stored": (f"{ENGINE}/compute/store.py", "\nimport", "\nSIZE = 1\nimport"),
    "how figures are drawn": ("figures/looks.py", "\nfrom", "\nSIZE = 1\nfrom"),
    "another chapter": (
        "experiments/single_neuron/late_spike.py",
        "\nimport",
        "\nSIZE = 1\nimport",
    ),
}
ALWAYS = {
    "the core": "snn/surrogate.py",
    "a module of the core that no figure imports": "snn/selftest.py",
    "what experiments inherit from": f"{ENGINE}/declare/experiment.py",
    "what computes": f"{ENGINE}/compute/runtime.py",
    "how it is compiled": f"{ENGINE}/compute/speed.py",
    "what a killed training goes on from": f"{ENGINE}/compute/checkpoint.py",
}
ONE = {
    "the experiment": "experiments/sigmoid_network/loop_integral.py",
    "what it imports": "experiments/sigmoid_network/five_weights.py",
    "its package": "experiments/sigmoid_network/__init__.py",
}
OTHER = {
    "a data set": "experiments/datasets/events.py",
    "a training": "experiments/training/loop.py",
    "a C++ source": "experiments/speech/event_driven.cc",
}
HASHES = """
import json, math, sys
from pathlib import Path
from experiments.engine.cache import NUMERIC, SourceIndex
from experiments.engine.config import Project

def hashes():
    index = SourceIndex(Project(), math.inf)
    return [index.source_hash(name) for name in sys.argv[2:]]

print(json.dumps(hashes()))
for file, old, new in json.loads(sys.argv[1]):
    text = Path(file).read_text()
    assert old in text, file
    Path(file).write_text(text.replace(old, new, 1) if old else text + new)
    print(json.dumps(hashes()))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the code, without numbers and pictures."""
    root = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("__pycache__", "gallery", "reference", "tests", "*.png")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    return root


def hashes(tree, edits, *experiments):
    """Return the hashes of experiments before and after each edit: file, old text, new text."""
    done = subprocess.run(
        [sys.executable, "-c", HASHES, json.dumps(edits), *experiments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_changes_no_number_changes_no_key(tree):
    source_hashes = hashes(tree, list(NEVER.values()), PLANE)
    assert dict(zip(NEVER, source_hashes[1:], strict=True)) == dict.fromkeys(
        NEVER, source_hashes[0]
    )


def test_a_changed_constant_in_each_room_changes_the_key(tree):
    files = ALWAYS | ONE | OTHER
    edits = [(file, "", "\nSIZE = 2\n") for file in files.values()]
    before, *after = hashes(tree, edits, PLANE, SPEECH)
    for what, now in zip(files, after, strict=True):
        expected = (what in ALWAYS | ONE, what in ALWAYS | OTHER)
        assert tuple(a != b for a, b in zip(before, now, strict=True)) == expected, what
        before = now


def test_a_module_of_the_project_that_no_key_counts_is_refused(toy):
    (toy.root / "helpers.py").write_text("SIZE = 1\n")
    wave = toy.root / "toylab/signals/wave.py"
    wave.write_text(f"import helpers\n{wave.read_text()}")
    run = toy.spawn("figure=fig7/smoke")
    _, error = run.communicate()
    assert run.returncode == 2 and "toylab.signals.wave imports helpers" in error


EDIT = """
from pathlib import Path
from toylab.signals.wave import Wave
def edited(old):
    def compute(*given):
        path = Path({file!r})
        path.write_text(path.read_text().replace("0.0, 1.0", "0.0, 2.0"))
        return old(*given)
    return compute
"""


def test_a_source_that_is_edited_before_its_hash_is_refused(toy):
    edit = EDIT.format(file=str(toy.root / "toylab/signals/wave.py"))
    run = toy.spawn("figure=fig7/smoke", before=f"{edit}\nWave.check = edited(Wave.check)")
    _, error = run.communicate()
    assert run.returncode == 2 and "edited while the command was running" in error
    assert "toylab/signals/wave.py" in error and not toy.keys()


def test_a_source_that_is_edited_during_a_sweep_stores_nothing_under_the_new_key(toy, capfd):
    edit = EDIT.format(file=str(toy.root / "toylab/signals/wave.py"))
    sweep = ["-m", "figure=fig7/smoke", "panels.wave.n_points=5,6"]
    run = toy.spawn(*sweep, before=f"{edit}\nWave.compute = edited(Wave.compute)")
    _, error = run.communicate()
    assert run.returncode == 0, error
    again = toy.spawn("figure=fig7/smoke", "panels.wave.n_points=6")
    out, error = again.communicate()
    assert again.returncode == 0, error
    assert "1 computed" in out


def test_a_source_that_is_edited_between_its_hash_and_its_import_is_refused(toy):
    """A function imports it only when it computes."""
    (toy.root / "toylab/late.py").write_text("STOP = 1.0\n")
    wave = toy.root / "toylab/signals/wave.py"
    line = "        time.sleep(self.pause)\n"
    edit = "        open({file!r}, 'a').write('STOP = 2.0')\n        from toylab import late\n"
    edit = edit.format(file=str(toy.root / "toylab/late.py"))
    wave.write_text(wave.read_text().replace(line, line + edit))
    run = toy.spawn("figure=fig7/smoke")
    _, error = run.communicate()
    assert run.returncode == 2 and "toylab/late.py" in error, error
    assert not toy.keys()


def test_stale_byte_code_ends_a_run_in_words(toy):
    wave = toy.root / "toylab/signals/wave.py"
    py_compile.compile(str(wave), doraise=True)
    status = wave.stat()
    time.sleep(0.02)
    wave.write_text(wave.read_text().replace("0.0, 1.0", "0.0, 2.0"))
    os.utime(wave, ns=(status.st_atime_ns, status.st_mtime_ns))
    run = toy.spawn("figure=fig7/smoke")
    _, error = run.communicate()
    assert run.returncode == 2 and "byte code is of an earlier version" in error
    assert not toy.keys()


def test_text_that_is_a_value_counts(tmp_path):
    path = tmp_path / "module.py"
    code_hashes = set()
    for text in (
        "X = 'a'",
        "X = 'b'",
        "def f():\n    return 'a'",
        "def f():\n    'a'\n    return 1",
    ):
        path.write_text(text)
        code_hashes.add(code_hash(path))
    path.write_text("def f():\n    'b'  # another\n    return 1")
    assert len(code_hashes) == 4 and code_hash(path) in code_hashes
    path.write_text("def f(:")
    assert code_hash(path) not in code_hashes


def test_every_key_has_the_core_and_what_computes():
    index = SourceIndex(Project())
    always = {"snn.escape", "snn.surrogate", *NUMERIC}
    for name, experiment in all_experiments().items():
        modules = index.modules(experiment.__module__)
        assert modules >= always and "experiments.engine.errors" not in modules, name
