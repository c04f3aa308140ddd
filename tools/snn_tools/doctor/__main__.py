"""``python -m snn_tools.doctor module:build --budget 1min``: an examination without a notebook."""

from __future__ import annotations

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
from snn_tools.doctor.examination import examine
from snn_tools.doctor.no_verdict import STATUS, NoVerdict, no_traceback
from snn_tools.interrupts import SIGNALS

GRACE_S = 10.0
"""After a signal, the time to report what is known by then."""


class Ended(KeyboardInterrupt):
    """Ctrl-C or SIGTERM, with its number."""

    number = signal.SIGINT


def main(arguments: list[str] | None = None) -> int:
    """Examine what ``module:build`` returns, and print the report.

    Returns:
        0 for a clean bill, 1 if faults were found, 2 for what is no verdict; 130 or 143 for Ctrl-C
        or SIGTERM before anything is known, or while it is reported.
    """
    returned = (
        "(program, params), or these and a dictionary with any of surrogate, truth, time_axis"
    )
    parser = command.parser("snn_tools.doctor", __doc__, returned)
    try:
        return command.verdict(parser, arguments, _examined)
    except KeyboardInterrupt as end:
        parser.exit(_status_of(end), "interrupted: there is no whole report\n")


def _examined(options: argparse.Namespace) -> Any:
    program, params, more = _built(options.build)
    with no_traceback("examination", refused=(ValueError, TypeError, ImportError)):
        key = jax.random.key(options.seed)
        return examine(program, params, key, budget=options.budget, **more)


def run() -> NoReturn:
    """End with the status of `main`, and at once.

    Python would first wait for the user's threads, and run what the user has registered.
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
        sys.stderr.write("interrupted\n")
        sys.stderr.flush()
        status = _status_of(end)
    os._exit(status)


def _status_of(end: KeyboardInterrupt) -> int:
    return 128 + (end.number if isinstance(end, Ended) else signal.SIGINT)


def listen() -> None:
    """Make Ctrl-C and SIGTERM end the process, with what is known by then.

    XLA compiles for longer than anybody waits, and its callbacks swallow an exception: a thread,
    which the system tells of the signal, ends the process if nothing else does.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def end(number: int, _: object) -> NoReturn:
        raised = Ended()
        raised.number = signal.Signals(number)
        raise raised

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


def _built(name: str) -> tuple[Any, Any, dict[str, Any]]:
    """Call the user's function."""
    build = command.builder(name)
    with no_traceback(f"build: {name}()"):
        built = build()
        if not isinstance(built, tuple) or len(built) not in (2, 3):
            raise NoVerdict(
                f"build: {name}() returned {type(built).__name__}, expected (program, params), or "
                f"these and a dictionary of settings."
            )
        program, params, *more = built
        return program, params, dict(more[0]) if more else {}


if __name__ == "__main__":
    run()
