"""Statistics of estimates and of spike trains.

`estimates` has means with standard errors, z-scores, and comparisons of gradients; `spike_trains`
has rates, Fano factors and interspike intervals. All of their names are names of this package, such
as `snn.stats.cosine`. `batch_means` compares two noisy gradients, and needs NumPy only.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snn.stats.estimates import *  # noqa: F403
    from snn.stats.spike_trains import *  # noqa: F403
else:
    from snn._on_first_use import names_of

    __getattr__, __dir__ = names_of("snn.stats", "snn.stats.estimates", "snn.stats.spike_trains")
