"""Adapter for a pair of numpy functions, such as a forward and a backward pass written by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from snn_tools.conformance.black_box import BlackBox, NotOffered, Typed, untouched


class NumpyFunction(BlackBox):
    """Spikes and derivative as two functions of an array; half precision stops at float16.

    Args:
        forward: ``v -> s``.
        backward: ``(v, cotangent) -> derivative * cotangent``.
    """

    def __init__(
        self,
        forward: Callable[[np.ndarray], np.ndarray],
        backward: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ) -> None:
        self.forward, self.backward = forward, backward

    def spikes(self, v: np.ndarray, dtype: str) -> Typed:
        return _typed(self.forward, _cast(v, dtype))

    def gradient(self, v: np.ndarray, dtype: str, cotangent: np.ndarray | None = None) -> Typed:
        cotangent = np.ones(np.shape(v)) if cotangent is None else cotangent
        return _typed(self.backward, _cast(v, dtype), _cast(cotangent, dtype))


def _cast(v: np.ndarray, dtype: str) -> np.ndarray:
    if dtype == "bfloat16":
        raise NotOffered("numpy has no bfloat16")
    return np.array(v, dtype)


def _typed(function: Callable[..., np.ndarray], *arguments: np.ndarray) -> Typed:
    before = [argument.copy() for argument in arguments]
    with np.errstate(all="ignore"):  # what is not finite is for the checks to tell
        found = np.asarray(function(*arguments))
    kept = all(map(untouched, before, arguments))
    return Typed(found.astype(np.float64), found.dtype.name, kept)
