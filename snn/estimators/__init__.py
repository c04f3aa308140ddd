"""Gradient estimators, one file each. To add one, add a file; see CONTRIBUTING.md."""
