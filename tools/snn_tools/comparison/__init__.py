"""Compare estimators with the true gradient of any program: `compare`, the table and the plot."""

from snn_tools.on_demand import on_demand

# The table alone needs no JAX.
__getattr__ = on_demand(__name__, {"compare": "candidates"})
