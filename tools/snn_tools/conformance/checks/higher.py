"""Derivatives of another mode or order, where they are offered."""

import numpy as np

from snn_tools.conformance.checks.structure import FACTORS
from snn_tools.conformance.outcome import Failure
from snn_tools.conformance.subject import Subject, padded


def forward_mode(function: Subject) -> None:
    """Expect the same derivative in forward mode."""
    v = FACTORS * function.scale
    got = function.box.tangent(padded(v), function.finest, padded(FACTORS)).values[: len(v)]
    right = FACTORS * function.gradient(v)
    wrong = ~(np.abs(got - right) <= 10 * function.rtol * np.abs(right).max())
    if wrong.any():
        i = int(wrong.argmax())
        raise Failure(
            f"tangent at v = {v[i]:.4g}: got {got[i]:.6g} in forward mode, "
            f"{right[i]:.6g} in reverse mode",
            v[i],
        )


def second_order(function: Subject) -> None:
    """Expect of second derivatives the central differences of the first."""
    v, scale = 0.83 * FACTORS * function.scale, function.scale
    got = function.box.second(padded(v), function.finest).values[: len(v)]
    step = scale * (1e-5 if function.finest == "float64" else 1e-2)
    right = (function.gradient(v + step) - function.gradient(v - step)) / (2 * step)
    unit = max(abs(function.measured.peak) / scale, 1e-30)
    near = 1e-3 if function.finest == "float64" else 0.05
    wrong = ~(np.abs(got - right) <= near * unit)
    if wrong.any():
        i = int(np.argmax(np.where(wrong, np.abs(right), -1)))
        said = " (0 everywhere, without a refusal)" if not got.any() else ""
        raise Failure(
            f"second derivative at v = {v[i]:.4g}: got {got[i]:.6g}{said}, "
            f"the first one's slope is {right[i]:.6g}",
            v[i],
        )
