"""The repository's parts match: figures, renderers, goldens; and nothing points elsewhere."""

import csv
import os
import re
import subprocess
import sys

import grimp
import pytest

from experiments.engine.config import experiments_of
from experiments.replication import goldens, report
from experiments.replication.claim import claims_of
from tests.experiments.planned import (
    PROJECT,
    all_experiments,
    concluded,
    known_quantities,
    planned,
)
from tests.tracked import lying, matching, tracked

ROOT = PROJECT.root
CLAIMS = claims_of(PROJECT.places)
PRESETS = PROJECT.presets()
FILES = [path for room in PROJECT.places for path in room.chapters.glob("*/*.py")]
CHAPTERS = {path.stem: path.parent for path in FILES}
COMPOSED = [f"{figure}/{preset}" for figure, names in PRESETS.items() for preset in names]

# Words of a registry's or an index's address, put together so that this file has none of them.
HOSTS = ["".join(parts) for parts in (("py", "pi.org"), ("python", "hosted"), ("ana", "conda.org"))]


def test_an_archive_has_the_files_of_the_repository(tmp_path):
    """Without git, too, and with what a user has built beside them."""
    names = ("snn/a.py", "snn/estimators/b.py", "docs/site/conf.py", "results.md")
    # In a further working tree of git, .git is a file.
    built = (".git", "results/a.npz", ".venv-2/x.py", "site/index.html", "snn/__pycache__/a.pyc")
    for name in (*names, *built):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert set(lying(tmp_path)) == set(names)
    assert matching(lying(tmp_path), ["snn/*.py"]) == ["snn/a.py", "snn/estimators/b.py"]
    assert not set(map(str, tracked())) - {str(ROOT / name) for name in lying(ROOT)}


WITH_A_FIGURE = {
    "configs/figure/{}/paper.yaml": "write the preset: which experiments are its panels",
    "figures/{}.py": "write the renderer, render(data) -> Figure",
    "figures/captions/{}.md": "write the caption: a heading, and a paragraph for each panel",
    "figures/reference/{}.npz": "make figure-N PRESET=paper, then make references ARGS={}",
    "figures/gallery/{}.png": "make gallery ARGS={}",
    "tests/goldens/{}.json": "make goldens ARGS={}",
}
"""The files of a figure, and how to get one."""


@pytest.mark.parametrize("figure", PRESETS)
def test_a_figure_has_all_of_its_files(figure):
    missing = [
        f"{path.format(figure)} is missing: {fix.format(figure)}"
        for path, fix in WITH_A_FIGURE.items()
        if not (PROJECT.place(figure).folder / path.format(figure)).is_file()
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("path", WITH_A_FIGURE)
def test_no_file_is_of_a_figure_that_is_not_there(path):
    for room in PROJECT.places:
        for file in room.folder.glob(path.format("fig*")):
            # Beside a figure lie its teaser and its supplement.
            figures = {file.parent.name, file.stem.partition("_")[0]}
            fault = f"{file}: there is no configs/figure/figN/paper.yaml"
            assert figures & set(room.figures_in()), fault


@pytest.mark.parametrize("choice", COMPOSED)
def test_every_preset_composes(choice):
    run = planned(f"figure={choice}")
    assert run.panels
    assert run.modified == ()


def test_every_experiment_is_used_by_a_figure():
    defining = {
        path.stem
        for path in FILES
        if "    def compute" in path.read_text() and path.parent.name != "engine"
    }
    used = [x for choice in COMPOSED for x in experiments_of(PROJECT, choice).values()]
    unused = defining - {"base"} - {x.__module__.rpartition(".")[2] for x in used}
    fix = "name them in a preset, as PANEL: {experiment: NAME} below panels"
    assert not unused, f"no figure uses {sorted(unused)}: {fix}"


def test_claims_name_golden_or_committed_quantities():
    committed = known_quantities().keys()
    unknown = {name for claim in CLAIMS for name in claim.value_of} - committed
    fix = "let the experiment's summary() return them, then make goldens ARGS=figN"
    assert not unknown, f"claims name {sorted(unknown)}: {fix}"
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)


@pytest.mark.parametrize("figure", PROJECT.presets())
def test_the_claims_on_a_figure_are_its_chapters(figure):
    experiments = experiments_of(PROJECT, f"{figure}/paper").values()
    chapters = {experiment.__module__.split(".")[-2] for experiment in experiments}
    on_it = {c.id for c in CLAIMS if any(n.startswith(f"{figure}.") for n in c.value_of)}
    assert on_it and on_it <= {claim.id for claim in claims_of(PROJECT.places, chapters)}


