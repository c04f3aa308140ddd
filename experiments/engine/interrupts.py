"""Ctrl-C and SIGTERM end a command at once, whatever it is doing, with one line.

Python would raise `KeyboardInterrupt` in the main thread, between two of its own instructions. XLA
compiles and computes for longer than anybody waits; its callbacks swallow the exception; and its
threads are still at work while the interpreter is taken down, which can crash. Nothing here needs
that exception: files appear whole or not at all, and the system releases locks. So the system tells
a thread of the signal, which removes half-written files and ends the process as it stands.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import wait

from experiments.engine.atomic import abandon

MESSAGES = {
    signal.SIGINT: "interrupted: what was finished is in the cache",
    signal.SIGTERM: "terminated: what was finished is in the cache",
}


def listen() -> None:
    """Start a thread that ends the process on either signal; call it in the main thread.

    Commands listen from the first line of their package, before it imports anything that is slow.
    """
    if signal.getsignal(signal.SIGINT) is _heard:
        return
    _start(_wait)


def follow() -> None:
    """End this worker process without a word on SIGTERM, and with its parent, however that ends.

    Ctrl-C reaches workers, too; it is left to the parent.
    """
    _start(_follow)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def over() -> None:
    """Ignore the signals: all is done, and Python restores their deadly default as it ends."""
    for number in MESSAGES:
        signal.signal(number, signal.SIG_IGN)


def _start(target: Callable[[int], None]) -> None:
    """Have both signals written to a pipe, and start a thread that reads it."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for number in MESSAGES:
        signal.signal(number, _heard)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=target, args=(reading,), name="interrupts", daemon=True).start()


def _heard(number: int, frame: object) -> None:
    """Leave it to the thread."""


def _wait(reading: int) -> None:
    number = 0
    while number not in MESSAGES:
        number = os.read(reading, 1)[0]
    abandon()
    # Where nobody reads any more the words are lost, and the end is not.
    with suppress(OSError, ValueError):
        print(f"\n{MESSAGES[signal.Signals(number)]}", file=sys.stderr, flush=True)  # noqa: T201
    os._exit(128 + number)


def _follow(reading: int) -> None:
    parent = parent_process()
    wait([reading, *([parent.sentinel] if parent else [])])
    abandon()
    os._exit(1)
