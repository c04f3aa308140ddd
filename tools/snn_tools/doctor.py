"""Find out what is wrong with the gradient of your own spiking network, in JAX.

::

    from snn_tools import doctor
    report = doctor.examine(program, params, key, budget=60, surrogate=snn.Surrogate())
    print(report)

or ``python -m snn_tools.doctor module:build``. See tools/docs/use.md.
"""

import sys

from snn_tools.jax.__main__ import main as main
from snn_tools.jax.examination import examine as examine
from snn_tools.jax.gate import assert_gradient_ok as assert_gradient_ok
from snn_tools.jax.gate import course as course
from snn_tools.jax.monitor import Monitor as Monitor
from snn_tools.jax.plain import adopted as adopted

if __name__ == "__main__":
    sys.exit(main())
