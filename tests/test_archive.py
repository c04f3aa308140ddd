"""What archives and indexes read is valid, says the same everywhere, and invents nobody."""

import re
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


def test_the_citation_agrees_with_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert set(citation["keywords"]) == set(PROJECT["keywords"])
    assert citation["authors"] == PROJECT["authors"] == [{"name": WHO}]
    assert citation.get("repository-code") == REPOSITORY, "the address in pyproject.toml"
    assert citation["preferred-citation"]["doi"] == "10.1162/neco_a_01752"


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
