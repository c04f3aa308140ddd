"""docs/tutorial_student.md, typed in from top to bottom in a copy of the checkout; and `make`."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tutorial_student.md"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)
NEEDED = (
    "snn",
    "experiments",
    "figures",
    "configs",
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
)
# What a `make test` that these tests run in would hand on.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "ARGS", "PRESET", "VENV")
}


@pytest.fixture
def checkout(tmp_path):
    """A copy of what the tutorial needs, with an environment that is this one."""
    root, environment = tmp_path / "checkout", tmp_path / "venv"
    root.mkdir()
    for name in NEEDED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "gallery", "reference")
            shutil.copytree(ROOT / name, root / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, root)
    (environment / "bin").mkdir(parents=True)
    python = environment / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    (environment / ".installed").touch()
    return root


def typed(kind, code, root):
    """What a block prints."""
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    paths = [str(root), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        ["sh", "-ec", code] if kind == "sh" else [sys.executable, "-c", code],
        cwd=root if kind == "sh" else elsewhere,
        env={
            **ENVIRONMENT,
            "VENV": str(root.parent / "venv"),
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def expected(line):
    """A line of the page as an expression: three dots are anything, spaces any number of them."""
    parts = [r"\s+".join(map(re.escape, part.split())) for part in line.split("...")]
    return re.compile(r"\s*" + r".*".join(parts) + r"\s*")


def test_the_tutorial_does_what_it_says(checkout):
    blocks = BLOCK.findall(PAGE.read_text())
    assert len(blocks) >= 8 and all(text for _, _, text in blocks)
    for kind, code, text in blocks:
        lines = iter(typed(kind, code, checkout).splitlines())
        for line in text.splitlines():
            assert any(expected(line).fullmatch(printed) for printed in lines), (code, line)


@pytest.mark.parametrize(
    ("arguments", "unread"),
    [
        ("figure-5 radius=1", "ARGS='all.radius=1'"),
        ("figure-5 PRESET=smoke panels.a.b=[1,2] c=3", "ARGS='all.c=3 panels.a.b=[1,2]'"),
        ("figure-5 preset=smoke", "have capital letters"),
        ("figure-5 ARG=seeds=[1]", "ARGS='seeds=[0,1]'"),
    ],
)
def test_make_says_where_a_parameter_goes(arguments, unread):
    done = make(*arguments.split())
    assert done.returncode == 2 and unread in done.stderr


def test_make_offers_no_preset_that_a_figure_refuses():
    """Every figure has smoke, quick and paper; others are listed with their figures."""
    listed = make("help").stdout.partition("presets: ")[2].partition("    ")[0]
    files = [*ROOT.glob("configs/figure/fig*/*.yaml"), *ROOT.glob("*/configs/figure/fig*/*.yaml")]
    expected = "smoke quick paper"
    for preset in sorted({file.stem for file in files} - set(expected.split())):
        having = sorted(int(x.parent.name[3:]) for x in files if x.stem == preset)
        expected += f" {preset} (figures {' '.join(map(str, having))})"
    assert listed == expected and "medium (figures 7" in listed


def test_a_target_that_does_not_exist_is_one_message():
    command = ["make", "figur-4"]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 2 and "no such target; make help lists" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "runs"),
    [
        ("verify ARGS=figure=fig5/smoke", "experiments.replication.verify figure=fig5/smoke"),
        ("compare A=x B=y", 'experiments.compare "x" "y"'),
        ("figure-1 PRESET=smoke ARGS=a=1", 'experiments.run "figure=fig1/smoke" a=1'),
        ("beyond PRESET=smoke", 'experiments.run "figure=beyond/smoke"'),
        ("redraw-1", 'scripts.redraw "fig1"'),
    ],
)
def test_make_hands_on_what_is_given(arguments, runs, tmp_path):
    (tmp_path / ".installed").touch()
    done = make(*arguments.split(), f"VENV={tmp_path}")
    assert done.returncode == 0 and runs in done.stdout, done.stderr


def test_arguments_of_the_tests_are_not_those_of_a_make_that_they_call(tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\nexec make help\n")
    python.chmod(0o755)
    for name in (".installed", ".installed-tests", ".installed-fig7"):
        (tmp_path / name).touch()
    command = ["make", "test", "ARGS=-q", f"VENV={tmp_path}"]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0 and "figures: " in done.stdout, done.stderr


def make(*arguments):
    """What `make` would do."""
    command = ["make", "-n", *arguments]
    return subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
