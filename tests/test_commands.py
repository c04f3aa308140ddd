"""Every command takes its arguments in one way, and says which they are."""

import importlib
import re

import pytest

from experiments.engine.registry import Project
from tests.test_repo import tracked

ROOT = Project().root
COMMANDS = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
    for path in tracked("scripts/*.py", "experiments/*.py", "figures/*.py", "snn_tools/*.py")
    if re.search(r"(run_command\(main|main\(sys.argv\[1:\]\))\)$", path.read_text())
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_printed_and_nothing_done(command, capsys):
    module = importlib.import_module(command)
    if hasattr(module, "__path__"):
        module = importlib.import_module(f"{command}.__main__")
    try:
        status = module.main(["--help"])
    except SystemExit as ended:
        status = ended.code
    assert status == 0
    assert f"python -m {command}" in capsys.readouterr().out
