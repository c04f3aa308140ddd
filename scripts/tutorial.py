"""Run the Python blocks of docs/tutorial.md, and write the pictures that the page shows.

A picture shows the figure of the block before it.
"""

import re
from pathlib import Path

import matplotlib.pyplot as plt

PAGE = Path(__file__).parents[1] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```python\n(.*?)^```\n|^!\[[^\]]*\]\((tutorial/\d+\.png)\)\n", re.M | re.S)

if __name__ == "__main__":
    plt.switch_backend("agg")
    namespace: dict[str, object] = {"__name__": "__tutorial__"}
    for code, picture in BLOCK.findall(PAGE.read_text()):
        if picture:
            plt.savefig(PAGE.parent / picture, dpi=150)
            plt.close("all")
            print(PAGE.parent / picture)
        else:
            exec(compile(code, PAGE.name, "exec"), namespace)
