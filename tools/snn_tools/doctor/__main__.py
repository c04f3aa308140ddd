"""Examine a network from a shell: ``python -m snn_tools.doctor module:build --budget 1min``."""

import argparse
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import Any, NoReturn

from snn_tools import command
from snn_tools.command import END, STATUS, no_traceback, require_packages
from snn_tools.interrupts import SIGNALS

with require_packages("snn_tools.doctor", '. "./tools[doctor]"'):
    import jax

    from snn_tools.doctor.examination import examine

RETURNED = "(program, params), or these and a dictionary with any of surrogate, truth, time_axis"

GRACE_S = 10.0
"""Seconds after a signal within which the results so far are reported."""


def main(arguments: list[str] | None = None) -> int:
    """Examine the network that ``module:build`` returns, and print the report.

    Returns:
        Exit status: 0 if the network is healthy, 1 if faults were found, 2 without a verdict.
    """
    return command.verdict("snn_tools.doctor", __doc__, RETURNED, arguments, _examined)


def _examined(options: argparse.Namespace) -> Any:
    program, params, *more = command.built(
        options.build,
        RETURNED,
        lambda values: len(values) == 2 or len(values) == 3 and isinstance(values[2], dict),
    )
    with no_traceback("examination", refused=(ValueError, TypeError, ImportError)):
        key = jax.random.key(options.seed)
        return examine(program, params, key, budget=options.budget, **dict(*more))


def run() -> NoReturn:
    """End the process with the status of `main`, without waiting for the user's threads.

    The status is 130 or 143 if Ctrl-C or SIGTERM comes before there are results, or while they are
    reported.
    """
    try:
        listen()
        try:
            status = main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else STATUS
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
    except KeyboardInterrupt as end:
        sys.stderr.write("interrupted: there is no whole report\n")
        sys.stderr.flush()
        status = 128 + (signal.SIGTERM if end.args == (signal.SIGTERM,) else signal.SIGINT)
    END(status)


def listen() -> None:
    """Make Ctrl-C and SIGTERM end the process, with the results so far.

    XLA may compile for minutes, and its callbacks swallow exceptions. A thread reads the signals
    from a pipe and ends the process after `GRACE_S`.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def end(number: int, _: object) -> NoReturn:
        raise KeyboardInterrupt(number)

    def wait() -> None:
        number = os.read(reading, 1)[0]
        time.sleep(GRACE_S)
        with suppress(OSError, ValueError):
            sys.stderr.write("\ninterrupted: the results so far could not be reported in time\n")
            sys.stderr.flush()
        END(128 + number)

    for number in SIGNALS:
        signal.signal(number, end)
    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    run()
