"""Estimators against the true gradient of any program: `compare`, its table and its plot."""

from snn_tools.on_demand import on_demand

# The table alone needs no JAX.
__getattr__ = on_demand(__name__, {"compare": "candidates"})
