"""Every command takes its arguments in one way, and says which they are."""

import importlib
import json
import re
import signal
import subprocess
import sys

import pytest

from experiments.engine.cache import file_hash
from experiments.engine.config import Project
from experiments.engine.errors import UserError
from scripts import clean
from tests.tracked import tracked

ROOT = Project().root
COMMANDS = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
    for path in tracked(
        *("scripts/*.py", "experiments/*.py", "figures/*.py", "explorers/*.py"),
        "beyond/scripts/*.py",
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


def results(folder, *names):
    """A folder of results with runs of these names, each with a picture."""
    for name in names:
        run = folder / "smoke" / f"fig1-{name}"
        run.mkdir(parents=True)
        (run / "fig1.pdf").write_text("a picture")
        files = {"fig1.pdf": file_hash(run / "fig1.pdf")}
        (run / "meta.json").write_text(json.dumps({"files": files, "config": {"name": name}}))
    (folder / "cache").mkdir()
    (folder / "cache" / "0.npz").write_text("numbers")
    return folder


def test_clean_asks_before_it_removes_runs_that_have_a_name(tmp_path, capsys):
    clean.main([], results(tmp_path / "results", ""))
    assert "removed 3 files" in capsys.readouterr().out and not (tmp_path / "results").exists()
    named = results(tmp_path / "results", "", "mine")
    with pytest.raises(UserError, match="nothing was removed"):
        clean.main([], named)
    said = capsys.readouterr().out
    assert "fig1-mine" in said and len(list(named.glob("smoke/*"))) == 2
    clean.main(["--yes"], named)
    assert not named.exists()


def test_clean_leaves_and_names_what_no_run_wrote(tmp_path, capsys):
    folder = results(tmp_path / "results", "")
    mine = ("notes.txt", "smoke/fig1-/thesis.tex", "smoke/fig1-/fig1.pdf", "victim.txt")
    mine += (".tmp-mine/notes.txt", "smoke/.tmp-mine/notes.txt")
    for name in mine:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("mine")
    meta = folder / "smoke/fig1-/meta.json"
    record = json.loads(meta.read_text())
    record["files"]["../../victim.txt"] = file_hash(folder / "victim.txt")
    meta.write_text(json.dumps(record))
    clean.main([], folder)
    said = capsys.readouterr().out
    left = [str(x.relative_to(folder)) for x in folder.rglob("*") if x.is_file()]
    assert sorted(left) == sorted(mine) and all(name in said for name in mine)


def test_clean_follows_no_link(tmp_path):
    kept = results(tmp_path / "elsewhere", "")
    (tmp_path / "results").symlink_to(kept)
    with pytest.raises(UserError, match="not a link"):
        clean.main([], tmp_path / "results")
    assert list(kept.iterdir())
