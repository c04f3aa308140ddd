"""Find the spike functions of a module.

A module may list its functions as ``SPIKE_FUNCTIONS``: a list of `Subject`, or a dictionary from
names to subjects or callables. Without a list, every public callable of the module is tried: as a
spike function, and as a factory that makes a spike function with its default arguments.
"""

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

from snn_tools.conformance.black_box import ADAPTERS, BlackBox, adapter
from snn_tools.conformance.measured import SIZE
from snn_tools.conformance.subject import Subject, first_line, padded


def collect(name: str) -> tuple[list[Subject], dict[str, str]]:
    """Return the spike functions of a module, and the reasons to leave out other callables.

    Raises:
        ValueError: if the module has no spike function.
    """
    module = importlib.import_module(name)
    listed = getattr(module, "SPIKE_FUNCTIONS", None)
    if listed is not None:
        named = listed.items() if isinstance(listed, Mapping) else ((f.name, f) for f in listed)
        return [_subject(name, item) for name, item in named], {}
    functions, left_out = [], {}
    root = name.partition(".")[0]
    for public in getattr(module, "__all__", None) or vars(module):
        candidate = getattr(module, public)
        own = str(getattr(candidate, "__module__", root)).partition(".")[0] == root
        if public.startswith("_") or not callable(candidate) or not own:
            continue
        try:
            functions.append(_tried(f"{name}.{public}", candidate))
        except Exception as error:  # whatever a library raises
            left_out[public] = first_line(error)
    if not functions:
        raise ValueError(
            f"{name}: got no spike function among {len(left_out)} public callables, "
            f"expected one that takes an array of potentials to 0 and 1. List them: "
            f"SPIKE_FUNCTIONS = {{name: function}}; see snn_tools.conformance."
        )
    return functions, left_out


def black_box(function: Callable[..., Any]) -> BlackBox:
    """Wrap a function of JAX or PyTorch with the first adapter that can run it.

    Raises:
        TypeError: if no adapter can.
    """
    refusals = []
    # A library has imported its framework, so that others need not be loaded.
    for framework in (name for name in ADAPTERS if name in sys.modules):
        box = adapter(framework)(function)
        try:
            s = box.spikes(padded([-1.0, 1.0]), "float32").values
            box.gradient(padded([-1.0, 1.0]), "float32")
        except Exception as error:  # whatever a library raises
            refusals.append(f"{ADAPTERS[framework]}: {first_line(error)}")
            continue
        if s.shape == (SIZE,) and set(s) == {0.0, 1.0}:
            return box
        refusals.append(f"{ADAPTERS[framework]}: not 0 and 1 at v = -1 and 1")
    raise TypeError("; ".join(refusals))


def _subject(name: str, listed: Any) -> Subject:
    if isinstance(listed, Subject):
        return listed
    return Subject(name, listed if isinstance(listed, BlackBox) else black_box(listed))


def _tried(call: str, candidate: Any) -> Subject:
    """Try a callable as a spike function, as an autograd function, and as a factory."""
    name = call.rpartition(".")[2]
    refusals = []
    ways: list[tuple[str, Callable[[], Any]]] = [(call, lambda: candidate)]
    if inspect.isclass(candidate):
        apply = getattr(candidate, "apply", None)  # of a torch.autograd.Function
        ways = [(f"{call}.apply", lambda: apply)] if apply else []
    ways.append((f"{call}()", lambda: candidate()))
    for text, make in ways:
        try:
            return Subject(name, black_box(make()), call=text)
        except Exception as error:  # whatever a library raises
            refusals.append(first_line(error))
    raise TypeError("; ".join(dict.fromkeys(refusals)))
