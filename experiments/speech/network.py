"""Deep recurrent convolutional network for spoken digits, shared by several experiments."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

import snn
from experiments import datasets
from experiments.engine.errors import UserError
from experiments.engine.experiment import (
    Count,
    Distinct,
    Experiment,
    NotNegative,
    OneOf,
    OpenShare,
    Positive,
    Seed,
    Several,
    Size,
    param,
    seeds_param,
)
from experiments.noises import NOISES, escape_noise
from experiments.speech import event_driven
from snn.connections import MatrixProducts
from snn.losses import MaxOverTime, SumOverTime

MODES = {"deterministic": snn.threshold, "stochastic": snn.sample}
RESETS = {"through": snn.through, "detached": snn.detached, "ignored": snn.ignored}
MOST_LAYERS = 4
"""Largest number of hidden layers, for which the figure has lines."""
SLOWER = (
    "no C++ compiler was found: with one, as by pip install ziglang, trainings take half as long"
)
LOSSES = {"max": MaxOverTime, "sum": SumOverTime}


def _if_possible(wanted: bool | str, others: ValidationInfo) -> bool:
    """Return true for "auto" on a CPU with a compiler."""
    if wanted != "auto":
        return bool(wanted)
    is_found = event_driven.compiler() is not None
    if others.data.get("platform") == "cpu" and not is_found:
        _warn_once()
    return others.data.get("platform") == "cpu" and is_found


@cache
def _warn_once() -> None:
    logging.getLogger(__name__).warning(SLOWER)


class SpeechNetwork(Experiment):
    """Data, network, initial weights and loss."""

    NOT_IN_KEY = frozenset({"folder", "download", "platform"})
    data: Annotated[str, OneOf(datasets.CATALOGUE)] = param(
        "fixture", "name of the data set", shared="data.name"
    )
    folder: str = param(
        "", "folder of the data set; empty for the default folder", shared="data.folder"
    )
    download: bool = param(
        False, "whether a published data set may be downloaded", shared="data.download"
    )
    n_classes: Annotated[int, Field(ge=2)] = param(20, "number of classes", shared="data.n_classes")
    n_channels: Annotated[int, Field(ge=1, le=2**16 - 1)] = param(
        700, "number of channels", shared="data.n_channels"
    )
    n_train: Annotated[int, Field(ge=2)] | None = param(
        None, "utterances to train and validate with", shared="data.n_train"
    )
    n_test: Count | None = param(None, "utterances to test with", shared="data.n_test")
    data_seed: Seed = param(
        0,
        "seed for generated data and for the split into training and validation",
        shared="data.seed",
    )
    channels_per_bin: Count = param(1, "number of neighbouring channels that are merged into one")
    authors_binning: bool = param(
        False, "whether spike times are binned in half precision, as the authors do"
    )
    n_steps: Annotated[int, Field(ge=2, le=10_000)] = param(349, "time steps")
    dt: Positive = param(2e-3, "time step", unit="s")

    spikes: Annotated[str, OneOf(MODES)] = param("stochastic", "spike mode of the network")
    reset: Annotated[str, OneOf(RESETS)] = param(
        "detached",
        "gradients of the reset u (1 - s): through u and s, through u with s detached, or ignored",
    )
    noise: Annotated[str, OneOf(NOISES)] = param("Sigmoid", "escape noise")
    beta: Positive = param(10.0, "slope of the escape noise, if not exponential", unit="1/theta")
    delta_u: Positive = param(0.133, "width of exponential escape noise", unit="theta")
    filters: Several[Size] = param([16, 32, 64], "features at each position, one number per layer")
    kernels: Several[Count] = param(
        [21, 7, 7], "positions in a neuron's receptive field, one number per layer"
    )
    strides: Several[Annotated[int, Field(ge=1, le=1_000_000)]] = param(
        [10, 3, 3], "positions between neighbouring neurons, one number per layer"
    )
    recurrent_kernel: Annotated[int, Field(ge=0, le=1_000_000)] = param(
        5, "positions of the same layer that a neuron receives input from; 0 for none"
    )
    tau_mem: Positive = param(20e-3, "membrane time constant", unit="s")
    tau_syn: Positive = param(10e-3, "synaptic time constant", unit="s")
    tau_readout: Positive = param(0.7, "membrane time constant of the readout", unit="s")
    sigma_u: Positive = param(1.0, "initial standard deviation of the free potential", unit="theta")
    input_rate: Positive = param(
        15.8, "input rate for which the initial weights are scaled", unit="Hz"
    )
    feed_forward_share: OpenShare = param(
        0.9, "share of feed-forward input in the variance of the initial potential"
    )

    loss: Annotated[str, OneOf(LOSSES)] = param(
        "max", "loss: cross-entropy of the readout's maximum over time, or of its sum"
    )
    rate_weight: NotNegative = param(0.1, "weight of the penalty on high rates")
    rate_limit: NotNegative = param(7.0, "spikes per neuron and utterance without penalty")
    low_rate_weight: NotNegative = param(
        0.0, "weight of the penalty on low rates of single neurons; the authors' variant has 100"
    )
    low_rate_limit: NotNegative = param(
        1e-3, "spikes of a neuron and utterance below which low rates are penalised"
    )
    micro_batch: Count = param(16, "utterances that a core computes at once")
    platform: Literal["cpu", "gpu"] = param("cpu", "device", shared="runtime.platform")
    event_driven: Annotated[Literal[False, True, "auto"], AfterValidator(_if_possible)] = param(
        False,
        "sum over spikes only, in C++: faster, needs a CPU and a compiler; auto: if both are there",
    )
    seeds: Distinct[Seed] = seeds_param()

    def check(self) -> None:
        """Check that the layers fit together and fit the input.

        Raises:
            ValueError: If one of these conditions does not hold.
        """
        if not len(self.filters) == len(self.kernels) == len(self.strides) <= MOST_LAYERS:
            names, expected = self.given("filters", "kernels", "strides"), "lists of one length"
            raise ValueError(f"{names}; expected {expected}, from 1 to {MOST_LAYERS}")
        if self.recurrent_kernel and self.recurrent_kernel % 2 == 0:
            expected = "expected an odd number, centred on the neuron, or 0 for no recurrence"
            raise ValueError(f"{self.given('recurrent_kernel')}; {expected}")
        datasets.source(self.data, sizes=(self.n_classes, self.n_channels))
        n = self.n_channels
        if n % self.channels_per_bin:
            names = self.given("channels_per_bin", "n_channels")
            raise ValueError(f"channels_per_bin does not divide the number of channels: {names}")
        n //= self.channels_per_bin
        for layer, (kernel, stride) in enumerate(zip(self.kernels, self.strides, strict=True), 1):
            if kernel > n:
                what = f"the kernel of layer {layer} is longer than its input of {n} positions"
                raise ValueError(f"{what}: {self.given('kernels', 'strides')}")
            n = (n - kernel) // stride + 1

    def check_inputs(self) -> None:
        """Refuse an absent data set, or more utterances than the data set has.

        Event-driven sums are compiled here, and refused without a compiler.
        """
        self._source.check()
        if self.event_driven:
            with _refused_here():
                event_driven.compiled()

    @cached_property
    def _digest(self) -> str:
        """Hash of the data set at the start of the run; data with another hash are refused."""
        return self._source.digest()

    def input_digest(self) -> str:
        """Return the hash of the data set."""
        return self._digest

    def open(self) -> datasets.Dataset:
        """Return the data set, in memory."""
        return self._source.open(self._digest)

    @property
    def _source(self) -> datasets.Source:
        return datasets.source(
            self.data,
            folder=self.folder or None,
            n_train=self.n_train,
            n_test=self.n_test,
            seed=self.data_seed,
            download=self.download,
            sizes=(self.n_classes, self.n_channels),
        )


@contextmanager
def _refused_here() -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError) as error:
        what, expected = "event-driven sums are not available here", "a CPU and a C++ compiler"
        raise UserError(what, error, expected, "all.event_driven=false") from error


def network(config: SpeechNetwork, depth: int | None = None) -> snn.ConvLIFNetwork:
    """Return the network of a configuration, or its first layers with a readout.

    Raises:
        UserError: If the network is event-driven and JAX does not compute on a CPU.
    """
    if config.event_driven:
        with _refused_here():
            event_driven.load()
    neuron = snn.LIF(config.tau_mem, config.tau_syn, config.dt, reset_input=True)
    return snn.ConvLIFNetwork(
        n_inputs=config.n_channels // config.channels_per_bin,
        filters=tuple(config.filters[:depth]),
        kernels=tuple(config.kernels[:depth]),
        strides=tuple(config.strides[:depth]),
        recurrent_kernel=config.recurrent_kernel,
        n_outputs=config.n_classes,
        escape=escape_noise(config.noise, config.beta, config.delta_u),
        neuron=neuron,
        readout=snn.LeakyReadout(config.tau_readout, config.tau_syn, config.dt),
        convolve=event_driven.EventDriven() if config.event_driven else MatrixProducts(),
    )
