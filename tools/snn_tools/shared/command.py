"""Command that examines a network; without a verdict it ends with status 2."""

import argparse
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable

from snn_tools.shared.report import DEFAULT, FAULT, UNDECIDED, Report

STATUS = 2
"""Exit status without a verdict, and of a verdict that is not decided."""


def verdict(
    command: str,
    description: str | None,
    returned: str,
    examined: Callable[..., Report],
    arguments: list[str] | None,
) -> int:
    """Examine the network that the user's function returns, print the report, and write JSON.

    Args:
        command: name of the command, such as "snn_tools.doctor".
        description: purpose of the command.
        returned: description of the values that the user's function returns.
        examined: function of the budget and of these values.
        arguments: command line, without the name of the command.

    Returns:
        0 if no fault was found, 1 for faults, or for findings if the user types ``--strict``, and
        2 if it is not decided. Without a verdict the process ends with 2.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {command}", description=description)
    build = f"module:function. The function takes no arguments and returns {returned}"
    parser.add_argument("build", help=build)
    budget = f"seconds of the clock (default {DEFAULT:g})"
    parser.add_argument("--budget", type=float, default=DEFAULT, help=budget)
    strict = "findings end with status 1, too, as faults do"
    parser.add_argument("--strict", action="store_true", help=strict)
    parser.add_argument("--json", type=argparse.FileType("w"), help="file for the numbers")
    options = parser.parse_args(arguments)
    sys.path.insert(0, os.getcwd())
    try:
        report = examined(options.budget, *pkgutil.resolve_name(options.build)())
    except ValueError as error:  # a refusal, whose message is enough
        parser.exit(STATUS, f"{error}\n")
    except Exception:  # Python would end with status 1, which means faults
        traceback.print_exc()
        parser.exit(STATUS, f"No verdict. {options.build} must return {returned}.\n")
    sys.stdout.write(f"{report}\n")
    if options.json:
        options.json.write(report.to_json())
        options.json.close()
    if report.verdict == FAULT or options.strict and report.findings:
        return 1
    return STATUS if report.verdict == UNDECIDED else 0
