"""Tools around `snn`, which examine networks, gradients and spike functions of any library.

`doctor` examines the surrogate gradient of a network, `comparison` compares estimators with its
true gradient, `conformance` checks spike functions, `rosetta` translates them between libraries,
and `pytest_plugin` makes tests of the checks. The core imports none of them. Importing this package
imports neither JAX nor `snn`.
"""

import sys

if sys.argv[:1] == ["-m"]:
    # Python has this value while it looks for the module of `python -m`; then JAX is imported.
    from snn_tools.interrupts import end_at_once

    end_at_once()
