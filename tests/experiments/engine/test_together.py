"""Several figures at once: numbers as of each alone, and one end for all."""

import os
import signal
from pathlib import Path

import pytest
from toylab.signals.wave import Wave

from experiments import run
from experiments.engine.cache import file_hash

ENDLESS = """# @package _global_
panels:
  wave: {{experiment: wave, n_points: {}, pause: {}}}
  last: {{experiment: wave, n_points: {}, pause: 600}}
"""
TWO_CORES = "from experiments import run; run.cores = lambda: 2"


@pytest.fixture(autouse=True)
def two_cores(toy, monkeypatch):
    monkeypatch.setattr(run, "cores", lambda: 2)
    # Workers import the toy's packages from the environment.
    monkeypatch.setenv("PYTHONPATH", str(toy.root))


def write_preset(toy, figure: str, *values: object) -> None:
    (toy.project.places[0].configs / "figure" / figure / "smoke.yaml").write_text(
        ENDLESS.format(*values)
    )


def checksums(toy) -> dict[str, str]:
    folders = {name: toy.results / "smoke" / name for name in ("fig7", "fig8")}
    return {name: file_hash(folder / f"{name}.npz") for name, folder in folders.items()}


def test_two_figures_at_once_are_what_each_is_alone(toy, monkeypatch, capfd):
    # Else they have a panel in common, which the second to need it may find in the cache.
    smoke = toy.project.places[0].configs / "figure" / "fig7" / "smoke.yaml"
    smoke.write_text(smoke.read_text().replace("11", "12"))
    with monkeypatch.context() as patch:
        # Not here, but in other processes.
        patch.setattr(Wave, "compute", None)
        assert toy.run("figure=all/smoke") == 0
    out, err = capfd.readouterr()
    assert sorted(line.split(",")[0] for line in out.splitlines()[::2]) == [
        "fig7/smoke: 1 computed",
        "fig8/smoke: 2 computed",
    ]
    assert sorted(line.partition(":")[0] for line in err.splitlines() if "computed" in line) == [
        "fig7 wave",
        "fig8 draws seed 0",
        "fig8 wave",
    ]
    assert err.splitlines()[0] == "2 figures, 2 at once"
    beside = checksums(toy)
    for name in ("fig7", "fig8"):
        assert toy.run(f"figure={name}/smoke", "compute=always") == 0
    assert checksums(toy) == beside
    toy.check_whole()
    assert not toy.leftovers()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_of_them(toy, number):
    """Ctrl-C reaches workers, too; SIGTERM reaches the command alone."""
    write_preset(toy, "fig7", 7, 0, 8)
    write_preset(toy, "fig8", 9, 600, 10)
    process = toy.spawn("figure=all/smoke", before=f"import os; os.setsid(); {TWO_CORES}")
    lines = iter(process.stderr.readline, "")
    assert any(line.startswith("fig7 wave: computed") for line in lines)
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    # Ends when nobody holds the other end of the pipes: no process is left behind.
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert out == "" and "Traceback" not in err and "leaked" not in err
    assert len(toy.keys()) == 1
    toy.check_whole()


def test_a_worker_that_is_killed_ends_the_run_in_words(toy):
    write_preset(toy, "fig7", 7, 0, 8)
    write_preset(toy, "fig8", 9, 600, 10)
    process = toy.spawn("figure=all/smoke", before=TWO_CORES)
    lines = iter(process.stderr.readline, "")
    assert any(line.startswith("fig7 wave: computed") for line in lines)
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        if b"popen_loky" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(int(child), signal.SIGKILL)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 2 and "ended from outside" in error


def test_nohup_outlives_its_terminal():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with run._signals_end_workers():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
