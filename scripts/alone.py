"""Run a command while no other holds a lock: `python scripts/alone.py FILE COMMAND ...`.

Two installations at once into one environment write the same files. Standard library alone, and no
package of this repository: it runs before there is an environment.
"""

import fcntl
import os
import sys

if __name__ == "__main__":
    lock = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR, 0o666)
    # The command inherits the lock, and its end, however it comes, releases it.
    os.set_inheritable(lock, True)
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.execvp(sys.argv[2], sys.argv[2:])
