"""Ctrl-C, SIGTERM and worker processes: all of a command ends at once, with one line.

Python would raise `KeyboardInterrupt` between two of its own instructions, and XLA compiles and
computes for longer than anybody waits. So the system tells a thread of the signal, which ends the
process as it stands: files appear whole or not at all, the system releases locks, and what is left
half written goes with the next file that is written there.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future

MESSAGES = {
    signal.SIGINT: "interrupted: what was finished is in the cache",
    signal.SIGTERM: "terminated: what was finished is in the cache",
}


def listen(said: bool = True) -> None:
    """Start a thread that ends the process on either signal; call it in the main thread.

    Commands listen from the first line of their package, before it imports anything that is slow.

    Args:
        said: Whether one line says so.
    """
    if signal.getsignal(signal.SIGINT) is _heard:
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for number in MESSAGES:
        signal.signal(number, _heard)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(reading, said), daemon=True).start()


def _heard(number: int, frame: object) -> None:
    """Leave it to the thread."""


def _wait(reading: int, said: bool) -> None:
    number = 0
    while number not in MESSAGES:
        number = os.read(reading, 1)[0]
    # Where nobody reads any more the words are lost, and the end is not.
    with suppress(OSError, ValueError):
        if said:
            print(f"\n{MESSAGES[signal.Signals(number)]}", file=sys.stderr, flush=True)  # noqa: T201
    os._exit(128 + number)


def follow() -> None:
    """End this worker process with its parent, however that ends; Ctrl-C is left to the parent."""
    listen(said=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    from multiprocessing import parent_process

    if parent := parent_process():
        parent.join()
        os._exit(1)


@contextmanager
def working(
    n: int,
    job: Callable[..., Any],
    arguments: Sequence[tuple],
    prepare: Callable[..., None],
    prepared_with: tuple = (),
    per_process: int | None = None,
) -> "Iterator[list[Future]]":
    """Do jobs in worker processes, in the order given, and wait for them.

    After an error inside the context, or Ctrl-C, running jobs end at once, and no others start.

    Args:
        n: Number of processes.
        job: Called once for each of the arguments.
        arguments: Of each call.
        prepare: Called first in each process; it is to `follow`.
        prepared_with: Its arguments.
        per_process: Jobs after which a process makes room for a fresh one; None for no limit.

    Yields:
        The results to come, in the order of the arguments.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context, resource_tracker

    others = set(active_children())
    # Spawn's helper removes what an interrupt leaves, and would warn of it. It is started first: as
    # it starts, it unblocks Ctrl-C.
    quiet = "ignore::UserWarning:multiprocessing.resource_tracker"
    os.environ.setdefault("PYTHONWARNINGS", quiet)
    resource_tracker.ensure_running()
    # Never forked: the caller may have started threads, JAX's for instance.
    with ProcessPoolExecutor(
        n, get_context("spawn"), prepare, prepared_with, max_tasks_per_child=per_process
    ) as pool:
        # Threads and processes that start here are deaf to Ctrl-C; the caller handles it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        futures = [pool.submit(job, *each) for each in arguments]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        try:
            yield futures
        except BaseException:
            # A pool that loses a process starts no other job, and its end waits for those it had.
            for process in set(active_children()) - others:
                process.terminate()
            raise
