r"""Event-driven convolution of spike trains along a line of positions.

.. math::
    y_{o} = \sum_{k} x_{o \cdot stride + k - padding}\, w_k

as in `snn.connections`. At 15 Hz a neuron is silent in 97 of 100 steps of 2 ms, and a matrix
product adds up all the zeros. Here y and the derivative with respect to w are sums over the inputs
that are not 0. The derivative with respect to x has no zeros to leave out, but does without the
copies that matrix products need.

The sums are in C++ (``event_driven.cc``). They are compiled when they are first needed, which takes
seconds, and kept in the user's cache folder. The name of the library has a hash of source, flags,
machine and jaxlib, and a hash of the library's own content. Hence other sources and damaged
libraries are compiled anew. The cache folder is trusted: a library that somebody puts there under a
right name is loaded.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import version
from importlib.util import find_spec
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from experiments.engine.cache import file_hash, user_cache
from snn.connections import Conv1d
from snn.value_object import value_object

SOURCE = Path(__file__).with_suffix(".cc")
COMPILERS = "c++", "g++", "clang++"
FLAGS = "-std=c++17", "-O3", "-march=native", "-shared", "-fPIC"
SUMS = "forward", "weights", "inputs"
TYPES = "float32", "float64"
Sizes = tuple[int, ...]
_LOCK = threading.Lock()


@value_object
class EventDriven:
    """How `snn.ConvLIFNetwork` convolves: by sums over spikes only, for JAX on a CPU.

    Derivatives are for reverse mode, and not to be differentiated again.
    """

    def __call__(
        self, conv: Conv1d, w: Float[Array, "kernel channel feature"]
    ) -> Callable[[Float[Array, "*batch n_in channel"]], Float[Array, "*batch n_out feature"]]:
        """Return a convolution as a function of its input.

        Args:
            conv: kernel, stride and padding; its tile has no effect.
            w: the weights.

        Raises:
            TypeError: if numbers are complex, or in half precision.
            ValueError: if weights or inputs do not fit the convolution.
            RuntimeError: if JAX does not compute on a CPU, or there is no C++ compiler.
            OSError: if the library cannot be written.
        """
        load()
        # For the derivative by the input, once for all inputs.
        return partial(_applied, conv, w, jax.lax.stop_gradient(w.swapaxes(1, 2)))


@cache
def load() -> None:
    """Make the sums known to XLA, compiled before if need be.

    Raises:
        RuntimeError: if JAX does not compute on a CPU, or nothing can be compiled and loaded.
        OSError: if the library cannot be written.
    """
    if jax.default_backend() != "cpu":
        raise RuntimeError(
            f"event_driven: got JAX on {jax.default_backend()}, expected a CPU. Leave event_driven "
            f"out, or set JAX_PLATFORMS=cpu."
        )
    # XLA refuses a second library under the same names, which two threads could load at once.
    with _LOCK:
        path = compiled()
        try:
            library = ctypes.cdll.LoadLibrary(str(path))
        except OSError as error:
            raise RuntimeError(
                f"event_driven: {error}, expected a library. Delete {path}: it is compiled anew."
            ) from error
        for name in (f"{sums}_{dtype}" for sums in SUMS for dtype in TYPES):
            target = jax.ffi.pycapsule(getattr(library, name))
            jax.ffi.register_ffi_target(f"snn_{name}", target, platform="cpu")


def compiler() -> list[str] | None:
    """Return the command of a C++ compiler: CXX, one on the path, or the package ziglang."""
    named = os.environ.get("CXX", "").split()
    choices = [named] if named else [[name] for name in COMPILERS]
    command = next((choice for choice in choices if shutil.which(choice[0])), None)
    if command is None and not named and find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "c++"]
    return command


def compiled() -> Path:
    """Return the library for this source, compiler, machine and version of jaxlib.

    Raises:
        RuntimeError: if there is no C++ compiler, or it fails.
        OSError: if the cache folder cannot be written to.
    """
    command = compiler()
    if command is None:
        sought = os.environ.get("CXX", "").strip() or ", ".join(COMPILERS)
        raise RuntimeError(
            f"event_driven: found none of {sought}, expected a C++ compiler. Install one, as by "
            f"pip install ziglang, name it in CXX, or leave event_driven out."
        )
    # The macros that the compiler defines show the processor of `-march=native`.
    native = _run(*command, *FLAGS, "-dM", "-E", "-x", "c++", os.devnull)
    identity = "\n".join([native, SOURCE.read_text(), version("jaxlib"), *FLAGS])
    stem = f"event_driven-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
    folder = user_cache("compiled")
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob(f"{stem}-*.so"):
        if path == _named_by_content(path, folder / stem):
            return path
    with TemporaryDirectory(prefix=".tmp-", dir=folder) as temporary:
        new = Path(temporary, "library.so")
        _run(*command, *FLAGS, f"-I{jax.ffi.include_dir()}", str(SOURCE), "-o", str(new))
        new.chmod(0o700)
        path = _named_by_content(new, folder / stem)
        os.replace(new, path)
    return path


def _named_by_content(library: Path, stem: Path) -> Path:
    """Return the path of a library that has a hash of its content in its name."""
    return stem.with_name(f"{stem.name}-{file_hash(library)[:16]}.so")


def _run(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, errors="replace", check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise RuntimeError(
            f"event_driven: {shlex.join(command)} failed, expected a compiler of C++17 as g++ 12 "
            f"or clang 14. Name one in CXX, or leave event_driven out. It said:\n"
            f"{getattr(error, 'stderr', error)}"
        ) from error
    return done.stdout


def _sums(name: str, conv: Conv1d, x: Sizes, w: Sizes, result: Sizes, a: Array, b: Array) -> Array:
    """Return one of `SUMS` of two arrays, for inputs and weights of these shapes."""
    sizes = np.array([*x, w[0], w[2], conv.n_out(x[1]), conv.stride, conv.padding])
    returned = jax.ShapeDtypeStruct(result, a.dtype)
    call = jax.ffi.ffi_call(f"snn_{name}_{a.dtype}", returned, vmap_method="sequential")
    return call(a, b, sizes=sizes)


def _applied(conv: Conv1d, w: Array, turned: Array, x: Array) -> Array:
    if w.ndim != 3 or x.ndim < 2 or w.shape[:2] != (conv.kernel, x.shape[-1]):
        raise ValueError(
            f"event_driven: got weights of shape {w.shape}, an input of shape {x.shape}, expected "
            f"({conv.kernel}, channel, feature) and (..., position, channel)."
        )
    dtype = jnp.result_type(w, x)
    if dtype.name not in TYPES:
        got, expected = f"weights of {w.dtype}, an input of {x.dtype}", " or ".join(TYPES)
        raise TypeError(f"event_driven: got {got}, expected {expected}.")
    *batch, n_in, channels = x.shape
    lines = x.astype(dtype).reshape(prod(batch), n_in, channels)
    y: Array = _convolution(conv, w.astype(dtype), turned.astype(dtype), lines)
    return y.reshape(*batch, *y.shape[1:])


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _convolution(conv: Conv1d, w: Array, turned: Array, x: Array) -> Array:
    return _forward(conv, w, turned, x)[0]


def _forward(conv: Conv1d, w: Array, turned: Array, x: Array) -> tuple[Array, tuple]:
    outputs = len(x), conv.n_out(x.shape[1]), w.shape[2]
    return _sums("forward", conv, x.shape, w.shape, outputs, x, w), (turned, x)


def _reverse(conv: Conv1d, kept: tuple, d: Array) -> tuple[Array, None, Array]:
    turned, x = kept
    kernel, features, channels = turned.shape
    w = kernel, channels, features
    by_w = _sums("weights", conv, x.shape, w, w, x, d)
    return by_w, None, _sums("inputs", conv, x.shape, w, x.shape, turned, d)


_convolution.defvjp(_forward, _reverse)
