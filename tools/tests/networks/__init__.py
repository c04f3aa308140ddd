"""Small networks, right ones and ones with a fault, for the tests of both libraries.

`faults.py`, `in_jax.py` and `in_torch.py` vary one network. Each other file is a network as users
write it: `build` returns what the command examines, and the first line is the expected verdict.
"""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from snn_tools.shared.report import UNDECIDED

EXPECTED = re.compile(r'"""(Right|Fault|Finding|Not decided|Refused)(?: \(([^)]*)\))?: ')


def files(library: str) -> list[str]:
    """List the networks of a library that are files of their own."""
    return sorted(path.stem for path in Path(__file__).parent.glob(f"{library}_*.py"))


def assert_as_expected(name: str, examine: Callable[..., Any]) -> None:
    """Examine a network, and compare faults, findings or the refusal with its first line."""
    expected = EXPECTED.match(Path(__file__).with_name(f"{name}.py").read_text())
    assert expected, f"{name}: got another first line, expected {EXPECTED.pattern}"
    word, kinds = expected.groups()
    build = import_module(f"tools.tests.networks.{name}").build
    if word == "Refused":
        with pytest.raises(ValueError, match=kinds):
            examine(*build())
        return
    report = examine(*build())
    faults = {f.kind for f in report.faults}
    assert faults == (set(kinds.split(", ")) if word == "Fault" else set()), report
    findings = {f.kind for f in report.findings}
    assert word not in ("Finding", "Not decided") or kinds in findings, report
    assert word != "Not decided" or report.verdict == UNDECIDED, report
