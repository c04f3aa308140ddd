"""The figures' own conditions: one message before anything is computed, and nothing written."""

import pytest

from experiments.engine.errors import guarded
from experiments.run import main

BAD = {
    "too few weights": ("figure=fig4/smoke panels.along_w.v=[1]", "wrong length"),
    "too many weights": ("figure=fig4/smoke panels.along_w.u=[1,2,3]", "wrong length"),
    "a point of one number": ("figure=fig4/smoke panels.plane.probe=[1]", "wrong length"),
    "a scan downwards": ("figure=fig4/smoke panels.stochastic.w_min=5", "> 5.0, that is > w_min"),
    "outside of the scan": ("figure=fig4/smoke panels.along_w.w_reference=7", "<= 0.2, that is"),
    "no plane": ("figure=fig5/smoke panels.second.direction1=[0,0,0,0,0]", "span no plane"),
    "single precision": ("figure=fig5/smoke runtime.x64=false", "double precision"),
    "beta": ("figure=fig2/smoke panels.perceptron.beta=0", "out of range"),
    "no trials": ("figure=fig2/smoke panels.error.n_trials=0", "out of range"),
    "one trial": ("figure=fig3/smoke panels.estimators.n_trials=1", "out of range"),
    "more flips than sites": ("figure=fig3/smoke panels.estimators.n_flips=99", "n_flips"),
    "too many patterns": ("figure=fig3/smoke panels.estimators.sizes=[2,9,9,1]", "2^"),
    "a seed beyond 32 bits": ("figure=fig6/smoke seeds=[4294967296]", "<= 4294967295"),
    "two trials of one": ("figure=fig6/smoke panels.deterministic.n_trials=2", "has one trial"),
    "uneven blocks": ("figure=fig9/quick panels.variance.steps=62", "steps: not shared evenly"),
    "a window upside down": ("figure=fig1/smoke panels.neuron.u_high=0", "> 0.0, that is > u_low"),
    "beyond the horizon": ("figure=fig2/smoke panels.lif.late_step=12", "that is > late_step"),
    "an even kernel": ("figure=fig7/smoke panels.stochastic.recurrent_kernel=4", "an odd number"),
    "a missing picture": ("figure=fig6/smoke panels.stochastic.image=no.png", "no such image"),
    "a huge seed": ("figure=fig3/smoke seeds=[99999999999999999999999]", "out of range"),
}


@pytest.mark.parametrize(("command", "message"), BAD.values(), ids=BAD)
def test_one_message_and_nothing_written(command, message, tmp_path, capfd):
    results = tmp_path / "results"
    assert guarded(main, [*command.split(), f"results_dir={results}"]) == 2
    error = capfd.readouterr().err
    assert message in error and "fix:" in error and "Traceback" not in error
    assert not results.exists()


def test_a_folder_that_cannot_be_written_is_one_message(capfd):
    assert guarded(main, ["figure=fig4/smoke", "results_dir=/proc/none"]) == 2
    assert "refused a file or folder" in capfd.readouterr().err
