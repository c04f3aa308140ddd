"""Sweeps under a launcher: same numbers, one cache, clear errors; and documented commands hold."""

import csv
import re
import shlex
from pathlib import Path

import pytest
import yaml
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser

from experiments.engine.config import Project, plan
from experiments.engine.errors import UserError
from experiments.engine.provenance import package_version

PROJECT = Project()
PAGE = PROJECT.root / "docs" / "running.md"
SECTION = PAGE.read_text().partition("## On a cluster")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"^(?:python|make) .*$", SECTION, re.MULTILINE)
SWEEPS = [text for text in COMMANDS if "experiments.run -m" in text]
DRAWINGS = [text for text in COMMANDS if text.startswith("make figure-")]
PLUGINS = {
    "joblib": "hydra-joblib-launcher",
    "submitit_local": "hydra-submitit-launcher",
    "submitit_slurm": "hydra-submitit-launcher",
    "ray": "hydra-ray-launcher",
}


def plugin_of(launcher: str) -> str:
    """The package that a launcher needs: its own, or that of the one which our config extends."""
    config = PROJECT.places[0].configs / "hydra" / "launcher" / f"{launcher}.yaml"
    if config.is_file():
        (launcher,) = yaml.safe_load(config.read_text())["defaults"]
    return PLUGINS[launcher]


def installed(launcher: str) -> bool:
    return package_version(plugin_of(launcher)) != "not installed"


def needs(launcher: str):
    """Leave a test out where the launcher's package, which is an extra, is not installed."""
    reason = f"needs {plugin_of(launcher)}"
    return pytest.param(launcher, marks=pytest.mark.skipif(not installed(launcher), reason=reason))


def runs(command: str) -> list[list[str]]:
    """The runs of a documented sweep, by Hydra's parser, without the launcher's settings."""
    overrides = shlex.split(command[command.index("figure=") :])
    parsed = OverridesParser.create().parse_overrides(
        [item for item in overrides if not item.startswith("hydra")]
    )
    return [list(run) for run in BasicSweeper.split_arguments(parsed, max_batch_size=None)[0]]


def test_the_page_shows_a_sweep_for_each_launcher_and_how_to_draw():
    launchers = {re.search(r"hydra/launcher=(\w+)", text)[1] for text in SWEEPS}
    assert launchers == {"joblib", "slurm", "ray_cluster"}
    assert len(DRAWINGS) == 1


@pytest.mark.parametrize("command", SWEEPS)
def test_documented_sweeps_compose(command):
    first, *others = runs(command)
    assert plan(PROJECT, first).modified == ("seeds=[1]",)
    assert [f"seeds=[{seed}]" in run for seed, run in enumerate(others, start=2)] == [True] * 3
    with pytest.raises(UserError, match="there is no parameter seed"):
        plan(PROJECT, runs(command.replace("seeds=", "seed="))[0])


def test_documented_drawing_covers_the_seeds_of_the_sweeps():
    (command,) = DRAWINGS
    target, preset, arguments = shlex.split(command)[1:]
    figure = f"fig{target.rpartition('-')[2]}/{preset.partition('=')[2]}"
    drawn = plan(PROJECT, [f"figure={figure}", *shlex.split(arguments.partition("=")[2])])
    assert drawn.settings.compute == "never"
    assert any(f"figure={figure}" in text for text in SWEEPS)
    for text in SWEEPS:
        assert {f"seeds=[{seed}]" for seed in drawn.settings.seeds} <= set().union(*runs(text))


LAUNCHERS = [needs("joblib"), needs("submitit_local")]


@pytest.fixture
def sweep(toy, monkeypatch):
    """Run a sweep of the toy under a launcher; return exit status and standard error."""
    # Jobs of submitit start from the environment alone.
    monkeypatch.setenv("PYTHONPATH", str(toy.root))

    def run(launcher: str, *arguments: str) -> tuple[int, str]:
        # In a process of its own: Hydra closes the logging handlers of the one that it runs in.
        process = toy.spawn("-m", f"hydra/launcher={launcher}", *arguments)
        _, error = process.communicate(timeout=900)
        return process.returncode, error

    return run


def table(toy) -> list[dict[str, str]]:
    (path,) = toy.results.glob("sweeps/*/summary.csv")
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_seeds_are_computed_at_once_and_drawn_together_from_the_cache(toy, sweep, launcher, capfd):
    (toy.root / "configs" / "hydra").mkdir(exist_ok=True)
    before = toy.files(), set(Path.cwd().iterdir())
    status, error = sweep(launcher, "figure=fig8/smoke", "seeds=[1],[2]")
    assert status == 0, error
    assert [row["seeds"] for row in table(toy)] == ["[1]", "[2]"]
    new = {name for name in toy.files() - before[0] if name.split("/")[0] != "results"}
    assert (new, set(Path.cwd().iterdir())) == (set(), before[1]), "folders outside results"
    capfd.readouterr()
    assert toy.run("figure=fig8/smoke", "seeds=[1,2]", "compute=never") == 0
    assert "0 computed, 3 from the cache" in capfd.readouterr().out
    assert toy.run("figure=fig8/smoke", "seeds=[1,2,3]", "compute=never") == 2
    # A process like any other computes the same numbers.
    keys = toy.keys()
    assert toy.run("figure=fig8/smoke", "seeds=[1]", "compute=always") == 0
    assert toy.keys() == keys
    toy.check_whole()
    assert not toy.leftovers()


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_mistake_in_a_job_comes_back_as_its_message(toy, sweep, launcher):
    status, error = sweep(launcher, "figure=fig7/smoke", "panels.wave.n_points=12,13")
    assert status == 2
    assert "error: thirteen points" in error and "panels.wave.n_points=14" in error
    assert "Traceback" not in error
    assert [row["panels.wave.n_points"] for row in table(toy)] == ["12"]
