r"""Surrogate gradients: reverse-mode differentiation with another derivative of the spike.

.. math::
    g = \nabla_\theta L \quad\text{with}\quad \partial s/\partial v := \tilde\sigma'(v)

at the spikes of the forward pass. The expectation is exact for one stochastic neuron with a linear
loss and a matched derivative. In deep networks it is biased, and not the gradient of any function.

Reference: Neftci, Mostafa, Zenke, IEEE Signal Processing Magazine 36(6), 2019; Gygax and Zenke,
Neural Computation 37(5), 2025.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import jax
from jax import Array

from snn.arguments import Key
from snn.estimators.base import Estimator, jitted, map_batched, n_trials
from snn.interop.spike_function import Recorded, Steps
from snn.program import Program
from snn.spikes import Spike, detached, sample
from snn.surrogate import Matched, SurrogateDerivative
from snn.types import Estimate, Noise, Params, Run
from snn.value_object import as_pytree, static, value_object


@final
@value_object
class Surrogate(Estimator):
    """Surrogate gradient, with a forward and a reverse pass.

    The three attributes are independent choices, as in `snn.Spike`. ``forward=snn.threshold`` is
    the deterministic network, ``forward=snn.mean`` the smoothed network; noise then has no effect.
    A network that does not call ``spike.reset``, such as `snn.Steps`, works only with the default
    reset.

    Attributes:
        derivative: the surrogate derivative.
        forward: `snn.sample`, `snn.threshold` or `snn.mean`.
        reset: `snn.detached`, `snn.through` or `snn.ignored`.

    Raises:
        TypeError: if ``forward`` or ``reset`` is not a function, such as the name of one.
    """

    derivative: SurrogateDerivative = Matched()
    forward: Callable[..., Array] = static(default=sample)
    reset: Callable[..., Array] = static(default=detached)

    def __post_init__(self) -> None:
        object.__setattr__(self, "derivative", as_pytree("derivative", self.derivative))
        for name, example in (("forward", "snn.threshold"), ("reset", "snn.through")):
            if not callable(value := getattr(self, name)):
                raise TypeError(f"{name}: got {value!r}, expected a function, as {name}={example}.")

    @property
    def depends_only_on_spikes(self) -> bool:
        """True for sampled spikes; noise forces a spike only where spikes are sampled."""
        return self.forward is sample

    def spike(self, program: Program) -> Spike:
        """Return the spike with which a program runs.

        Raises:
            ValueError: if the reset is not the default, but the network has its own reset.
        """
        network = getattr(program, "network", None)  # A program need not be a `Program`.
        if self.reset is not detached and isinstance(network, Recorded | Steps):
            raise ValueError(
                f"reset: got {getattr(self.reset, '__name__', self.reset)} for a network whose "
                f"reset is its own code, expected none. Its derivative is the code's: the reset "
                f"u - s is differentiated, u - jax.lax.stop_gradient(s) is detached."
            )
        return Spike(self.forward, self.derivative, self.reset)

    def single(
        self, program: Program, params: Params, noise: Noise, key: Key | None = None
    ) -> Estimate:
        """Return the surrogate gradient of one trial."""
        return self.with_run(program, params, noise)[0]

    def with_run(self, program: Program, params: Params, noise: Noise) -> tuple[Estimate, Run]:
        """Return the surrogate gradient of one trial, and the trial.

        Args:
            program: network, input and loss.
            params: parameters of the network.
            noise: noise of one trial.

        Returns:
            The estimate, and the trial with its output and its trace.
        """
        spike = self.spike(program)

        def loss(p: Params) -> tuple[Array, Run]:
            run = program(p, noise, spike)
            return run.loss, run

        (value, run), grad = jax.value_and_grad(loss, has_aux=True)(params)
        return Estimate(grad, value, n_evaluations=1), run

    @jitted
    def __call__(
        self, program: Program, params: Params, noise: Noise, key: Key | None = None
    ) -> Estimate:
        """Return the mean over trials, by one reverse pass through the mean loss."""
        return self.with_runs(program, params, noise)[0]

    @jitted
    def with_runs(self, program: Program, params: Params, noise: Noise) -> tuple[Estimate, Run]:
        """Return the mean over trials, and the trials with a leading axis.

        Args:
            program: network, input and loss.
            params: parameters of the network.
            noise: noise with a leading axis of trials.

        Returns:
            The mean estimate, and the trials with a leading axis.
        """
        spike = self.spike(program)

        def mean_loss(p: Params) -> tuple[Array, Run]:
            # Beyond one batch, forward passes are recomputed rather than stored.
            trial = lambda one_trial: program(p, one_trial, spike)  # noqa: E731
            if n_trials(noise) > self.batch_size:
                trial = jax.checkpoint(trial)
            runs = map_batched(trial, noise, self.batch_size)
            return runs.loss.mean(), runs

        (loss, runs), grad = jax.value_and_grad(mean_loss, has_aux=True)(params)
        return Estimate(grad, loss, n_evaluations=1), runs
