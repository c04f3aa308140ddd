"""Gradient estimators, a file for each; CONTRIBUTING.md shows how to add an estimator."""
