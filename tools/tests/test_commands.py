"""The doctor's command says which arguments it takes, and ends at once."""

from tests.test_commands import assert_help_is_printed


def test_help_is_printed_and_nothing_done(capsys):
    assert_help_is_printed("snn_tools.doctor", capsys)
