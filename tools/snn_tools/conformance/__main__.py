"""Check the spike functions of a module: ``python -m snn_tools.conformance mylib.surrogates``.

Prints the table and every failure with one line that reproduces it. ``--json FILE`` writes the
numbers too. Exits with 1 if a check failed, and with 2 if nothing could be checked.
"""

import argparse
import json
import sys
from pathlib import Path

from snn_tools.conformance.collect import collect
from snn_tools.conformance.results import check, table


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser("python -m snn_tools.conformance", description=__doc__)
    parser.add_argument("module", help="a module, or a module with SPIKE_FUNCTIONS")
    parser.add_argument("--json", type=Path, help="writes the results to this file")
    options = parser.parse_args(arguments)
    sys.path.insert(0, "")
    try:
        functions, left_out = collect(options.module)
    except (ImportError, ValueError) as error:
        parser.exit(2, f"error: {error}\n")
    results = [check(function) for function in functions]
    print(table(results))  # noqa: T201
    for name, reason in left_out.items():
        print(f"left out: {name} ({reason})")  # noqa: T201
    if options.json:
        options.json.write_text(json.dumps([one.as_json() for one in results], indent=1))
    return int(any(one.failures for one in results))


if __name__ == "__main__":
    sys.exit(main())
