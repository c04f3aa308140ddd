"""What the environment says to JAX and XLA: set by the run, in the key, or without a number."""

import os
import subprocess
import sys

import jax
import pytest
from toylab.signals.wave import Wave

from experiments.engine import speed
from experiments.engine.errors import UserError
from experiments.engine.registry import Project
from experiments.engine.runtime import activate
from experiments.engine.schema import Runtime
from experiments.engine.settings import BY_RUN, DECIDED, HARMLESS, counting, counts, users_flags
from experiments.engine.store import cache_key

IN_KEY = """
check_vma eager_constant_folding jax2tf_associative_scan_reductions
jax2tf_default_native_serialization jax_accurate_erf_inv jax_allow_f16_reductions
jax_array_garbage_collection_guard jax_auto_pcast jax_backend_target jax_bcoo_cusparse_lowering
jax_captured_constants_report_frames jax_captured_constants_warn_bytes jax_check_proxy_envs
jax_check_static_indices jax_compilation_cache_expect_pgle jax_compiler_enable_remat_pass
jax_cpu_collectives_implementation jax_cpu_enable_async_dispatch
jax_cpu_get_global_topology_timeout_minutes jax_cpu_get_local_topology_timeout_minutes
jax_cross_host_transfer_socket_address jax_cross_host_transfer_timeout_seconds
jax_cross_host_transfer_transfer_size jax_cross_host_transport_addresses jax_cuda_visible_devices
jax_custom_jvp3 jax_custom_vjp3 jax_debug_leaked_clients_on_clear_backends jax_default_device
jax_default_matmul_precision jax_disable_bwd_checks jax_disable_jit jax_disable_vmap_shmap_error
jax_disallow_mesh_context_manager jax_distributed_verify_secure_credentials
jax_embedded_constants_max_bytes jax_enable_custom_prng jax_enable_pgle
jax_enable_preemption_service jax_enable_recoverability jax_error_checking_behavior_divide
jax_error_checking_behavior_nan jax_error_checking_behavior_oob jax_exec_time_optimization_effort
jax_experimental_unsafe_xla_runtime_errors jax_explicit_x64_dtypes
jax_export_calling_convention_version jax_export_deserialize_expired_versions
jax_export_ignore_forward_compatibility jax_force_dcn_cross_host_transfers
jax_high_dynamic_range_gumbel jax_hlo_source_file_canonicalization_regex
jax_include_full_tracebacks_in_locations jax_legacy_prng_key jax_memory_fitting_effort
jax_memory_fitting_level jax_mock_gpu_topology jax_mosaic_allow_hlo
jax_mosaic_unzip_debug_locations jax_mtls_ca_file jax_mtls_cert_file jax_mtls_key_file
jax_mtls_peer_uri_prefix jax_mutable_array_checks jax_no_execution jax_no_tracing
jax_num_cpu_devices jax_numpy_dtype_promotion jax_oneapi_visible_devices jax_optimization_level
jax_pallas_auto_assign_collective_ids jax_pallas_auto_assign_collective_ids_limit
jax_pallas_enable_debug_checks jax_pallas_poison_buffers jax_pallas_verbose_errors
jax_persistent_cache_enable_xla_caches jax_pgle_aggregation_percentile jax_pgle_profiling_runs
jax_pjrt_client_create_options jax_platform_name jax_ragged_dot_use_gpu_pallas_triton_lowering
jax_ragged_dot_use_ragged_dot_instruction jax_raise_on_ppermute_sort_diff jax_refs_to_pins
jax_remat3 jax_remat_barrier_no_cotangents jax_remove_custom_partitioning_ptr_from_cache_key
jax_remove_size_one_mesh_axis_from_type jax_rocm_visible_devices jax_scan3
jax_send_traceback_to_runtime jax_serialization_version jax_share_binary_between_hosts
jax_share_binary_between_hosts_timeout_ms jax_softmax_custom_jvp jax_sort_devices_by_process_index
jax_source_url_schema jax_thread_guard jax_threefry_gpu_kernel_lowering jax_transfer_guard
jax_transfer_guard_device_to_device jax_transfer_guard_device_to_host
jax_transfer_guard_host_to_device jax_use_cpp_shard_args jax_use_direct_linearize
jax_use_emit_pipeline_primitive jax_use_hlo_logistic_lowering jax_use_magma jax_use_rgv3
jax_use_shardy_partitioner jax_use_simplified_jaxpr_constants jax_xla_backend
jax_xla_profile_version mock_num_gpu_processes
""".split()
"""Looked at: of JAX 0.10 and 0.12, all that is neither set by a run nor surely harmless."""


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """As in a user's shell: tests set flags of their own."""
    for name in list(os.environ):
        if name.startswith(("JAX_", "XLA_")):
            monkeypatch.delenv(name)


