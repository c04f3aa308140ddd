"""Installing the tools from a checkout leaves nothing beside the sources."""

import shutil
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).parents[1]


def test_a_build_leaves_no_folder_in_tools(tmp_path):
    """Its files go to the ignored `build/` of the checkout."""
    checkout = tmp_path / "checkout"
    ignore = shutil.ignore_patterns("*.egg-info", "build", "__pycache__", "tests", "docs")
    shutil.copytree(TOOLS, checkout / "tools", ignore=ignore)
    before = {path.name for path in (checkout / "tools").iterdir()}
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(tmp_path), "./tools"], cwd=checkout, check=True)
    assert list(tmp_path.glob("snn_tools-*.whl"))
    after = {path.name for path in (checkout / "tools").iterdir()}
    assert after - before <= {"snn_tools.egg-info"}
    assert (checkout / "build" / "tools").is_dir()
