"""Find out what is wrong with the gradient of your own spiking network.

::

    from snn_tools import doctor
    report = doctor.examine(program, params, key, budget="1min", surrogate=snn.Surrogate())
    print(report)

or ``python -m snn_tools.doctor module:build``. See tools/docs/doctor.md.
"""

from snn_tools.on_demand import on_demand

# `snn_tools.torch` uses findings, and needs no JAX.
HOMES = {
    "adopted": "as_called",
    "examine": "examination",
    "Finding": "examined",
    "Report": "report",
}
__getattr__ = on_demand(__name__, HOMES)
