"""Let an environment find this checkout and its metadata: `python scripts/checkout.py`.

This script replaces `pip install -e .`, which writes the full path of the checkout in the encoding
of the locale. If the path has a letter outside ASCII, `pip install -e .` fails under LC_ALL=C, also
with PYTHONUTF8=1, or Python 3.11 never starts in that environment. Only the standard library is
imported, because no package of this repository can be imported yet.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path


def line(checkout: str, packages: str) -> str:
    """Return the line of a .pth file that adds a folder to the path of Python.

    The line is ASCII, whatever the locale is.
    """
    path = os.path.relpath(checkout, packages)
    # Editors and type checkers understand only a path; Python also executes an import.
    return path if path.isascii() else f"import sys; sys.path.append({checkout!a})"


if __name__ == "__main__":
    root, packages = Path(__file__).resolve().parents[1], sysconfig.get_path("purelib")
    # The core, and the tools if this checkout contains them.
    folders = [str(x.parent) for x in (root / "pyproject.toml", *root.glob("tools/pyproject.toml"))]
    lines = [line(folder, packages) + "\n" for folder in folders]
    Path(packages, "checkout.pth").write_text("".join(lines), encoding="ascii")
    # -P: do not import this folder's wheel.py in place of the package wheel.
    # -W ignore: hide the warning about [tool.distutils].
    setuptools = [sys.executable, "-P", "-W", "ignore", "-c", "import setuptools as s; s.setup()"]
    for folder in folders:
        metadata = [*setuptools, "--quiet", "egg_info", "--egg-base", packages]
        subprocess.run(metadata, cwd=folder, check=True)
