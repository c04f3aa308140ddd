"""``python -m snn_tools.torch module:build --budget 1min``: a PyTorch network examined."""

from __future__ import annotations

import argparse

from snn_tools import command
from snn_tools.doctor.no_verdict import no_traceback
from snn_tools.torch.examination import examine
from snn_tools.torch.program import Program
from snn_tools.torch.report import Report


def main(arguments: list[str] | None = None) -> int:
    """Examine what ``module:build`` returns, and print the report.

    Returns:
        0 for a clean bill, 1 if faults were found, 2 for what is no verdict.
    """
    returned = "(net, forward, x, loss, escape): see snn_tools.torch.compare"
    parser = command.parser("snn_tools.torch", __doc__, returned)
    return command.verdict(parser, arguments, _examined)


def _examined(options: argparse.Namespace) -> Report:
    build = command.builder(options.build)
    with no_traceback(f"build: {options.build}()"):
        program = Program(*build())
    with no_traceback("examination", refused=(ValueError,)):
        return examine(program, options.budget, options.seed)


if __name__ == "__main__":
    raise SystemExit(main())
