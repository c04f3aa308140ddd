"""The commands say which arguments they take, and how sure they are by their exit status."""

import pytest

from snn_tools.shared import command
from snn_tools.shared.report import Report
from tests.test_commands import assert_help_is_printed
from tools.tests.test_rules import faulty, report, table


def test_help_is_printed_and_nothing_done(capsys):
    assert_help_is_printed("snn_tools.doctor", capsys)


REPORTS = {
    "right": lambda: report(table(0.9)),
    "biased": lambda: report(table(0.05)),
    "hidden by noise": lambda: report(table(0.9, noise=3.0)),
    "not compared": lambda: report(None),
    "wrong": lambda: report(table(0.05), checks=faulty()),
}


@pytest.mark.parametrize(
    ("name", "status", "strict"),
    [
        ("right", 0, 0),
        ("biased", 0, 1),
        ("hidden by noise", 2, 2),
        ("not compared", 2, 2),
        ("wrong", 1, 1),
    ],
)
def test_the_exit_status_is_the_verdict(name, status, strict, capsys):
    def ended(*options):
        def examined(budget: float, *_: object) -> Report:
            return REPORTS[name]()

        arguments = ["builtins:list", *options]
        return command.verdict("snn_tools.doctor", "", "a network", examined, arguments)

    assert (ended(), ended("--strict")) == (status, strict)
    assert capsys.readouterr().out.startswith("Verdict: ")
