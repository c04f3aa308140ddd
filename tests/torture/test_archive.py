"""What archives and indexes read is valid, says the same everywhere, and invents nobody."""

import json
import re
import subprocess
import tomllib

import pytest
import yaml

from tests.test_docs import ROOT
from tests.tracked import makefiles, tracked

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
REPOSITORY = PROJECT["urls"].get("Repository")
"""Address of the repository; None as long as it has none."""
WHO = "The snn-surrogate contributors"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(name):
    text = (ROOT / name).read_text()
    return json.loads(text) if name.endswith("json") else yaml.safe_load(text)


def identical_to(related):
    """Return the address of the same software elsewhere; None if it is not listed."""
    addresses = [x["identifier"] for x in related if x["relation"] == "isIdenticalTo"]
    return addresses[0] if addresses else None


@pytest.mark.parametrize(
    ("name", "author", "address"),
    [
        ("codemeta.json", lambda x: x["author"], lambda x: x.get("codeRepository")),
        ("CITATION.cff", lambda x: x["authors"], lambda x: x.get("repository-code")),
        (".zenodo.json", lambda x: x["creators"], lambda x: identical_to(x["related_identifiers"])),
    ],
)
def test_every_description_agrees_with_the_package(name, author, address):
    description = read(name)
    assert description["version"] == PROJECT["version"], f"{name}: the version of pyproject.toml"
    assert (
        [of["name"] for of in author(description)]
        == [WHO]
        == [of["name"] for of in PROJECT["authors"]]
    )
    assert description["license"].rpartition("/")[2] == PROJECT["license"]
    assert set(description["keywords"]) == set(PROJECT["keywords"])
    assert address(description) == REPOSITORY, (
        f"{name}: the address of the repository, as pyproject.toml"
    )
    assert "10.1162/neco_a_01752" in (ROOT / name).read_text()


def test_no_link_leads_to_a_placeholder():
    """Links to the repository appear once it has an address; pyproject.toml says where."""
    placeholder = "OWNER" + "/"
    files = [str(x) for x in tracked() if placeholder.encode() in x.read_bytes()]
    assert not files, f"these files link to {placeholder}: {files}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_targets_and_files_that_there_are(path):
    jobs = yaml.safe_load(path.read_text())["jobs"].values()
    steps = [step for job in jobs for step in job.get("steps", [])]
    assert all("uses" in step or "run" in step for step in steps)
    commands = "\n".join(step.get("run", "") for step in steps)
    targets = re.findall(r"^([a-z-]+):", makefiles(), re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z-]+)", commands)) <= set(targets)
    if path.stem == "release":
        assert "figures/reference/*.npz" in commands and "sha256sum" in commands


def test_whoever_downloads_a_release_can_check_it(tmp_path):
    """As the workflow writes them, beside the archives and in the unpacked source."""
    job = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]["build"]
    commands = [step["run"] for step in job["steps"] if "sha256sum" in step.get("run", "")]
    results = [
        *("figures/reference/fig1.npz", "tests/goldens/fig1.json"),
        *("beyond/figures/reference/fig8.npz", "beyond/tests/goldens/fig8.json"),
    ]
    for name in ("dist/a.whl", "dist/a-source.tar.gz", *results):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    subprocess.run(["bash", "-ec", "\n".join(commands)], cwd=tmp_path, check=True)
    for folder, n in (("dist", 2), (".", 4)):
        check = ["sha256sum", "-c", "--ignore-missing", str(tmp_path / "SHA256SUMS")]
        done = subprocess.run(check, cwd=tmp_path / folder, capture_output=True, text=True)
        assert done.returncode == 0 and done.stdout.count(": OK") == n, done.stderr
    (tmp_path / results[0]).write_text("another")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 1


def test_the_container_runs_the_two_commands():
    lines = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text()).splitlines()
    steps = [line.split(" ", 1) for line in lines if line and not line.startswith("#")]
    assert {step for step, _ in steps} == {"FROM", "RUN", "WORKDIR", "COPY", "CMD"}
    version = re.match(r"python:(3\.\d+)-", steps[0][1])[1]
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]
    assert json.loads(steps[-1][1]) == ["make", "figures"] and ["RUN", "make setup"] in steps
    there = (ROOT / ".devcontainer" / "devcontainer.json").read_text()
    assert json.loads(there)["build"]["target"] == "base" and " AS base" in lines[4]


def test_the_paper_has_the_form_and_cites_what_it_lists():
    folder = ROOT / "docs" / "paper"
    _, head, body = (folder / "paper.md").read_text().split("---\n", 2)
    assert {"title", "tags", "authors", "affiliations", "date", "bibliography"} <= yaml.safe_load(
        head
    ).keys()
    assert {"# Summary", "# Statement of need", "# References"} <= set(body.splitlines())
    assert 500 <= len(body.split()) <= 800
    listed = re.findall(r"^@\w+\{(\w+),", (folder / "paper.bib").read_text(), re.MULTILINE)
    assert set(re.findall(r"@(\w+)", body)) == set(listed)
