"""``python -m snn_tools.torch module:build --budget 1min``: a PyTorch network examined."""

import argparse

from snn_tools import command
from snn_tools.torch.examination import Report, examine
from snn_tools.torch.program import Program

RETURNED = "(net, forward, x, loss, escape): see snn_tools.torch.compare"


def main(arguments: list[str] | None = None) -> int:
    """Examine what ``module:build`` returns, and print the report.

    Returns:
        0 for a clean bill, 1 if faults were found, 2 for what is no verdict.
    """
    return command.verdict("snn_tools.torch", __doc__, RETURNED, arguments, _examined)


def _examined(options: argparse.Namespace) -> Report:
    program = Program(*command.built(options.build, RETURNED, lambda found: len(found) == 5))
    with command.no_traceback("examination", refused=(ValueError,)):
        return examine(program, options.budget, options.seed)


if __name__ == "__main__":
    raise SystemExit(main())
