"""Gate for tests of networks in JAX, and the report over checkpoints."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
from jax import Array

from snn.program import Program
from snn.types import Params
from snn_tools.jax.examination import examine
from snn_tools.shared.course import Course
from snn_tools.shared.report import Report


def assert_gradient_ok(
    model: tuple[Any, Params],
    batch: Any,
    loss: Callable[[Array], Any],
    per_array: float = 0.3,
    *,
    budget: float | int = 10,
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
        per_array: smallest cosine to the exact gradient of each layer whose cosine is known.
        budget: seconds of the clock.
        seed: seed of all noise.
        settings: ``surrogate`` of `examine`.

    Returns:
        The report.

    Raises:
        AssertionError: with the report as its message.
    """
    network, params = model
    program = Program(network, batch, loss)
    report = examine(program, params, jax.random.key(seed), budget=budget, **settings)
    return report.asserted(per_array)


def course(program: Program, checkpoints: Mapping[str, Params], key: Array, **how: Any) -> Course:
    """Examine a network at the checkpoints of its training.

    Args:
        program: the network, its input and its loss.
        checkpoints: parameters by name of the checkpoint, in the order of the training.
        key: a JAX random key, the same for all checkpoints.
        how: settings of `examine`; the budget is for each checkpoint.

    Returns:
        The reports; ``print`` shows a table, ``plot()`` makes a picture.
    """
    reports = (examine(program, params, key, **how) for params in checkpoints.values())
    return Course(tuple(checkpoints), tuple(reports))
