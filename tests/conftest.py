"""Strict settings for every test; they must be in force before `snn` is first imported."""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ["MPLBACKEND"] = "Agg"

import jax  # noqa: E402
from jaxtyping import install_import_hook  # noqa: E402

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_threefry_partitionable", True)

# Shapes and types of the core's functions are checked in tests only: the check costs time.
install_import_hook("snn", "beartype.beartype")
