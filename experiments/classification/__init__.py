"""A deep recurrent convolutional network learns to tell spoken digits apart."""

from dataclasses import dataclass

import numpy as np

from experiments.classification.intervals import confidence_interval
from experiments.engine.base import Data, Quantity, band, exact, param
from experiments.speech_network import MODES, SURROGATES, SpeechNetwork

WHY = "what a trained network shows at any preset"


@dataclass
class Classification(SpeechNetwork):
    """Training of the network, and its test under both kinds of spikes."""

    OF_FIRST_SEED = frozenset(
        {"sample_input", "sample_label", "sample_readout", "sample_1", "sample_2", "sample_3"}
        | {"repeats", "repeats_neuron", "fano", "fano_counts"}
        | {"unit_rates_1", "unit_rates_2", "unit_rates_3"}
    )

    surrogate: str = param(
        "SuperSpike",
        "surrogate derivative; Sigmoid is the slope of an escape noise of slope beta_surrogate",
        choices=SURROGATES,
    )
    beta_surrogate: float = param(10.0, "slope of the surrogate", unit="1/theta", above=0)
    trained: str = param("all", "which weights learn", choices=("all", "readout"))
    optimiser: str = param("smorms3", "smorms3, or any of optax that takes a learning rate")
    learning_rate: float = param(0.01, "of all weights", above=0)
    batch_size: int = param(400, "utterances per update", low=1)
    n_epochs: int = param(200, "passes through the training set", low=1)
    n_repeats: int = param(400, "repeats of one test utterance, for the variability", low=2)
    keep_activity: bool = param(True, "whether the activity after training is kept")

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Accuracies after training, means over seeds, and variability."""
        trained = np.mean(data["train_accuracy"][:, -1])
        quantities = {"n_parameters": exact(data["n_parameters"][0])}
        if self.trained == "readout":
            why = "what a readout of an untrained network reaches at any preset"
            return quantities | {"train_accuracy": band(trained, 0.05, 0.6, why)}
        quantities["train_accuracy"] = band(trained, 0.4, 1.0, WHY)
        tested, n_test = data["test_accuracy"], int(data["n_test"][0])
        valid, n_valid = data["valid_accuracy"][:, -1], int(data["n_valid"][0])
        for spikes, accuracy in zip(MODES, tested.T, strict=True):
            interval = confidence_interval(accuracy, n_test)
            name = f"test_accuracy_{spikes}"
            quantities[name] = band(np.mean(accuracy), 0.1, 1.0, WHY, interval)
        held_out = (n_valid * valid + n_test * tested[:, MODES.index(self.spikes)]) / (
            n_valid + n_test
        )
        for name, accuracy, n, low in (
            ("valid_accuracy", valid, n_valid, 0.0),
            ("held_out_accuracy", held_out, n_valid + n_test, 0.12),
        ):
            interval = confidence_interval(accuracy, n)
            quantities[name] = band(np.mean(accuracy), low, 1.0, WHY, interval)
        if self.keep_activity:
            for layer, fano in enumerate(data["fano_counts"][0], 1):
                quantities[f"fano_of_counts_{layer}"] = (
                    exact(fano) if self.spikes == "deterministic" else band(fano, 0.1, 3.0, WHY)
                )
        return quantities
