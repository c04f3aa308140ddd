"""Every command of the tools says which arguments it takes, and ends at once."""

import pytest

from tests.test_commands import assert_help_is_printed


@pytest.mark.parametrize("command", ["snn_tools.conformance", "snn_tools.doctor"])
def test_help_is_printed_and_nothing_done(command, capsys):
    assert_help_is_printed(command, capsys)
