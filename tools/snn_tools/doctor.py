"""Find out what is wrong with the gradient of your own spiking network, in JAX.

::

    from snn_tools import doctor
    report = doctor.examine(program, params, key, budget=60, surrogate=snn.Surrogate())
    print(report)

or ``python -m snn_tools.doctor module:build --budget 60``. See tools/docs/use.md.
"""

import sys
from typing import Any

import jax

from snn.program import Program
from snn.types import Params
from snn_tools.jax.examination import examine as examine
from snn_tools.jax.gate import assert_gradient_ok as assert_gradient_ok
from snn_tools.jax.gate import course as course
from snn_tools.jax.monitor import Monitor as Monitor
from snn_tools.jax.plain import adopted as adopted
from snn_tools.shared import command
from snn_tools.shared.report import Report

EXAMINES = "Examine a JAX network."
RETURNED = "(program, params), or these and a dictionary such as {'surrogate': snn.Surrogate()}"


def main(arguments: list[str] | None = None) -> int:
    """Examine the network that ``module:build`` returns, and print the report.

    Returns:
        Exit status: 0 if no fault was found, 1 for faults, 2 if not decided or without a verdict.
    """
    return command.verdict("snn_tools.doctor", EXAMINES, RETURNED, _examined, arguments)


def _examined(
    budget: float, program: Program, params: Params, settings: dict[str, Any] | None = None
) -> Report:
    return examine(program, params, jax.random.key(0), budget=budget, **(settings or {}))


if __name__ == "__main__":
    sys.exit(main())
