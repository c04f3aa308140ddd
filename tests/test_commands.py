"""Every command takes its arguments in one way, and says which they are."""

import importlib
import re
import signal
import subprocess
import sys
import time

import pytest

from experiments.engine.configure.registry import Project
from tests.tracked import tracked

ROOT = Project().root
COMMANDS = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
    for path in tracked(
        *("scripts/*.py", "experiments/*.py", "figures/*.py", "explorers/*.py"),
        *("beyond/scripts/*.py", "tests/drawing/*.py"),
    )
    if re.search(r"(run_command\(main|main\(sys.argv\[1:\]\))\)$", path.read_text())
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_printed_and_nothing_done(command, capsys):
    assert_help_is_printed(command, capsys)


def assert_help_is_printed(command, capsys):
    module = importlib.import_module(command)
    if hasattr(module, "__path__"):
        module = importlib.import_module(f"{command}.__main__")
    try:
        status = module.main(["--help"])
    except SystemExit as ended:
        status = ended.code
    assert status == 0
    assert f"python -m {command}" in capsys.readouterr().out


@pytest.mark.parametrize("moment", ["experiments", "numpy"])
def test_ctrl_c_ends_a_command_without_a_word_while_it_is_imported(moment):
    ended = ended_by_ctrl_c("experiments.run figure=fig1/smoke compute=never", moment)
    assert ended == (-signal.SIGINT, [])


def ended_by_ctrl_c(command, moment):
    """Return the exit status and the lines of a command that is interrupted while it imports."""
    words = [sys.executable, "-X", "importtime", "-m", *command.split()]
    with subprocess.Popen(words, cwd=ROOT, stdin=-1, stdout=-1, stderr=-1, text=True) as process:
        while process.stderr.readline().rpartition("|")[2].strip() != moment:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        lines = process.stderr.read().splitlines()
    said = [line for line in lines if line and not line.startswith("import time:")]
    return process.returncode, said


@pytest.mark.parametrize("killed", [False, True])
def test_installations_wait_for_each_other(tmp_path, killed):
    step = "import sys, time; print('begins', flush=True); time.sleep(0.3); print('ends')"
    alone = [sys.executable, ROOT / "scripts" / "alone.py", tmp_path / ".lock"]
    with open(tmp_path / "seen", "w") as seen:
        first = subprocess.Popen([*alone, sys.executable, "-c", step], stdout=seen)
        while not (tmp_path / "seen").stat().st_size:
            time.sleep(0.01)
        second = subprocess.Popen([*alone, sys.executable, "-c", step], stdout=seen)
        if killed:
            first.kill()
        assert [first.wait(), second.wait()] == [-signal.SIGKILL if killed else 0, 0]
    expected = ["begins", "ends"] * 2
    assert (tmp_path / "seen").read_text().split() == expected[:1] * killed + expected[killed * 2 :]
