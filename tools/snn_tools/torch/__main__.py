"""``python -m snn_tools.torch module:build --budget 1min``: a PyTorch network examined."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

from snn_tools.doctor.no_verdict import (
    STATUS,
    NoVerdict,
    no_traceback,
    refuse_undrawable,
    refuse_unwritable,
)
from snn_tools.torch.examination import examine
from snn_tools.torch.program import Program
from snn_tools.torch.report import Report


def main(arguments: list[str] | None = None) -> int:
    """Examine what ``module:build`` returns, and print the report.

    Returns:
        0 for a clean bill, 1 if faults were found, 2 for what is no verdict.
    """
    parser = argparse.ArgumentParser(prog="python -m snn_tools.torch", description=__doc__)
    parser.add_argument(
        "build",
        help="module:function. The function takes nothing and returns (net, forward, x, loss, "
        "escape): see snn_tools.torch.compare",
    )
    parser.add_argument("--budget", default="1min", help="such as 30s or 5min (default 1min)")
    parser.add_argument("--seed", type=int, default=0, help="decides all noise (default 0)")
    parser.add_argument("--json", type=Path, help="file for the numbers")
    parser.add_argument("--png", type=Path, help="file for the picture; needs matplotlib")
    options = parser.parse_args(arguments)
    try:
        report = _examined(options)
    except NoVerdict as error:
        parser.exit(STATUS, f"{error}\n")
    return 0 if report.healthy else 1


def _examined(options: argparse.Namespace) -> Report:
    if options.json:
        refuse_unwritable("--json", options.json)
    if options.png:
        refuse_unwritable("--png", options.png)
        with no_traceback("--png", refused=(ImportError,)):
            refuse_undrawable(options.png)
    module, _, function = options.build.partition(":")
    if not (module and function):
        raise NoVerdict(f"build: got {options.build!r}, expected module:function.")
    sys.path.insert(0, os.getcwd())
    with no_traceback(f"build: {options.build}()"):
        program = Program(*getattr(importlib.import_module(module), function)())
    with no_traceback("examination", refused=(ValueError,)):
        report = examine(program, options.budget, options.seed)
    sys.stdout.write(f"{report}\n")
    if options.json:
        with no_traceback("--json"):
            options.json.write_text(report.to_json())
    if options.png:
        with no_traceback("--png"):
            report.plot().savefig(options.png, dpi=150)
    return report


if __name__ == "__main__":
    raise SystemExit(main())
