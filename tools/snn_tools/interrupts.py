"""End a command in one line on Ctrl-C and SIGTERM, also during the import of JAX."""

import os
import signal
from typing import NoReturn

SIGNALS = signal.SIGINT, signal.SIGTERM


def end_at_once() -> None:
    """Make either signal end the process with one line and status 130 or 143.

    Earlier handlers of these signals are replaced.
    """

    def end(number: int, frame: object) -> NoReturn:
        os.write(2, b"\ninterrupted\n")
        # A process in the middle of its imports cannot be finalised safely.
        os._exit(128 + number)

    signal.set_wakeup_fd(-1)
    for number in SIGNALS:
        signal.signal(number, end)
