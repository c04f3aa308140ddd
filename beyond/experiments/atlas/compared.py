"""Estimators that the atlas compares."""

COMPARED = (
    "surrogate",
    "surrogate_x0.25",
    "surrogate_x0.5",
    "surrogate_x2",
    "surrogate_x4",
    "surrogate_super_spike",
    "surrogate_gaussian",
    "surrogate_box",
    "surrogate_deterministic",
    "mean_field",
    "smoothed_right",
    "smoothed_left",
    "smoothed_two_sided",
    "path_sample_analytic",
    "stochastic_ad",
    "stochastic_ad_few_flips",
    "disarm",
    "score_function",
    "score_function_no_baseline",
)
"""Names of estimators, in the order of the figure."""
