"""Gate for tests of networks in JAX."""

from collections.abc import Callable
from typing import Any

import jax
from jax import Array

from snn.program import Program
from snn.types import Params
from snn_tools.jax.examination import examine
from snn_tools.shared.gate import assert_ok
from snn_tools.shared.report import Report


def assert_gradient_ok(
    model: tuple[Any, Params],
    batch: Any,
    loss: Callable[[Array], Any],
    per_array: float = 0.3,
    *,
    budget: str | float | int = "10s",
    seed: int = 0,
    **settings: Any,
) -> Report:
    """Assert that a network's gradient has no fault and no layer below a cosine.

    ::

        def test_gradient():
            doctor.assert_gradient_ok((network, params), x, loss, per_array=0.3)

    Args:
        model: the network and its parameters.
        batch: the input.
        loss: function from the output to a number.
        per_array: smallest cosine to the true gradient of each layer whose cosine is known.
        budget: seconds of the clock.
        seed: seed of all noise.
        settings: ``surrogate``, ``truth`` and ``time_axis`` of `examine`.

    Returns:
        The report.

    Raises:
        AssertionError: with the report as its message.
    """
    network, params = model
    program = Program(network, batch, loss)
    report = examine(program, params, jax.random.key(seed), budget=budget, **settings)
    return assert_ok(report, per_array)
