"""Examine networks of JAX: the doctor, its gate for tests, its monitor, and comparisons.

`snn_tools.doctor` has the public names.
"""
