"""Run the Python blocks of docs/tutorial.md, and write the pictures that the page shows."""

import argparse
import re
from collections.abc import Sequence

import matplotlib.pyplot as plt

from experiments.engine.config import Project
from experiments.engine.errors import UserError, run_command

PAGE = Project().root / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```python\n(.*?)^```\n|^!\[[^\]]*\]\((tutorial/\d+\.png)\)\n", re.M | re.S)


def main(arguments: Sequence[str]) -> None:
    """Run the page from top to bottom; a picture shows the figure of the block before it.

    Raises:
        UserError: If the page shows a picture after a block that draws none.
    """
    parser = argparse.ArgumentParser("python -m scripts.tutorial", description=__doc__)
    parser.parse_args(arguments)
    plt.switch_backend("agg")
    namespace: dict[str, object] = {"__name__": "__tutorial__"}
    for code, picture in BLOCK.findall(PAGE.read_text()):
        if not picture:
            exec(compile(code, PAGE.name, "exec"), namespace)
            continue
        if not plt.get_fignums():
            what = f"{PAGE.name} shows a picture that it does not draw"
            raise UserError(what, picture, "a block that draws it, before it", "change the page")
        path = PAGE.with_name("tutorial") / picture.rpartition("/")[2]
        plt.savefig(path, dpi=150)
        plt.close("all")
        print(path)


if __name__ == "__main__":
    run_command(main)
