r"""Boolean tasks trained along gradients of several losses: is it the gradient, or the loss?

Every arm of `methods.BOOLEAN` starts from the same networks. Rules: `study`, and
beyond/docs/hypotheses.md.
"""

from typing import Annotated

import jax
from pydantic import Field

from beyond.experiments.boolean.boolean_tasks import Task
from beyond.experiments.boolean.solved_tasks import ARRAYS, SolvedTasks
from beyond.experiments.boolean.three_literals import LITERALS, draw_three_literals
from beyond.experiments.methods import BOOLEAN, Arm
from experiments.engine.experiment import Data, Distinct, OneOf, Positive, Rising, Size, param

FUNCTIONS = ("random", "three_literals")


class ResponseLosses(SolvedTasks):
    """Trains Boolean tasks along exact gradients and surrogates' means, of several losses."""

    methods: Distinct[Annotated[str, OneOf(BOOLEAN)]] = param(
        list(BOOLEAN), "directions that are followed"
    )
    function: Annotated[str, OneOf(FUNCTIONS)] = param(
        "random", "functions to learn: 1 for a random set of patterns, or of three literals"
    )
    rates: Rising[Positive] = param(
        [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0], "learning rates to choose from"
    )
    n_tasks: Annotated[int, Field(ge=2, le=10_000)] = param(800, "tasks per seed")
    n_tuning: Size = param(64, "other tasks, which choose the learning rates")

    ARRAYS = ARRAYS

    def check(self) -> None:
        """Refuse fewer bits than literals, besides what every training refuses.

        Raises:
            ValueError: For fewer bits than literals.
        """
        super().check()
        if self.function == "three_literals" and self.bits < LITERALS:
            what = "a function of three literals needs three bits"
            raise ValueError(f"{what}: {self.given('bits')}; expected {LITERALS} or more")

    def arm(self, name: str) -> Arm:
        """Return the direction of a name."""
        return BOOLEAN[name]

    def tasks(self, seed: int) -> tuple[Task, Task]:
        """Return the tasks of a seed, and the tuning tasks for the learning rates."""
        if self.function == "random":
            return super().tasks(seed)
        keys = jax.random.split(jax.random.key(seed), self.n_tasks + self.n_tuning)
        tasks = draw_three_literals(self.family, keys)
        parts = slice(self.n_tasks), slice(self.n_tasks, None)
        judged, tuning = (jax.tree.map(lambda leaf, p=p: leaf[p], tasks) for p in parts)
        return judged, tuning

    def compute(self, seed: int) -> Data:
        """Train along all directions."""
        return self.wrong_patterns(seed, self.methods)
