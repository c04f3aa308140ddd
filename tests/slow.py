"""Tests that take long: each has the marker `slow`, and `make test-fast` leaves it out.

A row is a file, or a test of a file as "file::test". Seconds of processor time in brackets.
"""

SLOW = (
    # Pictures of all figures, redrawn (42).
    "tests/test_pictures.py",
    # Every Python block of the pages (31).
    "tests/test_docs.py::test_python_blocks_run_and_print_what_the_page_says",
    # The one file, against the library (6).
    "tests/test_one_file.py",
    "tests/test_tutorial.py",
    # Lines of the science made wrong (50).
    "tests/mutations",
    # Pages in a browser.
    "tests/explorers/test_controls.py",
    "tests/explorers/test_every_page.py",
    # Trainings, and processes that are killed.
    "tests/experiments/deep_networks/test_evaluation_cost.py",
    "tests/experiments/speech/test_classification.py",
    "tests/experiments/speech/test_event_driven.py",
    "tests/experiments/speech/test_resets.py",
    "tests/experiments/speech/test_what_is_tested.py",
    "tests/experiments/spike_timing/test_recording.py::test_no_key_is_used_twice",
    "tests/experiments/spike_timing/test_spike_matching_claims.py",
    "tests/experiments/spike_timing/test_spike_matching_rule.py",
    "tests/experiments/training/test_training.py::test_sigkill_and_resume_end_with_the_same_network",
    "tests/experiments/engine/test_atomic.py",
    "tests/experiments/engine/test_compilation_cache.py",
    "tests/experiments/engine/test_faults.py",
    "tests/experiments/engine/test_launchers.py",
    "tests/experiments/engine/test_run.py",
    "tests/experiments/engine/test_together.py",
    "tests/experiments/replication/test_verify_power.py",
    "tests/experiments/runs/test_load.py",
    "tests/experiments/datasets/synthetic/test_corpus.py",
    "tests/experiments/datasets/test_datasets_own.py::test_they_train_in_figure_7",
    "tests/experiments/test_edited_inputs.py",
    "tests/experiments/test_merge_estimators.py",
    "tests/experiments/test_names_beside_numbers.py",
    "tests/experiments/test_neuron_catalogue.py",
    "tests/experiments/test_neuron_response.py",
    "tests/experiments/test_refusals.py",
    # Estimators over many trials and convolutions.
    "tests/snn/test_batch_means_coverage.py",
    "tests/snn/test_convolutional.py::test_every_sample_of_a_batch_is_a_run_of_its_own",
    "tests/snn/test_convolutional.py::test_initial_weights_have_the_published_standard_deviations",
    "tests/snn/test_convolutional.py::test_without_recurrence_it_is_the_network_whose_recurrent_weights_are_zero",
    "tests/snn/test_convolutional_gradient.py",
    "tests/snn/test_disarm.py",
    "tests/snn/test_estimators_identities.py",
    "tests/snn/test_estimators_interface.py",
    "tests/snn/test_estimators_unbiased.py",
    "tests/snn/test_evolution_strategies.py",
    "tests/snn/test_finite_differences.py",
    "tests/snn/test_flips.py",
    "tests/snn/test_hashed_noise.py::test_it_passes_for_random",
    "tests/snn/test_losses_between_spikes.py",
    "tests/snn/test_odd_inputs.py",
    "tests/snn/test_path_sample_analytic.py",
    "tests/snn/test_suffix_replays.py",
    "tests/snn/test_switch.py",
    # The doctor on networks with and without faults (87), stochastic triples, conformance.
    "tools/tests/doctor",
    "tools/tests/test_monitor.py",
    "tools/tests/test_comparison_interval.py",
    "tools/tests/test_stochad_distributions.py",
    "tools/tests/test_conformance.py",
    "tools/tests/test_stochad_programs.py",
    "tools/tests/test_stochad_spiking.py",
    "tools/tests/test_stochad_triples.py",
    # Networks over time, against their true gradient.
    "beyond/tests/experiments/lif",
    "beyond/tests/experiments/spike_times",
    "beyond/tests/experiments/boolean",
    "beyond/tests/experiments/atlas/test_estimator_atlas.py",
)


def is_slow(nodeid: str) -> bool:
    """Return whether a row of `SLOW` names a test, given by pytest's name for it."""
    return any(nodeid.startswith(row) and nodeid[len(row) :][:1] in ("", *"/:[") for row in SLOW)
