"""Report over the checkpoints of a training in JAX."""

from collections.abc import Mapping
from typing import Any

from jax import Array

from snn.program import Program
from snn.types import Params
from snn_tools.jax.examination import examine
from snn_tools.shared.course import Course, course_of


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
    return course_of(dict(checkpoints), lambda params: examine(program, params, key, **how))
