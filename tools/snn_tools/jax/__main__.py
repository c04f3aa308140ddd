"""Examine a network from a shell: ``python -m snn_tools.doctor module:build --budget 60``."""

import argparse
import sys
from typing import Any

import jax

from snn_tools.jax.examination import examine
from snn_tools.shared import command

RETURNED = "(program, params), or these and a dictionary with any of surrogate, truth, time_axis"


def main(arguments: list[str] | None = None) -> int:
    """Examine the network that ``module:build`` returns, and print the report.

    Returns:
        Exit status: 0 if the network is healthy, 1 if faults were found, 2 without a verdict.
    """
    return command.verdict("snn_tools.doctor", __doc__, RETURNED, arguments, _examined)


def _fits(values: Any) -> bool:
    return len(values) == 2 or len(values) == 3 and isinstance(values[2], dict)


def _examined(options: argparse.Namespace) -> Any:
    program, params, *more = command.built(options.build, RETURNED, _fits)
    key = jax.random.key(0)
    return examine(program, params, key, budget=options.budget, **dict(*more))


if __name__ == "__main__":
    sys.exit(main())
