"""Catalogue of escape noises and surrogate derivatives, by name, for trained networks."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

import snn
from experiments.engine.experiment import OneOf
from snn.escape import EscapeNoise
from snn.shapes import SHAPES
from snn.surrogate import SurrogateDerivative

NOISES = ("Sigmoid", "Exponential", "SuperSpike", "Gaussian")
"""Names of escape noises."""
SURROGATES = (*SHAPES, "MultilayerSpiker", "Zero")
"""Names of surrogate derivatives."""
WRITTEN = {re.sub("(?<=.)(?=[A-Z])", "_", name).lower(): name for name in SURROGATES}
"""Names of surrogates as in the catalogue of estimators, such as scaled_sigmoid."""


def _one_spelling(name: Any) -> Any:
    """Return one name for both spellings of a surrogate, and so one key in the cache."""
    return WRITTEN.get(name, name) if isinstance(name, str) else name


SurrogateName = Annotated[str, OneOf(SURROGATES), BeforeValidator(_one_spelling)]
"""Type of a parameter that names a surrogate, in either spelling."""


def escape_noise(name: str, beta: float, delta_u: float) -> EscapeNoise:
    """Return an escape noise.

    Args:
        name: One of `NOISES`.
        beta: Slope, 1/potential; a Gaussian has the standard deviation 1/beta.
        delta_u: Width of exponential noise, potential. Other noises do not use it.
    """
    if name == "Exponential":
        return snn.escape.Exponential(delta_u)
    if name == "Gaussian":
        return snn.escape.Gaussian(1 / beta)
    return {"Sigmoid": snn.escape.Sigmoid, "SuperSpike": snn.escape.SuperSpike}[name](beta)


def surrogate(name: str, beta: float) -> SurrogateDerivative:
    """Return a surrogate derivative.

    MultilayerSpiker is the spike itself, as in the authors' code, for any escape noise.

    Args:
        name: One of `SURROGATES`.
        beta: Slope, 1/potential.
    """
    if name == "MultilayerSpiker":
        return snn.surrogate.MultilayerSpiker(1.0)
    return snn.surrogate.Zero() if name == "Zero" else SHAPES[name].of_slope(beta)
