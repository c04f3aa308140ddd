"""The end of a worker process whose parent has ended."""

import ctypes
import os
import signal
import sys
from multiprocessing import parent_process

PR_SET_PDEATHSIG = 1
"""Number of the option of `prctl`, in Linux's <sys/prctl.h>."""


def end_with_parent() -> None:
    """Let the system end this worker by SIGTERM when its parent process ends, even by SIGKILL.

    Only Linux can do so. On other systems a worker ends after its current work. A process that is
    not a worker, as of a user's command, is left alone.
    """
    parent = parent_process()
    if sys.platform == "linux" and parent is not None:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have ended before.
        if os.getppid() != parent.pid:
            os.kill(os.getpid(), signal.SIGTERM)