def test_replication_report_results_and_status_are_current():
    for room in PROJECT.places:
        page = room.folder / "REPLICATION.md"
        assert page.read_text() == report.page(PROJECT, room, known_quantities()), (
            "make replication"
        )
        table = room.folder / report.RESULTS
        assert table.read_text() == report.results(PROJECT, room, concluded()), "make replication"
    readme = report.readme(PROJECT, known_quantities())
    assert (ROOT / "README.md").read_text() == readme, "make replication"


def test_results_are_the_goldens_and_the_committed_numbers():
    with (ROOT / report.RESULTS).open() as file:
        rows = {(x["panel"], x["quantity"], x["preset"]): x for x in csv.DictReader(file)}
    golden = goldens.read(PROJECT.golden("fig2")).quantities["error.over_exact[stochastic_ad]"]
    row = rows["error", "over_exact[stochastic_ad]", "smoke"]
    assert float(row["value"]) == pytest.approx(golden.value, rel=1e-5)
    assert float(row["se"]) == pytest.approx(golden.se, rel=1e-5)
    assert rows["deterministic", "rate_hidden", "smoke"]["unit"] == "Hz"
    frozen = rows["deterministic_frozen_slow", "van_rossum_ratio", "paper"]
    assert frozen["claims"] == "C6i" and frozen["n"] and frozen["ci_low"] < frozen["ci_high"]
    named = {claim for row in rows.values() for claim in row["claims"].split()}
    assert named == {claim.id for claim in claims_of(PROJECT.places[:1])}


def test_the_engine_knows_no_chapter():
    graph = grimp.build_graph(PROJECT.experiments, *PROJECT.libraries, cache_dir=None)
    imported = graph.find_upstream_modules("experiments.engine", as_package=True)
    assert "snn.selftest" in imported
    packages = {
        f"experiments.{path.parent.name}" for path in ROOT.glob("experiments/*/__init__.py")
    }
    inside = {name for name in imported if ".".join(name.split(".")[:2]) in packages}
    assert not inside, "the engine imports these, directly or indirectly: it must not"


def said(code, **environment):
    """What Python prints and warns in a process of its own."""
    command, environment = [sys.executable, "-c", code], os.environ | environment
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return done.stdout, done.stderr


def test_importing_experiments_computes_nothing_and_changes_no_setting():
    """So that platform and precision can be chosen afterwards, for all panels of a run."""
    code = "import jax; before = dict(jax.config.values)\n"
    modules = sorted(x.__module__ for x in all_experiments().values())
    code += f"from importlib import import_module\nfor x in {modules}: import_module(x)\n"
    code += "now = jax.config.values; print([x for x in before if now[x] != before[x]])"
    # A platform that does not exist: the first array would ask for it.
    assert said(code, JAX_PLATFORMS="nowhere")[0] == "[]\n"


def test_a_run_imports_the_experiments_of_its_figure_alone_and_a_wrong_name_not_even_jax():
    code = "import sys; from experiments.engine.errors import guarded\n"
    code += "from experiments.run import main\n"
    code += "print(guarded(main, ['figure=fig4/qick']), 'jax' in sys.modules)\n"
    code += "from experiments.engine.config import plan\n"
    code += "from experiments.engine.config import Project; project = Project()\n"
    code += "plan(project, ['figure=fig5/smoke'])\n"
    code += f"print(*(x for x in sys.modules if x.split('.')[-1] in {[*all_experiments()]}))"
    out, err = said(code)
    refused, imported = out.splitlines()
    assert refused == "2 False" and "no preset 'qick'" in err
    chapter = "experiments.sigmoid_network"
    names = ("loop_integral", "stochastic_loop_integral")
    assert set(imported.split()) == {f"{chapter}.{name}" for name in names}


def test_hooks_and_workflow_download_no_tools():
    """Hooks run from the environment; the workflow uses the two actions without which none runs."""
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert set(re.findall(r"repo: (\S+)", hooks)) == {"local"}
    assert set(re.findall(r"language: (\S+)", hooks)) == {"system"}
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    used = set(re.findall(r"uses: (\S+)@", workflow))
    assert used == {"actions/checkout", "actions/setup-python"}


def test_nothing_names_a_registry_host():
    for path in tracked():
        if path.suffix not in (".png", ".pdf", ".npz"):
            text = path.read_text(errors="ignore").lower()
            assert not [host for host in HOSTS if host in text], path


def test_make_lists_every_figure():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("figures:"))
    assert set(line.split(":")[1].split("presets")[0].split()) == {n[3:] for n in PRESETS}


def test_make_refuses_an_unknown_figure_before_it_sets_up_an_environment(tmp_path):
    for target in ("figure-99", "params-99"):
        command = ["make", target, f"VENV={tmp_path / 'environment'}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2 and "there is no figure 99" in done.stderr
        assert not any(tmp_path.iterdir())
