"""What disks, users and the system do to a run: it ends in one message, or goes on."""

import gc
import resource
import signal
import subprocess
import sys

import pytest

from experiments.engine import run as collect
from experiments.engine.errors import UserError
from experiments.replication import goldens


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_computation_at_once(toy, number):
    deaf = (
        "import time; from toylab.signals.wave import Wave\n"
        "def compute(*_):\n"
        "    print('computing', flush=True)\n"
        "    while True:\n"
        "        try: time.sleep(60)\n"
        "        except BaseException: pass\n"
        "Wave.compute = compute\n"
    )
    process = toy.spawn("figure=fig7/smoke", before=deaf)
    assert process.stdout.readline() == "computing\n"
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == -number and "Traceback" not in error
    toy.check_whole()


def test_a_cache_that_cannot_be_written_is_read(ran, monkeypatch, capfd):
    def refused(dir):
        raise PermissionError(13, "Permission denied", str(dir))

    toy = ran
    monkeypatch.setattr(collect, "TemporaryFile", refused)
    assert toy.run("figure=fig7/smoke") == 0
    assert "0 computed" in capfd.readouterr().out
    # What is missing could not be kept, and is not computed.
    assert toy.run("figure=fig7/smoke", "panels.wave.n_points=17") == 2
    error = capfd.readouterr().err
    assert "the system refused a file" in error and "computed in" not in error


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_disk_that_fills_while_a_figure_is_written_leaves_nothing_half(toy, capfd):
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
    try:
        assert toy.run("figure=fig7/smoke") == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    # Python 3.13 warns of what is left of the picture that could not be written; here, and now.
    gc.collect()
    error = capfd.readouterr().err
    assert error.count("error: the system refused a file") == 1 and "disk with room" in error
    assert "computed in" in error and "Traceback" not in error
    assert toy.leftovers() == [] and not list(toy.results.glob("smoke/fig7/*"))
    # What was computed is kept.
    assert toy.run("figure=fig7/smoke") == 0
    assert "0 computed" in capfd.readouterr().out
    toy.check_whole()


def test_a_renderers_mistake_is_shown_as_one(toy, monkeypatch):
    """And is not taken for a wrong choice of the user's."""
    monkeypatch.setattr("figures.drawing.draw", lambda *_: {}["mistyped"])
    with pytest.raises(KeyError, match="mistyped"):
        toy.run("figure=fig7/smoke")
    assert toy.leftovers() == []


def test_a_figure_without_a_renderer_is_refused_before_it_is_computed(toy, capfd):
    renderer = toy.root / "toyfigs" / "fig7.py"
    renderer.unlink()
    assert toy.run("figure=fig7/smoke") == 2
    output = capfd.readouterr()
    assert "error: fig7 has no renderer" in output.err and str(renderer) in output.err
    assert output.out == "" and not toy.results.exists()


@pytest.mark.parametrize(
    ("module", "hint"),
    [
        ("raise ValueError('of the module')", "ValueError: of the module"),
        ("class Wave: ...", "ValueError: toylab.signals.wave needs one Experiment"),
    ],
)
def test_a_broken_experiment_is_a_traceback_and_no_mistake_in_the_command(toy, module, hint):
    (toy.root / "toylab" / "signals" / "wave.py").write_text(f"{module}\n")
    process = toy.spawn("figure=fig7/smoke")
    _, error = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" in error and hint in error and "key=value" not in error
    assert not toy.results.exists()


def test_a_reader_who_has_seen_enough_is_no_fault_of_the_file_system():
    script = "import sys; from experiments.engine.errors import guarded\n"
    script += "sys.exit(guarded(lambda _: [print('x' * 99) for _ in range(9999)] and 0, []))"
    command = [sys.executable, "-c", script]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0


def test_a_platform_that_is_not_there_is_said_in_few_lines(toy):
    process = toy.spawn("figure=fig7/smoke", "runtime=gpu")
    out, err = process.communicate(timeout=600)
    assert process.returncode == 2
    assert err.splitlines()[0] == "error: the platform gpu is not available"
    assert len(err.splitlines()) <= 4 and out == ""


def test_a_link_to_nowhere_is_replaced_in_the_cache_and_else_said_first(ran, capfd):
    (key,) = ran.keys()
    entry = ran.results / "cache" / f"{key}.npz"
    entry.unlink()
    entry.symlink_to("nowhere")
    assert ran.run("figure=fig7/smoke") == 0
    assert "1 computed" in capfd.readouterr().out
    ran.check_whole()
    assert ran.leftovers() == []
    (ran.root / "link").symlink_to("nowhere/at/all")
    assert ran.run("figure=fig7/smoke", "results_dir=link", "compute=always") == 2
    error = capfd.readouterr().err
    assert "the system refused a file" in error and "computed in" not in error


def test_committed_numbers_that_cannot_be_read_are_named(toy):
    path = toy.project.reference("fig7")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PK")
    with pytest.raises(UserError, match=r"numbers of fig7 cannot be read(.|\n)*reference/fig7.npz"):
        goldens.concluded(toy.project)
