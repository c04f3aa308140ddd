"""Find out what is wrong with the gradient of your own spiking network, in JAX.

::

    from snn_tools import doctor
    report = doctor.examine(program, params, key, budget="1min", surrogate=snn.Surrogate())
    print(report)

or ``python -m snn_tools.doctor module:build``. See tools/docs/use.md.
"""

import sys

from snn_tools.shared.on_demand import on_demand

HOMES = {
    "adopted": "plain",
    "assert_gradient_ok": "gate",
    "compare": "candidates",
    "course": "course",
    "examine": "examination",
    "main": "__main__",
    "Monitor": "monitor",
}
__getattr__ = on_demand("snn_tools.jax", HOMES)

if __name__ == "__main__":
    from snn_tools.jax.__main__ import main

    sys.exit(main())
