"""``python -m snn_tools.doctor module:build --budget 1min``: an examination without a notebook."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import Any

import jax

from snn_tools.doctor.examination import examine
from snn_tools.doctor.report import Report


def main(arguments: list[str] | None = None) -> int:
    """Examines what ``module:build`` returns, and prints the report.

    Returns:
        0 for a clean bill, 1 if faults were found.
    """
    parser = argparse.ArgumentParser(prog="python -m snn_tools.doctor", description=__doc__)
    parser.add_argument(
        "build",
        help="module:function. The function takes nothing and returns (program, params), or these "
        "and a dictionary with any of surrogate, truth and time_axis",
    )
    parser.add_argument("--budget", default="1min", help="such as 30s or 5min (default 1min)")
    parser.add_argument("--seed", type=int, default=0, help="decides all noise (default 0)")
    parser.add_argument("--json", type=Path, help="file for the numbers")
    parser.add_argument("--png", type=Path, help="file for the picture; needs matplotlib")
    options = parser.parse_args(arguments)
    try:
        program, params, more = _built(options.build)
        report = examine(
            program, params, jax.random.key(options.seed), budget=options.budget, **more
        )
    except (ValueError, TypeError, ImportError) as error:
        parser.exit(2, f"{error}\n")
    _show(report)
    if options.json:
        options.json.write_text(report.to_json())
    if options.png:
        report.plot().savefig(options.png, dpi=150)
    return 0 if report.healthy else 1


def _built(name: str) -> tuple[Any, Any, dict[str, Any]]:
    """What the user's function returns."""
    module, _, function = name.partition(":")
    if not (module and function):
        raise ValueError(
            f"build: got {name!r}, expected module:function, for instance mynet:build."
        )
    sys.path.insert(0, os.getcwd())
    build = getattr(importlib.import_module(module), function, None)
    if not callable(build):
        raise ValueError(f"build: {module} has no function {function!r}.")
    built = build()
    if not isinstance(built, tuple) or len(built) not in (2, 3):
        raise ValueError(
            f"build: {name}() returned {type(built).__name__}, expected (program, params), or "
            f"these and a dictionary of settings."
        )
    program, params, *more = built
    return program, params, dict(more[0]) if more else {}


def _show(report: Report) -> None:
    try:
        from rich.console import Console
    except ImportError:
        sys.stdout.write(f"{report}\n")
        return
    Console(soft_wrap=True).print(report)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
