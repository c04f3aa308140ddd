r"""Convolution of spike trains along a line of positions, spike by spike.

.. math::
    y_{o} = \sum_{k} x_{o \cdot stride + k - padding}\, w_k

as in `snn.connections`. At 15 Hz a neuron is silent in 97 of 100 steps of 2 ms, and a matrix
product adds up all the zeros. Here y and the derivative with respect to w are sums over the inputs
that are not 0. The derivative with respect to x has no zeros to leave out, but does without the
copies that matrix products need.

The sums are in C++ (``event_driven.cc``). They are compiled when they are first asked for, which
takes seconds, and kept in the user's cache folder.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import version
from math import prod
from pathlib import Path

import jax
import numpy as np
from jax import Array
from jaxtyping import Float

from snn.connections import Conv1d

SOURCE = Path(__file__).with_suffix(".cc")
COMPILERS = "c++", "g++", "clang++"
FLAGS = "-std=c++17", "-O3", "-march=native", "-shared", "-fPIC"
TYPES = "float32", "float64"
_LOCK = threading.Lock()


def event_driven(
    conv: Conv1d, w: Float[Array, "kernel channel feature"]
) -> Callable[[Float[Array, "*batch n_in channel"]], Float[Array, "*batch n_out feature"]]:
    """Return a convolution as a function of its input, on CPUs, in single or double precision.

    Its derivatives are for reverse mode, and not to be differentiated again.

    Args:
        conv: kernel, stride and padding; its tile has no effect.
        w: the weights.

    Raises:
        RuntimeError: if there is no C++ compiler, or if arrays are not on a CPU.
        TypeError: in other precisions.
    """
    load()
    if w.dtype.name not in TYPES:
        raise TypeError(f"event_driven: got weights of {w.dtype}, expected {' or '.join(TYPES)}.")
    # For the derivative by the input, once for all inputs.
    turned = jax.lax.stop_gradient(w.swapaxes(1, 2))
    return lambda x: _convolution(conv, w, turned, x.astype(w.dtype))


@cache
def load() -> None:
    """Compile what is not compiled yet, and make it known to XLA.

    Raises:
        RuntimeError: if JAX does not compute on a CPU, or there is no C++ compiler, or it fails.
    """
    if jax.default_backend() != "cpu":
        raise RuntimeError(
            f"event_driven: got JAX on {jax.default_backend()}, expected a CPU. Leave event_driven "
            f"out, or set JAX_PLATFORMS=cpu."
        )
    try:
        # Two threads that trace at once would load two libraries, and XLA takes one.
        with _LOCK:
            library = ctypes.cdll.LoadLibrary(str(_compiled()))
    except OSError as error:
        raise RuntimeError(
            f"event_driven: {error}. Set XDG_CACHE_HOME to a folder where programs can be written "
            f"and run, or leave event_driven out."
        ) from error
    for name in (f"{sums}_{kind}" for sums in ("forward", "weights", "inputs") for kind in TYPES):
        jax.ffi.register_ffi_target(
            f"snn_{name}", jax.ffi.pycapsule(getattr(library, name)), platform="cpu"
        )


def _compiled() -> Path:
    """Return the library for this source, compiler, machine and version of jaxlib."""
    choices = [os.environ["CXX"]] if "CXX" in os.environ else COMPILERS
    compiler = next(filter(None, map(shutil.which, choices)), None)
    if compiler is None:
        raise RuntimeError(
            f"event_driven: found none of {', '.join(choices)}, expected a C++ compiler. Install "
            f"one, name it in CXX, or leave event_driven out: the sums are then matrix products."
        )
    # What `-march=native` means here is among the macros that the compiler defines.
    native = _run(compiler, *FLAGS, "-dM", "-E", "-x", "c++", os.devnull)
    identity = "\n".join([native, SOURCE.read_text(), version("jaxlib"), *FLAGS])
    cache_home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
    path = Path(cache_home, "snn-surrogate", f"event_driven-{digest}.so")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            new = Path(folder, path.name)
            _run(compiler, *FLAGS, f"-I{jax.ffi.include_dir()}", str(SOURCE), "-o", str(new))
            new.replace(path)
    return path


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(
            f"event_driven: {' '.join(command)} failed, expected a compiler of C++17 such as g++ 9 "
            f"or clang++ 10. Name one in CXX, or leave event_driven out. It said:\n{done.stderr}"
        )
    return done.stdout


def _sums(name: str, conv: Conv1d, sizes: tuple[int, ...], shape: tuple, a: Array, b: Array):
    call = jax.ffi.ffi_call(
        f"snn_{name}_{a.dtype}", jax.ShapeDtypeStruct(shape, a.dtype), vmap_method="sequential"
    )
    return call(a, b, sizes=np.array([*sizes, conv.stride, conv.padding]))


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _convolution(conv: Conv1d, w: Array, turned: Array, x: Array) -> Array:
    return _forward(conv, w, turned, x)[0]


def _forward(conv: Conv1d, w: Array, turned: Array, x: Array) -> tuple[Array, tuple]:
    (*batch, n_in, channels), (kernel, _, features) = x.shape, w.shape
    n, n_out = prod(batch), conv.n_out(n_in)
    sizes = n, n_in, channels, kernel, features, n_out
    lines = x.reshape(n, n_in, channels)
    y = _sums("forward", conv, sizes, (n, n_out, features), lines, w)
    return y.reshape(*batch, n_out, features), (sizes, turned, x)


def _reverse(conv: Conv1d, kept: tuple, d: Array) -> tuple[Array, None, Array]:
    sizes, turned, x = kept
    n, n_in, channels, kernel, features, n_out = sizes
    lines, d = x.reshape(n, n_in, channels), d.reshape(n, n_out, features)
    by_w = _sums("weights", conv, sizes, (kernel, channels, features), lines, d)
    by_x = _sums("inputs", conv, sizes, lines.shape, turned, d)
    return by_w, None, by_x.reshape(x.shape)


_convolution.defvjp(_forward, _reverse)
