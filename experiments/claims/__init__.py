"""The paper's claims, and those of our extensions, each tied to the numbers that decide it.

A claim names golden quantities, as "fig4.along_w.dy_dw_true", and the relation that they must
stand in. Several lines may belong to one claim: C1a, C1b.
"""

from experiments.claims import deep_networks, extensions, single_neuron, training, true_gradient
from experiments.engine.claims import Claim

CLAIMS: tuple[Claim, ...] = (
    single_neuron.CLAIMS
    + deep_networks.CLAIMS
    + training.CLAIMS
    + extensions.CLAIMS
    + true_gradient.CLAIMS
)
