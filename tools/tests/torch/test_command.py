"""The command: text, JSON, and its status."""

import json
import os
import subprocess
import sys

import pytest

from tools.tests.torch import libraries  # noqa: F401  (skips without PyTorch)

from snn_tools.torch.__main__ import main  # isort: skip

NETWORK = """
from tools.tests.torch.small import program, shaped, snntorch

def build(factor=1.0):
    p = program(snntorch.Leaky(0.9, spike_grad=shaped(factor)), x=((1.0, 0.5),))
    p.net.hidden.bias.data.fill_(0.3)
    return p.net, p.forward, p.x, p.loss, p.escape

def against():
    return list(build(-1.0))

def four():
    return build()[:4]

def mean():
    net, forward, x, loss, escape = build()
    return net, forward, x, lambda out: loss(out).mean(), escape
"""


@pytest.fixture
def called(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "own", raising=False)
    (tmp_path / "own.py").write_text(NETWORK)
    return lambda words: main(words.split())


def test_a_sound_network_ends_with_0_in_text_and_json(called, tmp_path, capsys):
    assert called("own:build --json a.json --budget 60") == 0  # it ends as soon as it is precise
    printed, written = capsys.readouterr().out, json.loads((tmp_path / "a.json").read_text())
    assert "score function" in printed and printed.startswith("Verdict: no fault found;")
    assert (written["schema"], written["verdict"], written["faults"]) == (7, "no fault found", [])
    row = next(r for r in written["comparison"]["rows"] if r["group"] == "readout")
    assert row["cosine"] == pytest.approx(1.0, abs=0.02)


def test_a_fault_ends_with_1(called, capsys):
    assert called("own:against --budget 1") == 1
    assert "FAULT (shape, layer cell" in capsys.readouterr().out


def test_without_time_for_the_direction_it_ends_with_2_and_a_budget(called, capsys):
    assert called("own:build --budget 0.001") == 2
    assert "not decided: no fault in spikes and code" in (printed := capsys.readouterr().out)
    assert "--budget 60 may decide." in printed


NO_VERDICT = {
    "own:four": "own:four must return (net, forward, x, loss, escape)",
    "own:mean": "expected one number for each of 1 examples",
    "own:build --budget 0": "budget: got 0.0, expected a positive number of seconds",
    "own:build --json no/a.json": "can't open 'no/a.json'",
}


@pytest.mark.parametrize("words", NO_VERDICT)
def test_what_is_no_verdict_ends_with_2(words, called, capsys):
    with pytest.raises(SystemExit) as ended:
        called(words)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert NO_VERDICT[words] in error


def test_no_foreign_warning_stands_before_the_verdict():
    """Importing SpikingJelly makes torch warn that Triton is not there."""
    build = "tools.tests.networks.torch_residual_plif:build"
    command = [sys.executable, "-m", "snn_tools.torch", build, "--budget", "0.01"]
    paths = {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    done = subprocess.run(command, env=os.environ | paths, capture_output=True, text=True)
    assert done.stdout.startswith("Verdict: ") and not done.stderr
