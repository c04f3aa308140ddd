"""Parts of a batch: a pytree whose arrays have a leading axis of tasks."""

from typing import TypeVar

import jax
from jax.typing import ArrayLike

Batch = TypeVar("Batch")


@jax.jit
def pick(batch: Batch, indices: ArrayLike) -> Batch:
    """Return some tasks of a batch.

    One compiled program serves all arrays of the batch.

    Args:
        batch: pytree of arrays ``(task, ...)``.
        indices: tasks to return, ``(chosen,)``.

    Returns:
        The same pytree with arrays ``(chosen, ...)``.
    """
    return jax.tree.map(lambda leaf: leaf[indices], batch)
