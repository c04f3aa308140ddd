"""Tools around `snn`: what examines networks, gradients and spike functions, of any library.

`doctor` examines the surrogate gradient of a network, `comparison` holds estimators against its
true gradient, `conformance` checks spike functions, `rosetta` translates them between libraries,
and `pytest_plugin` makes tests of the checks. The core imports none of them. Importing this package
imports neither JAX nor `snn`.
"""

import sys

if sys.argv[:1] == ["-m"]:
    # So it reads while Python looks for the module of `python -m`, which then imports JAX.
    from snn_tools.interrupts import end_at_once

    end_at_once()
