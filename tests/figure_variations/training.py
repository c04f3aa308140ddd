"""Variations of figures 6 and 7: `CASES`, each of several parameters at once.

Numbers are what legal parameters would give: one and many seeds, estimators, slopes and depths,
other networks, tiny and huge values.
"""

import numpy as np

from figures.panels import Data
from tests.figure_variations.making import (
    Panel,
    Variation,
    Vary,
    after,
    along,
    entries,
    pooled,
    resized,
    scaled,
    seeds,
    values,
)


def other_picture(data: Data) -> Data:
    """One of figure 6's networks learns another target."""
    panel = data["stochastic"]
    return data | {"stochastic": panel | {"picture": ~panel["picture"][:, ::-1, :150]}}


def sizes_6(inputs: int, hidden: int, outputs: int, steps: int) -> Vary:
    """Rasters of another network."""
    neurons = {"inputs": inputs, "hidden": hidden, "output": outputs, "frames": outputs}

    def vary(panel: Panel) -> Panel:
        panel = panel | {"picture": resized(resized(panel["picture"], outputs, 1), steps, 2)}
        for name in panel.keys() & {*neurons, *RASTERS}:
            array = resized(panel[name], neurons[name.partition("_")[0]], -1)
            panel[name] = resized(array, steps, -2)
        return panel

    return vary


RASTERS = ("hidden_before", "hidden_after", "output_before", "output_after")


def epochs_6(n: int, each: int) -> Vary:
    """So many points along training, so many epochs apart."""

    def vary(panel: Panel) -> Panel:
        panel = after(along("epoch", n), along("observed_epoch", n + 1))(panel)
        seeds = len(panel["epoch"])
        panel["epoch"] = np.tile(1 + each * np.arange(n), (seeds, 1))
        panel["observed_epoch"] = np.tile(each * np.arange(n + 1), (seeds, 1))
        if "frames" in panel:
            panel = along("frame_epoch", min(n + 1, 6))(panel)
            shown = np.linspace(0, each * n, min(n + 1, 6)).astype(int)
            panel["frame_epoch"] = np.tile(shown, (seeds, 1))
        return panel

    return vary


def sizes_7(channels: int, steps: int, dt: float, filters: float) -> Vary:
    """Rasters of a network with so many times the filters."""

    def vary(panel: Panel) -> Panel:
        panel = panel | {"dt": np.full_like(panel["dt"], dt)}
        for name, array in panel.items():
            if name == "sample_input":
                panel[name] = resized(resized(array, channels, 3), steps, 2)
            elif name in ("sample_1", "sample_2", "sample_3"):
                n = max(1, round(filters * array.shape[3]))
                panel[name] = resized(resized(array, n, 3), steps, 2)
            elif name == "sample_readout":
                panel[name] = resized(array, steps, 2)
            elif name == "repeats":
                panel[name] = resized(array, steps, 3)
            elif name == "fano":
                panel[name] = resized(array, steps - 2, 2)
        return panel

    return vary


def networks_7(vary: Vary, **panels: Vary) -> Variation:
    return pooled("fig7", **(dict.fromkeys(NETWORKS_7, vary) | panels))


def layers_7(n: int) -> Vary:
    """A network of so many hidden layers."""

    def vary(panel: Panel) -> Panel:
        if "norm" in panel:
            return panel | {"norm": resized(resized(panel["norm"], n, 3), n, 4)}
        kept = {name: a for name, a in panel.items() if not name.endswith(("_1", "_2", "_3"))}
        for name in {name[:-2] for name in panel.keys() - kept.keys()}:
            kept |= {f"{name}_{i + 1}": panel[f"{name}_{i % 3 + 1}"] for i in range(n)}
        return along("repeats", n)(kept) if "repeats" in panel else kept

    return vary


NETWORKS_7 = ("deterministic", "stochastic", "deterministic_frozen", "stochastic_frozen")

SILENT = values(fano=np.nan, fano_counts=np.nan)

CASES: dict[str, dict[str, Variation]] = {
    "fig6": {
        "one epoch, few neurons": pooled(
            "fig6",
            every=after(seeds(1), epochs_6(1, 1), sizes_6(1, 2, 8, 8), scaled(0, "l2", "fano")),
        ),
        "other picture, large and long": after(
            other_picture,
            pooled(
                "fig6",
                every=after(
                    seeds(12), sizes_6(300, 5000, 250, 500), epochs_6(300, 5000), scaled(100, "l2")
                ),
            ),
        ),
    },
    "fig7": {
        "few channels, one layer": after(
            networks_7(
                after(seeds(1), sizes_7(140, 100, 7e-3, 0.5)), gradient_scale=along("shapes", 1)
            ),
            networks_7(layers_7(1), gradient_scale=layers_7(1)),
        ),
        "all right, four layers": networks_7(
            after(seeds(10), values(test_accuracy=1.0, valid_accuracy=1.0), layers_7(4)),
            gradient_scale=layers_7(4),
        ),
        "all wrong, many slopes": networks_7(
            after(values(test_accuracy=0.0), scaled(20, "fano", "unit_rates")),
            gradient_scale=after(
                entries("slopes", 10.0 ** np.arange(-5, 7), 2), scaled(1e150, "norm")
            ),
        ),
        "long, silent, one slope": after(
            networks_7(sizes_7(700, 2000, 1e-2, 1), gradient_scale=entries("slopes", [0.001], 2)),
            pooled("fig7", **dict.fromkeys(NETWORKS_7[:2], SILENT)),
        ),
    },
}
