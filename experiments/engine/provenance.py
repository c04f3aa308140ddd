"""The provenance of a result: versions, machine, commit."""

import os
import platform
import re
import resource
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("jax", "jaxlib", "optax", "numpy", "scipy", "matplotlib", "hydra-core")
CPU_INFO = Path("/proc/cpuinfo")
NOT_INSTALLED = "not installed"


@cache
def package_version(name: str) -> str:
    """Return a package's installed version without importing it."""
    try:
        return version(name)
    except PackageNotFoundError:
        return NOT_INSTALLED


def environment(root: Path) -> dict[str, Any]:
    """Return time, commit, interpreter and packages.

    Args:
        root: A folder of the repository, for the commit.
    """
    commit, is_changed = _commit(root)
    return {
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "git_sha": commit,
        "git_dirty": is_changed,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: package_version(name) for name in PACKAGES},
    }


def cpu_info(field: str) -> str:
    """Return a field of /proc/cpuinfo; empty on systems without that file."""
    try:
        match = re.search(rf"^{field}\s*: (.*)$", CPU_INFO.read_text(), re.MULTILINE)
    except OSError:
        return ""
    return match.group(1) if match else ""


def processor_name() -> str:
    """Return the processor's name."""
    return cpu_info("model name") or platform.processor() or platform.machine()


def cores() -> int:
    """Return the number of cores available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_memory_mb() -> float:
    """Return this process's peak memory so far, in MB."""
    status = Path("/proc/self/status")
    # This process alone; `getrusage` would include its parent's memory before the fork.
    if status.is_file() and (match := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(match[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KiB, macOS in bytes.
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


@cache
def _commit(root: Path) -> tuple[str | None, bool]:
    """Return the commit of a checkout, and whether files differ from it; None outside a repository.

    The first answer is kept: later edits do not affect this process.
    """
    command = ["git", "-C", str(root), "status", "--porcelain=v2", "--branch"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None, False
    # Git begins with "# branch.oid COMMIT"; a line for each changed file has no "#".
    lines = done.stdout.splitlines()
    return lines[0].rpartition(" ")[2], any(not line.startswith("#") for line in lines)
