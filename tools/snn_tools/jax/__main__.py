"""Examine a network from a shell: ``python -m snn_tools.doctor module:build --budget 60``."""

import sys
from typing import Any

import jax

from snn.program import Program
from snn.types import Params
from snn_tools.jax.examination import examine
from snn_tools.shared import command
from snn_tools.shared.report import Report

RETURNED = "(program, params), or these and a dictionary such as {'surrogate': snn.Surrogate()}"


def main(arguments: list[str] | None = None) -> int:
    """Examine the network that ``module:build`` returns, and print the report.

    Returns:
        Exit status: 0 if the network is healthy, 1 if faults were found, 2 without a verdict.
    """
    return command.verdict("snn_tools.doctor", __doc__, RETURNED, _examined, arguments)


def _examined(
    budget: float, program: Program, params: Params, settings: dict[str, Any] | None = None
) -> Report:
    return examine(program, params, jax.random.key(0), budget=budget, **(settings or {}))


if __name__ == "__main__":
    sys.exit(main())
