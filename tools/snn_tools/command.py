"""What commands that examine a network share: options, files, and who builds the network."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snn_tools.doctor.no_verdict import (
    STATUS,
    NoVerdict,
    no_traceback,
    refuse_undrawable,
    refuse_unwritable,
)


def parser(command: str, description: str | None, returned: str) -> argparse.ArgumentParser:
    """Return the parser of a command's options.

    Args:
        command: such as "snn_tools.doctor".
        description: what the command does.
        returned: what the user's function returns, in words.
    """
    made = argparse.ArgumentParser(prog=f"python -m {command}", description=description)
    made.add_argument(
        "build", help=f"module:function. The function takes nothing and returns {returned}"
    )
    made.add_argument("--budget", default="1min", help="such as 30s or 5min (default 1min)")
    made.add_argument("--seed", type=_seed, default=0, help="decides all noise (default 0)")
    made.add_argument("--json", type=Path, help="file for the numbers")
    made.add_argument("--png", type=Path, help="file for the picture; needs matplotlib")
    return made


def _seed(text: str) -> int:
    """Read a seed that generators tell from all others."""
    seed = int(text)
    if not 0 <= seed < 2**32:
        raise argparse.ArgumentTypeError(f"got {text}, expected 0 to 2^32 - 1")
    return seed


def verdict(
    made: argparse.ArgumentParser,
    arguments: list[str] | None,
    examined: Callable[[argparse.Namespace], Any],
) -> int:
    """Examine a network, print the report, and write the files that are asked for.

    Returns:
        0 for a clean bill, 1 if faults were found; the parser ends with 2 what is no verdict.
    """
    try:
        options = made.parse_args(arguments)
        # Files that cannot be written, before minutes are spent.
        if options.json:
            refuse_unwritable("--json", options.json)
        if options.png:
            refuse_unwritable("--png", options.png)
            with no_traceback("--png", refused=(ImportError,)):
                refuse_undrawable(options.png)
        report = examined(options)
        with no_traceback("report"):
            show(report)
        if options.json:
            with no_traceback("--json"):
                options.json.write_text(report.to_json())
        if options.png:
            with no_traceback("--png"):
                report.plot().savefig(options.png, dpi=150)
    except NoVerdict as error:
        made.exit(STATUS, f"{error}\n")
    return 0 if report.healthy else 1


def show(report: Any) -> None:
    """Print a report, in colour where rich is installed."""
    try:
        from rich.console import Console
    except ImportError:
        sys.stdout.write(f"{report}\n")
    else:
        Console(soft_wrap=True).print(report)
    sys.stdout.flush()


def builder(name: str) -> Callable[[], Any]:
    """Return the user's function, from the folder in which the command was called.

    Raises:
        NoVerdict: if there is none of that name.
    """
    module, _, function = name.partition(":")
    if not (module and function):
        raise NoVerdict(f"build: got {name!r}, expected module:function, for instance mynet:build.")
    sys.path.insert(0, os.getcwd())
    with no_traceback(f"build: {name}()"):
        build = getattr(importlib.import_module(module), function, None)
        if not callable(build):
            raise NoVerdict(f"build: {module} has no function {function!r}.")
    return build
