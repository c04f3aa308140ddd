"""Gradient estimators, a file for each; docs/recipes/estimator.md adds one."""
