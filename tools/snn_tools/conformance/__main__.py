"""Check the spike functions of a module: ``python -m snn_tools.conformance mylib.surrogates``.

The module has a list ``SPIKE_FUNCTIONS`` of `Subject`. Prints the table and the failures. Exits
with 1 if a check failed, and with 2 if nothing could be checked.
"""

import argparse
import importlib
import sys

from snn_tools.conformance.checks import run, table


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser("python -m snn_tools.conformance", description=__doc__)
    parser.add_argument("module", help="a module with SPIKE_FUNCTIONS")
    name = parser.parse_args(arguments).module
    sys.path.insert(0, "")
    try:
        functions = importlib.import_module(name).SPIKE_FUNCTIONS
    except (ImportError, AttributeError) as error:
        parser.exit(2, f"{name}: got {error}, expected a module with a list SPIKE_FUNCTIONS\n")
    print(table(functions))  # noqa: T201
    return int(any(outcome.status == "failed" for f in functions for outcome in run(f)))


if __name__ == "__main__":
    sys.exit(main())
