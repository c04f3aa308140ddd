"""Every command of the tools says which arguments it takes, and ends at once."""

import pytest

from tests.test_commands import assert_help_is_printed, ended_by_ctrl_c

COMMANDS = [f"snn_tools.{name}" for name in ("audit", "conformance", "doctor")]
# The doctor's own module, `builtins:input`, waits for as long as its input is open.
EARLY = {
    "snn_tools.doctor builtins:input": (
        "snn_tools",
        "numpy",
        "jax._src.config",
        "snn_tools.doctor.report",
    ),
    "snn_tools.conformance jax": ("snn_tools",),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_printed_and_nothing_done(command, capsys):
    assert_help_is_printed(command, capsys)


@pytest.mark.parametrize(
    ("command", "moment"), [(command, moment) for command in EARLY for moment in EARLY[command]]
)
def test_ctrl_c_ends_a_command_in_one_line_while_it_is_imported(command, moment):
    status, lines = ended_by_ctrl_c(command, moment)
    assert status == 130 and len(lines) == 1 and lines[0].startswith("interrupted")
