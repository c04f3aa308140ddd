"""Estimators, which run trials, and oracles, which need none: one call for both."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, TypeVar, cast

import jax

from snn.arguments import Key, check_key, check_params
from snn.program import Program, run_fixed
from snn.spikes import SPIKE_NAME
from snn.types import Estimate, Noise, Params
from snn.value_object import static, value_object

Subclass = TypeVar("Subclass")
Method = TypeVar("Method", bound=Callable[..., Any])


def jitted(method: Method) -> Method:
    """Compile a method of an estimator, with a check that all parameters are floating point."""

    @functools.wraps(method)
    def call(self: Any, program: Any, params: Params, *args: Any, **kwargs: Any) -> Any:
        check_params(params)
        return method(self, program, params, *args, **kwargs)

    return cast(Method, jax.jit(call))


@value_object
class Settings:
    """Settings that estimators and oracles share.

    Attributes:
        batch_size: number of trials that run at once, which bounds the memory.
    """

    batch_size: int = static(default=1024, kw_only=True)

    def __new__(cls: type[Subclass], *args: Any, **kwargs: Any) -> Subclass:
        """Make the object; raise TypeError if an argument is a program."""
        if any(isinstance(arg, Program) for arg in (*args, *kwargs.values())):
            raise TypeError(
                f"{cls.__name__}: got a program among its settings, expected it in the call: "
                f"snn.{cls.__name__}()(program, params, ...)."
            )
        return object.__new__(cls)


@value_object
class Estimator(Settings, ABC):
    """Base of estimators: run trials of a program, return a gradient.

    ``estimator(program, params, noise, key)`` returns the mean over the trials in ``noise``, and
    ``estimator.per_trial(...)`` returns each trial. Both are jitted; numbers inside estimators,
    programs and parameters (slopes, inputs, weights) do not cause recompilation.

    To add an estimator, write a final subclass with the method `single`, in a file of this folder.
    If trials depend on each other, override `per_trial` or ``__call__``, too.
    """

    @property
    def needs_key(self) -> bool:
        """True if the estimator makes random choices of its own."""
        return False

    @property
    def depends_only_on_spikes(self) -> bool:
        """True if a trial's estimate depends on its noise only through the spikes.

        `snn.Expected` requires it, since it forces spikes. Estimates by replays return False: with
        other spikes in a replay, the noise decides on all later spikes.
        """
        return False

    @abstractmethod
    def single(self, program: Program, params: Params, noise: Noise, key: Key) -> Estimate:
        """Return the estimate from one trial.

        Args:
            program: the program, ``(params, noise, spike) -> Run``.
            params: the parameters to differentiate with respect to.
            noise: noise of one trial.
            key: a JAX random key, for random choices of the estimator.
        """

    @jitted
    def per_trial(
        self, program: Program, params: Params, noise: Noise, key: Key | None = None
    ) -> Estimate:
        """Return one estimate per trial.

        Args:
            program: the program, ``(params, noise, spike) -> Run``.
            params: the parameters to differentiate with respect to.
            noise: noise of K trials: every leaf has a leading trial axis.
            key: a new JAX random key for each call, for estimators that make random choices.

        Returns:
            The estimates; leaves of ``grad``, and ``loss``, have a leading trial axis.

        Raises:
            ValueError: if the estimator makes random choices and the key is missing.
        """
        if self.needs_key and key is None:
            raise ValueError(
                f"{type(self).__name__}: got no key, expected a JAX random key for its own random "
                f"choices, a new one in each call, or they would be the same each time: "
                f"estimator(program, params, noise, key)."
            )
        if key is not None:
            check_key(type(self).__name__, key)
        # Any key will do for an estimator that makes no random choices: it never looks at it.
        keys = jax.random.split(jax.random.key(0) if key is None else key, n_trials(noise))
        return map_batched(
            lambda trial: self.single(program, params, *trial), (noise, keys), self.batch_size
        )

    @jitted
    def __call__(
        self, program: Program, params: Params, noise: Noise, key: Key | None = None
    ) -> Estimate:
        """Return the estimate from all trials in ``noise``; arguments as in `per_trial`."""
        estimate = self.per_trial(program, params, noise, key)
        return jax.tree.map(lambda leaf: leaf.mean(axis=0), estimate)


@value_object
class Oracle(Settings, ABC):
    """Base of exact gradients and expectations, which have no trials; subclasses write `evaluate`.

    The call is ``oracle(program, params)``.
    """

    @abstractmethod
    def evaluate(self, program: Program, params: Params) -> Estimate:
        """Return the loss and its gradient."""

    @jitted
    def __call__(
        self, program: Program, params: Params, noise: Noise | None = None, key: Key | None = None
    ) -> Estimate:
        """Return the loss and its gradient.

        Noise and key have no effect. With them, an oracle is called as an estimator is.
        """
        return self.evaluate(program, params)


AnyEstimator: TypeAlias = Estimator | Oracle
"""Everything that is called as ``estimator(program, params, noise, key)``."""


def refuse_fixed_derivatives(name: str, program: Program, params: Params) -> None:
    """Raise ValueError if a program calls `snn.spike`, which fixes a surrogate derivative.

    The program is traced and not run.

    Args:
        name: name of the estimator, for the message.
        program: the program.
        params: the parameters of the program.

    Raises:
        ValueError: if the program calls `snn.spike`.
    """
    traced = jax.make_jaxpr(run_fixed)(program, params)
    if SPIKE_NAME in names_in(traced.jaxpr):
        raise ValueError(
            f"{name}: got a network that calls snn.spike, whose surrogate derivative would enter "
            f"a gradient that must not have one, expected spikes by the network's argument "
            f"spike: s = spike(escape, v, noise.draw(layer, t, v.shape)), or by a "
            f"snn.SpikeFunction."
        )


def names_in(jaxpr: Any) -> set[str]:
    """Return the names given by `jax.ad_checkpoint.checkpoint_name`, at any depth."""
    named = (eqn for eqn in equations_in(jaxpr) if eqn.primitive.name == "name")
    return {eqn.params["name"] for eqn in named}


def equations_in(jaxpr: Any) -> Iterator[Any]:
    """Yield the equations of a traced function, at any depth."""
    for eqn in jaxpr.eqns:
        yield eqn
        for inner in jaxprs_in(eqn):
            yield from equations_in(inner)


def jaxprs_in(eqn: Any) -> list[Any]:
    """Return the traced functions that an equation calls."""
    leaves = jax.tree.leaves(eqn.params, is_leaf=lambda x: hasattr(x, "eqns"))
    inner = (getattr(leaf, "jaxpr", leaf) for leaf in leaves)
    return [jaxpr for jaxpr in inner if hasattr(jaxpr, "eqns")]


def n_trials(noise: Noise | None) -> int:
    """Return the length of the leading trial axis of a batch of noise.

    Raises:
        ValueError: if there is no noise, or if its arrays visibly lack a common trial axis.
    """
    leaves = jax.tree.leaves(noise)
    if not leaves or any(getattr(leaf, "ndim", 0) == 0 for leaf in leaves):
        raise ValueError(
            f"noise: got {noise}, expected noise of one or more trials, every leaf with a leading "
            f"axis. Make it with snn.draw_noise(program, params, key, n_trials)."
        )
    lengths = {leaf.shape[0] for leaf in leaves}
    if len(lengths) > 1:
        raise ValueError(
            f"noise: got leading axes of lengths {sorted(lengths)}, expected one length for all "
            f"layers, the number of trials. Make noise with snn.draw_noise(program, params, key, "
            f"n_trials)."
        )
    return leaves[0].shape[0]


def map_batched(function: Callable[[Any], Any], xs: Any, batch_size: int) -> Any:
    """Map a function over the leading axis of ``xs``, in vectorised batches.

    Args:
        function: function of one element of ``xs``.
        xs: a pytree of arrays with a common leading axis.
        batch_size: largest number of elements in a batch.
    """
    if jax.tree.leaves(xs)[0].shape[0] <= batch_size:
        return jax.vmap(function)(xs)
    return jax.lax.map(function, xs, batch_size=batch_size)
