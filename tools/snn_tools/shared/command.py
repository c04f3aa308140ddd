"""Shared parts of the commands that examine a network: options, files, the user's function.

A command without a verdict ends with status 2, which means neither healthy nor faults.
"""

import argparse
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from snn_tools.shared.report import FAULTS

STATUS = 2
"""Exit status without a verdict."""


def verdict(
    command: str,
    description: str | None,
    returned: str,
    arguments: list[str] | None,
    examined: Callable[[argparse.Namespace], Any],
) -> int:
    """Examine a network, print the report, and write the file of the option ``--json``.

    Args:
        command: name of the command, such as "snn_tools.doctor".
        description: purpose of the command.
        returned: description of the values that the user's function returns.
        arguments: command line, without the name of the command.
        examined: function from the options to the report.

    Returns:
        0 if no fault was found, 1 otherwise. Without a verdict the process ends with 2.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {command}", description=description)
    build = f"module:function. The function takes no arguments and returns {returned}"
    parser.add_argument("build", help=build)
    budget = "seconds of the clock (default 60)"
    parser.add_argument("--budget", type=float, default=60.0, help=budget)
    parser.add_argument("--json", type=Path, help="file for the numbers")
    options = parser.parse_args(arguments)
    if options.json and not os.access(options.json.absolute().parent, os.W_OK):
        parser.exit(STATUS, f"--json: got {options.json}, expected a file in an existing folder.\n")
    try:
        report = examined(options)
    except ValueError as error:  # a refusal, whose message is enough
        parser.exit(STATUS, f"{error}\n")
    except Exception:  # Python would end with status 1, which means faults
        traceback.print_exc()
        parser.exit(STATUS, "No verdict: the error above stopped the examination.\n")
    sys.stdout.write(f"{report}\n")
    if options.json:
        options.json.write_text(report.to_json())
    return int(report.verdict == FAULTS)


def built(name: str, expected: str, fits: Callable[[Sequence[Any]], bool]) -> Sequence[Any]:
    """Call the user's function in a module of the current folder.

    Args:
        name: ``module:function``.
        expected: description of the values that the function returns.
        fits: returns whether a sequence has these values.

    Raises:
        ValueError: if the function returns other values.
    """
    sys.path.insert(0, os.getcwd())
    values = pkgutil.resolve_name(name)()
    if isinstance(values, Sequence) and fits(values):
        return values
    kinds = [type(value).__name__ for value in values] if isinstance(values, Sequence) else ""
    got = f"{type(values).__name__} {kinds}"
    raise ValueError(f"build: {name}() returned {got}, expected {expected}.")
