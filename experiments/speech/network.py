"""Deep recurrent convolutional network for spoken digits, shared by several experiments."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import snn
from experiments import datasets
from experiments.engine.declare.experiment import Experiment, param, seeds_param
from experiments.engine.errors import UserError
from experiments.speech import event_driven
from snn.connections import MatrixProducts
from snn.losses import MaxOverTime, SumOverTime
from snn.shapes import SHAPES

MODES = {"deterministic": snn.threshold, "stochastic": snn.sample}
RESETS = {"through": snn.through, "detached": snn.detached, "ignored": snn.ignored}
SURROGATES = {name: shape.of_slope for name, shape in SHAPES.items()} | {
    "Zero": lambda slope: snn.surrogate.Zero()
}
WRITTEN = {re.sub("(?<=.)(?=[A-Z])", "_", name).lower(): name for name in SURROGATES}
"""Names of surrogates as in the catalogue of estimators, such as scaled_sigmoid."""
MOST_LAYERS = 4
"""Largest number of hidden layers, for which the figure has lines."""
SLOWER = (
    "no C++ compiler was found: with one, as by pip install ziglang, trainings take half as long"
)
LOSSES = {"max": MaxOverTime, "sum": SumOverTime}


@dataclass
class SpeechNetwork(Experiment):
    """Data, network, initial weights and loss."""

    NOT_IN_KEY = frozenset({"folder", "download"})
    _lacks_compiler = False

    data: str = param("${data.name}", "name of the data set", choices=datasets.CATALOGUE)
    folder: str = param("${data.folder}", "folder of the data set; empty for the default folder")
    download: bool = param("${data.download}", "whether a published data set may be downloaded")
    n_classes: int = param("${data.n_classes}", "number of classes", low=2)
    n_channels: int = param("${data.n_channels}", "number of channels", low=1, high=2**16 - 1)
    n_train: int | None = param("${data.n_train}", "utterances to train and validate with", low=2)
    n_test: int | None = param("${data.n_test}", "utterances to test with", low=1)
    data_seed: int = param(
        "${data.seed}",
        "seed for generated data and for the split into training and validation",
        low=0,
    )
    channels_per_bin: int = param(
        1, "number of neighbouring channels that are merged into one", low=1
    )
    authors_binning: bool = param(
        False, "whether spike times are binned in half precision, as the authors do"
    )
    n_steps: int = param(349, "time steps", low=2, high=10_000)
    dt: float = param(2e-3, "time step", unit="s", above=0)

    spikes: str = param("stochastic", "spike mode of the network", choices=MODES)
    reset: str = param(
        "detached",
        "gradients of the reset u (1 - s): through u and s, through u with s detached, or ignored",
        choices=RESETS,
    )
    beta: float = param(10.0, "slope of the escape noise", unit="1/theta", above=0)
    filters: list[int] = param(
        [16, 32, 64], "features at each position, one number per layer", low=1, high=10_000
    )
    kernels: list[int] = param(
        [21, 7, 7], "positions in a neuron's receptive field, one number per layer", low=1
    )
    strides: list[int] = param(
        [10, 3, 3],
        "positions between neighbouring neurons, one number per layer",
        low=1,
        high=1_000_000,
    )
    recurrent_kernel: int = param(
        5,
        "positions of the same layer that a neuron receives input from; 0 for none",
        low=0,
        high=1_000_000,
    )
    tau_mem: float = param(20e-3, "membrane time constant", unit="s", above=0)
    tau_syn: float = param(10e-3, "synaptic time constant", unit="s", above=0)
    tau_readout: float = param(0.7, "membrane time constant of the readout", unit="s", above=0)
    sigma_u: float = param(
        1.0, "initial standard deviation of the free potential", unit="theta", above=0
    )
    input_rate: float = param(
        15.8, "input rate for which the initial weights are scaled", unit="Hz", above=0
    )
    feed_forward_share: float = param(
        0.9,
        "share of feed-forward input in the variance of the initial potential",
        above=0,
        below=1,
    )

    loss: str = param(
        "max",
        "loss: cross-entropy of the readout's maximum over time, or of its sum",
        choices=LOSSES,
    )
    rate_weight: float = param(0.1, "weight of the penalty on high rates", low=0)
    rate_limit: float = param(7.0, "spikes per neuron and utterance without penalty", low=0)
    micro_batch: int = param(16, "utterances that a core computes at once", low=1)
    event_driven: bool | str = param(
        False,
        "sum over spikes only, in C++: faster, needs a CPU and a compiler; auto: if both are there",
        choices=(False, True, "auto"),
    )
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """Check that the layers fit together and fit the input.

        Raises:
            UserError: If one of these conditions does not hold.
        """
        if not len(self.filters) == len(self.kernels) == len(self.strides) <= MOST_LAYERS:
            expected = f"lists of one length, from 1 to {MOST_LAYERS}"
            names = "filters kernels strides"
            lists = {name: getattr(self, name) for name in names.split()}
            shortest = min(MOST_LAYERS, *map(len, lists.values()))
            fix = {name: values[:shortest] for name, values in lists.items()}
            raise self.parameter_error(
                path, "a network has one to four layers", names, expected, **fix
            )
        if self.recurrent_kernel and self.recurrent_kernel % 2 == 0:
            what, fix = "even, hence not centred on the neuron", self.recurrent_kernel + 1
            name, expected = "recurrent_kernel", "an odd number, or 0 for no recurrence"
            raise self.parameter_error(path, what, name, expected, recurrent_kernel=fix)
        datasets.check_sizes(self.data, (self.n_classes, self.n_channels))
        n = self.n_channels
        if n % self.channels_per_bin:
            what = f"{path}.channels_per_bin does not divide the number of channels"
            got = f"channels_per_bin={self.channels_per_bin}"
            raise UserError(what, got, f"a divisor of {n}", "all.channels_per_bin=1")
        n //= self.channels_per_bin
        for layer, (kernel, stride) in enumerate(zip(self.kernels, self.strides, strict=True), 1):
            if kernel > n:
                what = f"the kernel of layer {layer} is longer than its input of {n} positions"
                names, expected = "kernels strides", f"at most {n}: smaller kernels or strides"
                raise self.parameter_error(path, what, names, expected)
            n = (n - kernel) // stride + 1

    def resolve_auto(self, on_cpu: bool) -> Mapping[str, Any]:
        """Resolve `event_driven="auto"`: true on a CPU with a compiler."""
        if self.event_driven != "auto":
            return {}
        self.event_driven = on_cpu and event_driven.compiler() is not None
        self._lacks_compiler = on_cpu and not self.event_driven
        return {"event_driven": self.event_driven}

    def check_inputs(self) -> None:
        """Refuse an absent data set, or more utterances than the data set has.

        Event-driven sums are compiled here, and refused without a compiler.
        """
        datasets.check_inputs(self.data, self._request)
        if self._lacks_compiler:
            logging.getLogger(__name__).warning(SLOWER)
        if self.event_driven:
            with _refused_here():
                event_driven.compiled()

    @cached_property
    def _digest(self) -> str:
        """Hash of the data set at the start of the run; data with another hash are refused."""
        return datasets.entry(self.data).digest(self._request)

    def input_digest(self) -> str:
        """Return the hash of the data set."""
        return self._digest

    def open(self) -> datasets.Dataset:
        """Return the data set: training samples in memory, test samples still on disk."""
        sizes = self.n_classes, self.n_channels
        return datasets.open_dataset(self.data, sizes, self._digest, **vars(self._request))

    @property
    def _request(self) -> datasets.Request:
        folder = self.folder or None
        return datasets.Request(folder, self.n_train, self.n_test, self.data_seed, self.download)


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
        escape=snn.escape.Sigmoid(config.beta),
        neuron=neuron,
        readout=snn.LeakyReadout(config.tau_readout, config.tau_syn, config.dt),
        convolve=event_driven.EventDriven() if config.event_driven else MatrixProducts(),
    )
