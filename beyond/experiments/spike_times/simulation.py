r"""Simulated trials of one neuron with a hard reset: the second route to what `truth` integrates.

Time advances in short steps for all trials at once. Spike k occurs where the intensity, integrated
since spike k - 1, reaches an exponential random number; within a step its time is interpolated.
Nothing here uses the tables of `renewal`.
"""

from dataclasses import dataclass

import numpy as np

from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.renewal import TAU_M, THETA, current, psp
from beyond.experiments.spike_times.truth import Loss


@dataclass(frozen=True)
class Trials:
    """Results of simulated trials.

    Attributes:
        loss: Sum of g over spikes, ``(trial,)``.
        count: Number of spikes.
        pathwise: Pathwise estimate of the derivative of the mean loss, with its boundary.
        score: Score-function estimate.
        surrogate: Matched SG at fixed resets.
        effect: Derivative of the intensity at each step and fixed history, ``(step, trial)``.
        last: Time of the last spike before each step, ms, ``(step, trial)``.
    """

    loss: np.ndarray
    count: np.ndarray
    pathwise: np.ndarray
    score: np.ndarray
    surrogate: np.ndarray
    effect: np.ndarray
    last: np.ndarray


@dataclass(frozen=True)
class Simulation:
    """A neuron that is simulated in steps.

    Attributes:
        w: Input weight.
        intensity: The noise.
        duration: Length of a trial, ms.
        n: Number of steps.
    """

    w: float
    intensity: Exponential
    duration: float
    n: int

    def run(
        self,
        loss: Loss,
        rng: np.random.Generator,
        last: np.ndarray,
        begin: np.ndarray | None = None,
    ) -> Trials:
        """Simulate trials.

        Args:
            loss: Loss of a spike.
            rng: Random numbers.
            last: Time of each trial's last spike before it starts, ms, ``(trial,)``; 0 for none.
            begin: First step of each trial; by default 0.
        """
        h, n_trials = self.duration / self.n, len(last)
        begin = np.zeros(n_trials, int) if begin is None else begin
        last, wait = last.copy(), rng.exponential(size=n_trials)
        total, count, pathwise, logs, surrogate = np.zeros((5, n_trials))
        moved, d_weight, d_last = np.zeros((3, n_trials))
        effects, pasts = np.zeros((2, self.n, n_trials))
        d_last -= self._rate(last, last)
        for step in range(self.n):
            t = (step + 0.5) * h
            on = begin <= step
            rate, slope, unit, du = self._at(t, last)
            effects[step], pasts[step] = np.where(on, slope * unit, 0.0), last
            wait -= np.where(on, rate * h, 0.0)
            spiked = wait < 0
            # Derivatives of the integrated intensity, up to the spike if there is one.
            part = np.where(spiked, 1 + wait / np.maximum(rate * h, 1e-300), 1.0) * on
            d_weight += part * slope * unit * h
            d_last += part * slope * du * h
            surrogate += part * loss.value(np.array(t)) * slope * unit * h
            if spiked.any():
                time = step * h + part * h
                step_of = -(d_weight + d_last * moved) / np.maximum(rate, 1e-300)
                moved = np.where(spiked, step_of, moved)
                total += np.where(spiked, loss.value(time), 0.0)
                pathwise += np.where(spiked, loss.slope(time) * moved, 0.0)
                logs += np.where(spiked, slope * unit / np.maximum(rate, 1e-300) - d_weight, 0.0)
                count += spiked
                last = np.where(spiked, time, last)
                d_weight = np.where(spiked, 0.0, d_weight)
                d_last = np.where(spiked, -self._rate(time, time), d_last)
                wait = np.where(spiked, rng.exponential(size=n_trials), wait)
        pathwise += loss.value(np.array(self.duration)) * (d_weight + d_last * moved)
        return Trials(total, count, pathwise, total * (logs - d_weight), surrogate, effects, pasts)

    def births(self, loss: Loss, rng: np.random.Generator, n_trials: int) -> np.ndarray:
        """Return estimates from a single birth per run, drawn as probable as its change.

        The birth replaces what follows it, and both continuations have noise of their own.

        Args:
            loss: loss of a spike train.
            rng: generator of all random numbers.
            n_trials: number of runs.

        Returns:
            Estimates of the derivative of the mean loss, ``(trial,)``.
        """
        start = np.zeros(n_trials)
        run = self.run(loss, rng, start)
        h = self.duration / self.n
        weights = np.cumsum(np.abs(run.effect) * h, axis=0)
        wanted = rng.uniform(size=n_trials) * weights[-1]
        step = np.minimum((weights < wanted).sum(axis=0), self.n - 1)
        trials = np.arange(n_trials)
        time = (step + rng.uniform(size=n_trials)) * h
        born = self.run(loss, rng, time, np.minimum(step + 1, self.n))
        silent = self.run(loss, rng, run.last[step, trials], np.minimum(step + 1, self.n))
        gain = loss.value(time) + born.loss - silent.loss
        return np.sign(run.effect[step, trials]) * weights[-1] * gain

    def _rate(self, t: np.ndarray, last: np.ndarray) -> np.ndarray:
        return self._at(t, last)[0]

    def _at(self, t, last: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return intensity and slope, the potential at weight 1 and how the reset moves it."""
        decay = np.exp(-(t - last) / TAU_M)
        unit = psp(t) - psp(last) * decay
        v = self.w * unit - THETA
        du = -self.w / TAU_M * current(last) * decay
        return self.intensity.rate(v), self.intensity.slope(v), unit, du
