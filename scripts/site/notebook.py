"""Write the tutorial as a notebook.

The Python blocks of docs/tutorial.md are the cells of the notebook. The outputs that the page shows
are left out: the cells must print the same text, and draw as many pictures. The command writes
tutorial.ipynb and the pictures, tutorial/1.png and so on, to the folder. The files in docs are
committed. The notebook in docs has no outputs, since services execute it. If pyproject.toml has the
address of the repository, the first cell fetches the repository where a service does not have it.
"""

import argparse
import base64
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from experiments.engine.errors import UserError, run_command
from scripts.site.links import REPOSITORY, ROOT

PAGE = ROOT / "docs" / "tutorial.md"
FETCH = f"""# Outside a checkout: fetch it, and install what it needs.
import importlib.util
import subprocess
import sys
from pathlib import Path

REPOSITORY = "{REPOSITORY}"
if not importlib.util.find_spec("figures"):
    here = Path("snn-surrogate")
    root = Path("..") if Path("../snn").is_dir() else here
    if not root.is_dir():
        subprocess.run(["git", "clone", "--depth", "1", REPOSITORY, str(here)], check=True)
        install = [sys.executable, "-m", "pip", "install", "--quiet", f"./{{here}}[optim]"]
        subprocess.run(install, check=True)
    sys.path.insert(0, str(root))
"""
OUTPUTS = re.compile(r"^```text\n.*?^```\n|^!\[[^\]]*\]\(tutorial/\d+\.png\)\n", re.M | re.S)


def executed() -> tuple[str, str, list[bytes]]:
    """Return the notebook as JSON, the printed text, and the pictures in order.

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell fails.
    """
    import jupytext
    from nbclient import NotebookClient

    notebook = _unexecuted()
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": ROOT}})
    client.create_kernel_manager().transport = "ipc"  # files, not ports of the machine
    # In the main thread, nbclient would replace the signal handlers of the command.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(client.execute).result()
    outputs = [x for cell in notebook.cells for x in cell.get("outputs", [])]
    printed = "".join(x["text"] for x in outputs if x.get("name") == "stdout")
    pictures = [x["data"]["image/png"] for x in outputs if "image/png" in x.get("data", {})]
    return jupytext.writes(notebook, fmt="ipynb"), printed, [*map(base64.b64decode, pictures)]


def _unexecuted() -> Any:
    """Return the notebook as an object of nbformat, without outputs."""
    import jupytext
    from nbformat.v4 import new_code_cell

    notebook = jupytext.reads(OUTPUTS.sub("", PAGE.read_text()), fmt="md")
    if REPOSITORY:
        notebook.cells.insert(1, new_code_cell(FETCH.strip()))
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # nbformat would choose random identifiers
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = {"kernelspec": kernel}
    return notebook


def write(folder: Path) -> None:
    """Write the notebook and its pictures.

    Raises:
        UserError: If the text or the number of pictures differs from the page.
    """
    import jupytext

    notebook, printed, pictures = executed()
    page = PAGE.read_text()
    shown = "".join(re.findall(r"^```text\n(.*?)^```\n", page, re.M | re.S))
    if printed != shown:
        raise UserError(f"{PAGE.name} shows other numbers", printed, shown, "change the page")
    expected = len(re.findall(r"\(tutorial/\d+\.png\)", page))
    if len(pictures) != expected:
        what, got = f"{PAGE.name} shows {expected} pictures", f"its cells draw {len(pictures)}"
        raise UserError(what, got, "as many as it shows", "change the page, or its links")
    (folder / "tutorial").mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures, 1):
        (folder / "tutorial" / f"{number}.png").write_bytes(picture)
    if folder.resolve() == PAGE.parent:
        notebook = jupytext.writes(_unexecuted(), fmt="ipynb")
    (folder / "tutorial.ipynb").write_text(notebook)


def main(arguments: Sequence[str]) -> None:
    """Execute the notebook, and write it."""
    parser = argparse.ArgumentParser("python -m scripts.site.notebook", description=__doc__)
    parser.add_argument("folder", type=Path, help="such as docs")
    write(parser.parse_args(arguments).folder)


if __name__ == "__main__":
    run_command(main)
