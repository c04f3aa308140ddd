"""Worker processes: never forked, deaf to Ctrl-C, and ended with an error of one of them."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, resource_tracker
from typing import Any


@contextmanager
def working(
    n: int,
    job: Callable[..., Any],
    arguments: Sequence[tuple],
    prepare: Callable[..., None],
    prepared_with: tuple = (),
    per_process: int | None = None,
) -> Iterator[list[Future]]:
    """Do jobs in worker processes, in the order given, and wait for them.

    After an error inside the context, or Ctrl-C, running jobs end at once, and no others start.

    Args:
        n: Number of processes.
        job: Called once for each of the arguments.
        arguments: Of each call.
        prepare: Called first in each process, which it has to end with its parent.
        prepared_with: Its arguments.
        per_process: Jobs after which a process makes room for a fresh one; None for no limit.

    Yields:
        The results to come, in the order of the arguments.
    """
    others = set(active_children())
    _start_tracker()
    # Never forked: the caller may have started threads, JAX's for instance.
    with ProcessPoolExecutor(
        n, get_context("spawn"), prepare, prepared_with, max_tasks_per_child=per_process
    ) as pool:
        with _deaf_to_ctrl_c():
            futures = [pool.submit(job, *each) for each in arguments]
        try:
            yield futures
        except BaseException:
            # A pool that loses a process starts no other job, and its end waits for those it had.
            for process in set(active_children()) - others:
                process.terminate()
            raise


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Have threads and processes started in this context ignore Ctrl-C; the caller handles it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_tracker() -> None:
    """Start spawn's helper, which removes what an interrupt leaves, without its warning of that.

    It is started first: as it starts, it unblocks Ctrl-C.
    """
    name, quiet = "PYTHONWARNINGS", "ignore::UserWarning:multiprocessing.resource_tracker"
    before = os.environ.get(name)
    os.environ[name] = ",".join(filter(None, [before, quiet]))
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