def key():
    return cache_key(Wave(), None, "s", Runtime())


@pytest.mark.parametrize("name", jax.config.values)
def test_each_setting_of_jax_is_set_by_the_run_or_in_the_key_or_harmless(name, monkeypatch):
    of = [name in known for known in (BY_RUN, HARMLESS, IN_KEY)]
    assert sum(of) == 1, f"{name}: new in this JAX; look at what it does, and name it in one"
    before = key()
    monkeypatch.setenv(name.upper(), "7")
    assert (key() != before) is (name in IN_KEY)


def test_a_setting_that_nobody_knows_is_in_the_key(monkeypatch):
    before = key()
    monkeypatch.setenv("JAX_OF_A_LATER_VERSION", "true")
    assert key() != before


OTHERS = {
    "jax_threefry_partitionable": False,
    "jax_default_prng_impl": "rbg",
    "jax_random_seed_offset": 7,
    "jax_disable_most_optimizations": True,
}


@pytest.mark.parametrize("name", DECIDED)
def test_a_run_decides_what_it_says_it_decides(name):
    before, other = jax.config.values[name], OTHERS[name]
    jax.config.update(name, other)
    try:
        activate(Runtime())
        assert jax.config.values[name] == DECIDED[name] != other
    finally:
        jax.config.update(name, before)


DRAW = """
import jax
from experiments.engine.runtime import activate
from experiments.engine.schema import Runtime
activate(Runtime())
print(jax.random.uniform(jax.random.key(1)))
"""


def test_random_numbers_are_the_same_whatever_the_environment_says():
    others = {"JAX_RANDOM_SEED_OFFSET": "7", "JAX_THREEFRY_PARTITIONABLE": "0"}
    others |= {"JAX_DEFAULT_PRNG_IMPL": "rbg", "PYTHONPATH": str(Project().root)}
    command = [sys.executable, "-c", DRAW]
    done = subprocess.run(command, env=os.environ | others, check=True, capture_output=True)
    activate(Runtime())
    assert done.stdout.decode() == f"{jax.random.uniform(jax.random.key(1))}\n"


def test_xlas_flags_are_in_the_key_without_our_own(monkeypatch):
    plain = key()
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    fast = key()
    speed.compile_briefly(users_flags())
    assert key() == fast != plain
    assert counting() == {"XLA_FLAGS": "--xla_cpu_enable_fast_math=true"}
    monkeypatch.setenv("XLA_FLAGS", f" {speed.BRIEFLY} ")
    assert key() == plain
    monkeypatch.setenv("XLA_FLAGS", "")
    assert key() == plain


def test_numbers_that_are_compiled_as_xla_would_are_others(monkeypatch):
    usual = key()
    monkeypatch.setattr(speed, "OFF", True)
    assert key() != usual and counting() == {"SNN_SPEED": "0"}


def test_flags_in_a_file_are_refused(tmp_path, monkeypatch):
    file = tmp_path / "flags"
    file.write_text("--xla_cpu_enable_fast_math=true")
    monkeypatch.setenv("XLA_FLAGS", str(file))
    with pytest.raises(UserError, match="XLA_FLAGS name a file"):
        key()


def test_what_a_user_sets_for_memory_and_logs_computes_nothing_anew():
    for name in ("JAX_LOG_COMPILES", "JAX_DEBUG_NANS", "XLA_PYTHON_CLIENT_PREALLOCATE"):
        assert not counts(name)
    assert counts("XLA_FLAGS") and counts("JAX_DISABLE_JIT") and counts("NVIDIA_TF32_OVERRIDE")
    assert not counts("HOME") and not counts("PATH")
