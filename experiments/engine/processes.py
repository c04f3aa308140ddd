"""New processes, which inherit no memory and end with the process that started them."""

import os
import signal
import time
from threading import Thread

from joblib.externals.loky import ProcessPoolExecutor


def new_processes(n: int) -> ProcessPoolExecutor:
    """Return a pool of n processes that end with this one, even if it is killed."""
    return ProcessPoolExecutor(n, initializer=_begin, initargs=(os.getpid(),))


def _begin(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
