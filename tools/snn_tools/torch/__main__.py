"""Examine a PyTorch network from a shell: ``python -m snn_tools.torch module:build``."""

import logging
import sys
from typing import Any

from snn_tools.shared import command
from snn_tools.shared.report import Report
from snn_tools.torch.examination import examine
from snn_tools.torch.program import Program

RETURNED = "(net, forward, x, loss, escape): see snn_tools.torch.Program"


def main(arguments: list[str] | None = None) -> int:
    """Examine the network that ``module:build`` returns, and print the report.

    Returns:
        Exit status: 0 if no fault was found, 1 for faults, 2 if not decided or without a verdict.
    """
    # Importing SpikingJelly 2.0 on a machine without Triton makes torch warn twice.
    logging.getLogger("torch._library.triton").setLevel(logging.ERROR)
    return command.verdict("snn_tools.torch", __doc__, RETURNED, _examined, arguments)


def _examined(budget: float, *built: Any) -> Report:
    return examine(Program(*built), budget)


if __name__ == "__main__":
    sys.exit(main())
