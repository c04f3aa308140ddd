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

libraries: dict[str, str] = {}
"""Compiled libraries that this process has loaded: SHA-256 by name."""


def record_library(name: str, digest: str) -> None:
    """Have the hash of a compiled library recorded with the results that follow."""
    libraries[name] = digest


@cache
def package_version(name: str) -> str:
    """Return a package's installed version without importing it."""
    try:
        return version(name)
    except PackageNotFoundError:
        return NOT_INSTALLED


def environment(root: Path) -> dict[str, Any]:
    """Return time, commit, interpreter and packages, as seen from a folder of the repository."""
    return {
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "git_sha": _git(root, "rev-parse", "HEAD"),
        "git_dirty": _git(root, "status", "--porcelain") not in ("", None),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: package_version(name) for name in PACKAGES},
        "glibc_tunables": tunables(),
        "libraries": dict(libraries),
    }


def tunables() -> str:
    """Return the C library's settings in this process; `make` has it keep memory."""
    return os.environ.get("GLIBC_TUNABLES", "")


def cpu_info(field: str) -> str:
    """Return a field of Linux's description of the processor; empty elsewhere."""
    try:
        found = re.search(rf"^{field}\s*: (.*)$", CPU_INFO.read_text(), re.MULTILINE)
    except OSError:
        return ""
    return found.group(1) if found else ""


def processor_name() -> str:
    """Return the processor's name."""
    return cpu_info("model name") or platform.processor() or platform.machine()


def cores() -> int:
    """Return the number of cores that this process may use, or of all where unknown."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_memory_mb() -> float:
    """Return this process's peak memory so far, in MB."""
    status = Path("/proc/self/status")
    # What Linux says of the process itself; `getrusage` counts that of the parent, too.
    if status.is_file() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(found[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KiB, macOS in bytes.
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


@cache
def _git(root: Path, *arguments: str) -> str | None:
    """Return the output of a git command; None outside a repository.

    It is the output of the first call: what is edited later is not what this process imported.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
