"""The tutorial as an executed notebook: python -m scripts.site.notebook FOLDER.

docs/tutorial.md is the notebook: its Python blocks are the cells. Outputs that the page shows are
left out, the cells print and draw them. FOLDER gets tutorial.ipynb and the pictures, which are
tutorial/1.png and so on; `python -m scripts.site.notebook docs` renews those that are committed.
"""

import base64
import re
import sys
from pathlib import Path

import jupytext
from nbclient import NotebookClient

from scripts.site.links import ROOT

PAGE = ROOT / "docs" / "tutorial.md"
SHOWN = re.compile(r"^```text\n.*?^```\n|^!\[[^\]]*\]\(tutorial/\d+\.png\)\n", re.M | re.S)


def executed() -> tuple[str, list[bytes]]:
    """The notebook as JSON, and its pictures in order.

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell fails.
    """
    notebook = jupytext.reads(SHOWN.sub("", PAGE.read_text()), fmt="md")
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": ROOT}})
    client.create_kernel_manager().transport = "ipc"  # files, not ports of the machine
    client.execute()
    outputs = [x for cell in notebook.cells for x in cell.get("outputs", [])]
    pictures = [x["data"]["image/png"] for x in outputs if "image/png" in x.get("data", {})]
    return jupytext.writes(notebook, fmt="ipynb"), [base64.b64decode(x) for x in pictures]


def main(arguments: list[str]) -> int:
    """Writes the notebook and its pictures."""
    folder = Path(arguments[0])
    notebook, pictures = executed()
    expected = len(re.findall(r"\(tutorial/\d+\.png\)", PAGE.read_text()))
    if len(pictures) != expected:
        print(f"error: {PAGE.name} shows {expected} pictures, its cells draw {len(pictures)}")
        return 1
    (folder / "tutorial").mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures, 1):
        (folder / "tutorial" / f"{number}.png").write_bytes(picture)
    if folder.resolve() != PAGE.parent:
        (folder / "tutorial.ipynb").write_text(notebook)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
