"""A worker process of a generation: run the jobs read from stdin, and print a line after each.

The process that generates a corpus counts the lines. If that process has ended, even by SIGKILL,
nobody reads the pipe any more: the next line ends the worker, at most one job later.
"""

import pickle
import signal
import sys


def main() -> None:
    """Run one function for each tuple of arguments."""
    job, share = pickle.load(sys.stdin.buffer)
    for arguments in share:
        job(*arguments)
        sys.stdout.write("\n")
        sys.stdout.flush()


if __name__ == "__main__":
    # The system's actions end the process without a traceback; Python has actions of its own.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    main()
