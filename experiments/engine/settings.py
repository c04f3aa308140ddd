"""JAX's and XLA's settings: the run decides some, the environment others, which are in the key.

What the environment says and is neither decided by the run nor harmless may change a number. So may
a setting that a later JAX has: it need not be listed to be in the key.
"""

import os

from experiments.engine import speed
from experiments.engine.errors import UserError

DECIDED = {
    # One stream of random numbers on every JAX, whatever its default.
    "jax_threefry_partitionable": True,
    "jax_default_prng_impl": "threefry2x32",
    "jax_random_seed_offset": 0,
    # Last bits depend on it; tests set it for all that they compile themselves.
    "jax_disable_most_optimizations": False,
}
"""What every run sets."""

BY_RUN = frozenset(DECIDED) | {
    "jax_enable_x64",
    "jax_platforms",
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
}
"""What a run sets, here or by its `Runtime`."""

HARMLESS = frozenset(
    """
    jax_check_tracer_leaks jax_compilation_cache_check_contents
    jax_compilation_cache_include_metadata_in_key jax_compilation_cache_max_size
    jax_compiler_detailed_logging_min_ops jax_debug_infs jax_debug_key_reuse jax_debug_log_modules
    jax_debug_nans jax_distributed_debug jax_dump_ir_modes jax_dump_ir_to jax_enable_checks
    jax_enable_compilation_cache jax_explain_cache_misses jax_include_debug_info_in_dumps
    jax_log_checkpoint_residuals jax_log_compiles jax_logging_level jax_numpy_rank_promotion
    jax_persistent_cache_min_entry_size_bytes jax_pprint_use_color
    jax_raise_persistent_cache_errors jax_tracer_error_num_traceback_frames jax_traceback_filtering
    jax_traceback_in_locations_limit xla_python_client_allocator xla_python_client_mem_fraction
    xla_python_client_preallocate
    """.split()
)
"""What says, checks or keeps more, and changes no number."""

PREFIXES = "JAX", "XLA_"
OTHERS = "CHECK_VMA", "EAGER_CONSTANT_FOLDING", "MOCK_NUM_GPU_PROCESSES", "NVIDIA_TF32_OVERRIDE"
"""Settings of JAX, and of NVIDIA's libraries, that are named otherwise."""


def counts(variable: str) -> bool:
    """Return whether a variable of the environment can change a number."""
    known = variable.lower() in BY_RUN | HARMLESS
    return not known and (variable.startswith(PREFIXES) or variable in OTHERS)


def counting() -> dict[str, str]:
    """Return the variables of the environment that can change a number, by name.

    Raises:
        UserError: If XLA's flags stand in a file.
    """
    found = {name: value for name, value in os.environ.items() if counts(name)}
    found |= {"XLA_FLAGS": users_flags(), speed.SWITCH: "0" if speed.OFF else ""}
    return {name: value for name, value in found.items() if value}


def users_flags() -> str:
    """Return the XLA_FLAGS that the user has set.

    Raises:
        UserError: If they name a file of flags, which only XLA would read.
    """
    flags = os.environ.get("XLA_FLAGS", "").strip().removeprefix(speed.BRIEFLY).strip()
    if flags and not flags.startswith("-"):
        what, expected = "XLA_FLAGS name a file", "the flags themselves: results depend on them"
        raise UserError(what, flags, expected, f'XLA_FLAGS="$(cat {flags})"')
    return flags
