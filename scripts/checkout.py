"""Let an environment find this checkout, and its metadata: `python scripts/checkout.py`.

In place of `pip install -e .`, which writes the checkout's path in full and in the locale's
encoding: with a letter outside ASCII it fails under LC_ALL=C, or Python 3.11 never starts there.
Standard library alone, and no package of this repository: none can be imported yet.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path


def line(checkout: str, packages: str) -> str:
    """Return what names a folder to Python as it starts: in ASCII, whatever the locale."""
    path = os.path.relpath(checkout, packages)
    # Editors and type checkers read a path; Python runs an import, too.
    return path if path.isascii() else f"import sys; sys.path.append({checkout!a})"


if __name__ == "__main__":
    root, packages = Path(__file__).resolve().parents[1], sysconfig.get_path("purelib")
    # The core, and the tools where they are.
    folders = [str(x.parent) for x in (root / "pyproject.toml", *root.glob("tools/pyproject.toml"))]
    lines = [line(folder, packages) + "\n" for folder in folders]
    Path(packages, "checkout.pth").write_text("".join(lines), encoding="ascii")
    # -P: this folder's wheel.py is not the package of that name. -W: of [tool.distutils].
    setuptools = [sys.executable, "-P", "-W", "ignore", "-c", "import setuptools as s; s.setup()"]
    for folder in folders:
        metadata = [*setuptools, "--quiet", "egg_info", "--egg-base", packages]
        subprocess.run(metadata, cwd=folder, check=True)
