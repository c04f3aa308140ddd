"""Every mistake ends in one message, with status 2 and nothing written."""

import pickle

import pytest

from experiments.engine.errors import UserError

FIGURE = "figure=fig8/smoke"

MISTAKES = {
    "no figure": (["seeds=[1]"], "no figure was named", "figure=fig7/quick"),
    "no such figure": (["figure=fig9/quick"], "there is no figure fig9", "fig7, fig8"),
    "no such preset": (["figure=fig7/qick"], "no preset 'qick'", "figure=fig7/quick"),
    "no preset": (["figure=fig7"], "no preset was named", "paper, quick, smoke"),
    "unknown key": ([FIGURE, "panels.wave.n_point=5"], "n_point", "panels.wave.n_points=..."),
    "unknown key, far": ([FIGURE, "zzz=5"], "there is no parameter zzz", "make params-N"),
    "unknown key, bare": ([FIGURE, "n_trial=5"], "n_trial", "panels.draws.n_trials=..."),
    "unknown panel": ([FIGURE, "panels.wav.n_points=5"], "panels.wav.", "panels.wave.n_points=..."),
    "added key": ([FIGURE, "+panels.wave.q=5"], "there is no parameter panels.wave.q", "one of"),
    "removed key": ([FIGURE, "~panels.wave"], "nothing can be removed", "leave out"),
    "text for a number": ([FIGURE, "panels.wave.n_points=many"], "wrong type", "an integer"),
    "fraction for an integer": ([FIGURE, "panels.wave.n_points=5.5"], "wrong type", "an integer"),
    "null": ([FIGURE, "panels.wave.frequency=null"], "wrong type", "a number"),
    "number for a list": ([FIGURE, "seeds=3"], "seeds has the wrong type", "seeds=[3]"),
    "text in a list": ([FIGURE, "panels.wave.phases=[a]"], "wrong type", "a list of numbers"),
    "number for a panel": ([FIGURE, "panels.wave=3"], "not a single value", "panels.wave.NAME"),
    "unknown enum": ([FIGURE, "compute=alwys"], "no such option", "compute=always"),
    "unknown group option": ([FIGURE, "runtime=tpu"], "runtime has no option 'tpu'", "cpu, gpu"),
    "another experiment": (
        ["figure=fig8/smoke", "experiment@panels.wave=draws"],
        "panel wave",
        "leave it out",
    ),
    "unknown experiment": ([FIGURE, "experiment@panels.wave=wav"], "'wav'", "experiment=wave"),
    "unknown choice": ([FIGURE, "panels.wave.shape=squar"], "out of range", "shape=square"),
    "at an open bound": ([FIGURE, "panels.wave.frequency=0"], "out of range", "> 0"),
    "below": ([FIGURE, "panels.wave.n_points=2"], "out of range", "panels.wave.n_points=3"),
    "list element above": ([FIGURE, "panels.wave.phases=[0,7]"], "out of range", "<= 6.3"),
    "not finite": ([FIGURE, "panels.wave.frequency=inf"], "out of range", "> 0"),
    "nan": ([FIGURE, "panels.wave.frequency=nan"], "out of range", "> 0"),
    "empty list": ([FIGURE, "panels.wave.phases=[]"], "is empty", "at least one"),
    "no seeds": ([FIGURE, "seeds=[]"], "seeds is empty", "at least one"),
    "seed twice": ([FIGURE, "seeds=[1,1]"], "lists one twice", "distinct"),
    "seeds of nothing": (["figure=fig7/smoke", "seeds=[0,1]"], "no randomness", "leave it out"),
    "seeds of nothing, swept": (
        ["-m", "figure=fig7/smoke", "seeds=[0],[1]"],
        "fig7 has no randomness",
        "seeds=[0]",
    ),
    "negative seed": ([FIGURE, "seeds=[-1]"], "out of range", ">= 0 and <= 2^63-1"),
    "across fields": ([FIGURE, "panels.wave.frequency=50"], "too few points", "n_points=51"),
    "malformed": ([FIGURE, "seeds=[1"], "could not be read", "quote"),
    "a space": ([FIGURE, "panels.wave.shape=a (b"], "could not be read", "'key=\"a b\"'"),
    "endless": (
        ["-m", FIGURE, "seeds=[1],[2]", "panels.wave.n_points=range(3,99999999)"],
        "too many runs",
        "fewer values",
    ),
    "no value": ([FIGURE, "seeds"], "could not be read", "without spaces around ="),
    "no figure=": (["fig8/smoke"], "could not be read", "figure=fig8/smoke"),
    "no key": ([FIGURE, "=3"], "names no key", "key=value"),
    "bad interpolation": ([FIGURE, "panels.draws.seeds=${nope}"], "nope", "not found"),
    "sweep without -m": ([FIGURE, "panels.wave.n_points=5,6"], "several values", "-m"),
    "option": ([FIGURE, "--cfg"], "no such option", "--help"),
    "multirun, one bad": (["-m", FIGURE, "panels.wave.n_points=5,2"], "out of range", ">= 3"),
    "multirun, figures": (["-m", "figure=fig7/smoke,fig9/smoke"], "no figure fig9", "fig7"),
    "multirun, interval": (["-m", FIGURE, "panels.wave.n_points=interval(3,5)"], "sweep", "range"),
    "unknown launcher": (["-m", FIGURE, "seeds=[1],[2]", "hydra/launcher=nope"], "nope", "basic"),
    "found while computing": ([FIGURE, "panels.wave.n_points=13"], "thirteen", "n_points=14"),
}


@pytest.mark.parametrize(("arguments", "what", "hint"), MISTAKES.values(), ids=MISTAKES.keys())
def test_one_message_and_nothing_written(toy, capfd, arguments, what, hint):
    before = toy.files()
    assert toy.run(*arguments) == 2
    output = capfd.readouterr()
    assert output.err.count("error:") == 1
    assert "Traceback" not in output.err
    assert all(part in output.err for part in (what, hint, "got:", "expected:"))
    assert output.out == ""
    assert toy.files() == before


def test_mistake_in_a_process_of_its_own_is_one_message(toy):
    process = toy.spawn(FIGURE, "panels.wave.n_point=5")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.splitlines()[0] == "error: there is no parameter panels.wave.n_point"
    assert len(err.splitlines()) == 4
    assert out == ""


def test_platform_that_is_not_there(toy):
    process = toy.spawn("figure=fig7/smoke", "runtime=gpu")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "the platform gpu is not available" in err
    assert "Traceback" not in err


def test_error_survives_the_way_back_from_a_parallel_launcher():
    error = UserError("what", "got", "expected", "fix")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_ctrl_c_ends_with_one_line(toy):
    interrupt = (
        "import os, signal, time; time.sleep = lambda s: os.kill(os.getpid(), signal.SIGINT)"
    )
    process = toy.spawn("figure=fig7/smoke", before=interrupt)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "interrupted: what was finished is in the cache"
    assert toy.leftovers() == []
