"""``python -m snn_tools.doctor module:build --budget 1min``: an examination without a notebook."""

import argparse
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import Any, NoReturn

import jax

from snn_tools import command
from snn_tools.command import STATUS, no_traceback
from snn_tools.doctor.examination import examine
from snn_tools.interrupts import SIGNALS

RETURNED = "(program, params), or these and a dictionary with any of surrogate, truth, time_axis"

GRACE_S = 10.0
"""After a signal, the time to report what is known by then."""


def main(arguments: list[str] | None = None) -> int:
    """Examine what ``module:build`` returns, and print the report.

    Returns:
        0 for a clean bill, 1 if faults were found, 2 for what is no verdict.
    """
    return command.verdict("snn_tools.doctor", __doc__, RETURNED, arguments, _examined)


def _examined(options: argparse.Namespace) -> Any:
    program, params, *more = command.built(
        options.build,
        RETURNED,
        lambda found: len(found) == 2 or len(found) == 3 and isinstance(found[2], dict),
    )
    with no_traceback("examination", refused=(ValueError, TypeError, ImportError)):
        key = jax.random.key(options.seed)
        return examine(program, params, key, budget=options.budget, **dict(*more))


def run() -> NoReturn:
    """End with the status of `main`, and at once.

    It is 130 or 143 for Ctrl-C or SIGTERM before anything is known, or while it is reported. Python
    would first wait for the user's threads, and run what the user has registered.
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
    os._exit(status)


def listen() -> None:
    """Make Ctrl-C and SIGTERM end the process, with what is known by then.

    XLA compiles for longer than anybody waits, and its callbacks swallow an exception: a thread,
    which the system tells of the signal, ends the process if nothing else does.
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
            sys.stderr.write("\ninterrupted: what was known is not reported in time\n")
            sys.stderr.flush()
        os._exit(128 + number)

    for number in SIGNALS:
        signal.signal(number, end)
    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    run()
