"""Several figures at once: the last first, numbers as of each alone, and one end for all."""

import os
import signal
from contextlib import contextmanager
from multiprocessing import active_children

import pytest
from toylab.signals.draws import Draws
from toylab.signals.wave import Wave

from experiments import together
from experiments.engine.compute.atomic import file_hash
from experiments.engine.configure.compose import plan
from experiments.engine.errors import UserError

ENDLESS = """# @package _global_
defaults:
  - /experiment@panels.wave: wave
  - /experiment@checks.last: wave
  - _self_
panels:
  wave: {{n_points: {}, pause: {}}}
checks:
  last: {{n_points: {}, pause: 600}}
"""


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(together, "cores", lambda: 2)


def write_preset(toy, figure: str, *values: object) -> None:
    (toy.project.rooms[0].configs / "figure" / figure / "smoke.yaml").write_text(
        ENDLESS.format(*values)
    )


def checksums(toy) -> dict[str, str]:
    folders = {name: toy.results / "smoke" / name for name in ("fig7", "fig8")}
    return {name: file_hash(folder / f"{name}.npz") for name, folder in folders.items()}


def test_two_figures_at_once_are_what_each_is_alone(toy, monkeypatch, capfd):
    # Else they have a panel in common, which the second to need it may find in the cache.
    smoke = toy.project.rooms[0].configs / "figure" / "fig7" / "smoke.yaml"
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
    assert not toy.leftovers() and not active_children()


def test_the_last_figure_starts_first(toy, monkeypatch):
    started = []

    @contextmanager
    def beside(project, jobs, n):
        started.extend((run.figure, n) for run, _ in jobs)
        yield

    monkeypatch.setattr(together, "beside", beside)
    assert toy.run("figure=all/smoke") == 0
    assert started == [("fig8", 2), ("fig7", 2)]


def test_what_is_cached_starts_no_process(toy, monkeypatch, capfd):
    for name in ("fig7", "fig8"):
        assert toy.run(f"figure={name}/smoke") == 0
    capfd.readouterr()
    monkeypatch.setattr(together, "working", None)
    assert toy.run("figure=all/smoke") == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line.partition(",")[0][-10:] for line in lines[::2]] == ["0 computed"] * 2
    # Nor does one figure that is left.
    assert toy.run("figure=all/smoke", "seeds=[1]") == 0
    assert "fig8/smoke: 1 computed" in capfd.readouterr().out


def test_how_many_figures_at_once(toy, monkeypatch):
    plans = [plan(toy.project, [f"figure={name}/smoke"]) for name in ("fig7", "fig8")]
    assert together.n_at_once(plans) == together.n_at_once(plans * 2) == 2
    assert together.n_at_once(plans[:1]) == 1
    on_gpu = plan(toy.project, ["figure=fig7/smoke", "runtime=gpu"])
    assert together.n_at_once([on_gpu, plans[1]]) == 1
    monkeypatch.setattr(together, "cores", lambda: 1)
    assert together.n_at_once(plans) == 1


def test_an_input_that_is_missing_is_named_before_anything_is_computed(toy, monkeypatch, capfd):
    def missing(self):
        raise UserError("a file is missing", "no file")

    monkeypatch.setattr(Draws, "check_inputs", missing)
    before = toy.files()
    assert toy.run("figure=all/smoke") == 2
    assert capfd.readouterr().err.startswith("error: fig8: a file is missing")
    assert toy.files() == before


def test_an_error_names_its_figure_and_ends_the_others(toy, capfd):
    # 13 points are an error, which only the computation finds out.
    write_preset(toy, "fig7", 7, 0, 13)
    write_preset(toy, "fig8", 8, 600, 9)
    assert toy.run("figure=all/smoke") == 2
    error = capfd.readouterr().err
    assert error.count("error:") == 1 and "error: fig7: thirteen points" in error
    assert "Traceback" not in error and "fig8 " not in error
    assert len(toy.keys()) == 1 and not toy.leftovers() and not active_children()
    toy.check_whole()


def test_ctrl_c_ends_all_of_them_in_one_line(toy, monkeypatch):
    # Lines stay whole, too.
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    write_preset(toy, "fig7", 7, 0, 8)
    write_preset(toy, "fig8", 9, 600, 10)
    two = "import os; from experiments import together; together.cores = lambda: 2; os.setsid()"
    process = toy.spawn("figure=all/smoke", before=two)
    lines = iter(process.stderr.readline, "")
    assert any(line.startswith("fig7 wave: computed") for line in lines)
    os.killpg(process.pid, signal.SIGINT)
    # Ends when nobody holds the other end of the pipes: no process is left behind.
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (out, err) == ("", "\ninterrupted: what was finished is in the cache\n")
    assert len(toy.keys()) == 1 and not toy.leftovers()
    toy.check_whole()


def test_a_process_that_is_killed_ends_the_run_in_words(toy):
    run = plan(toy.project, ["figure=fig7/smoke"])
    with pytest.raises(UserError, match="ended from outside") as error:
        with together.beside(toy.project, [(run, toy.results)], 1):
            for process in active_children():
                process.kill()
    assert error.value.fix == "figure=fig7/smoke"
