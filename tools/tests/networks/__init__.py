"""Small networks, right ones and ones with a fault, for the tests of both libraries.

`faults.py`, `in_jax.py` and `in_torch.py` vary one network. Each other file is a network as users
write it: `build` returns what the command examines, and the first line is the expected verdict.
`BUDGET` is for the direction of those that need one.
"""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

EXPECTED = re.compile(r'"""(Right|Fault|Finding|Refused)(?: \(([^)]*)\))?: ')


def files(library: str) -> list[str]:
    """List the networks of a library that are files of their own."""
    return sorted(path.stem for path in Path(__file__).parent.glob(f"{library}_*.py"))


def assert_as_expected(name: str, examine: Callable[..., Any]) -> None:
    """Examine a network, and compare faults, findings or the refusal with its first line."""
    expected = EXPECTED.match(Path(__file__).with_name(f"{name}.py").read_text())
    assert expected, f"{name}: got another first line, expected {EXPECTED.pattern}"
    word, kinds = expected.groups()
    module = import_module(f"tools.tests.networks.{name}")
    budget = {"budget": module.BUDGET} if hasattr(module, "BUDGET") else {}
    if word == "Refused":
        with pytest.raises(ValueError, match=kinds):
            examine(*module.build(), **budget)
        return
    report = examine(*module.build(), **budget)
    faults = {f.kind for f in report.faults}
    assert faults == (set(kinds.split(", ")) if word == "Fault" else set()), report
    assert word != "Finding" or kinds in {f.kind for f in report.findings}, report
