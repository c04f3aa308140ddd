"""Time until a control has moved the picture of each explorer, from the start of loading.

Needs Chromium, and what `make site` installs. A fresh page for each run: their median
and the slowest. The control is moved by script, as soon as the page has drawn itself.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.engine.errors import run_command
from experiments.engine.provenance import cores, processor_name
from scripts import explorers

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Moves the first control when the page has drawn itself, and takes the time of the next drawing.
FIRST_INTERACTION = """new MutationObserver(() => {
    const drawn = document.documentElement.dataset.drawn;
    const control = document.querySelector("form input:not(:checked)");
    if (drawn == 1 && control) {
        if (control.type == "radio") control.checked = true;
        else control.stepDown();
        control.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (drawn > 1) window.followed ??= performance.now();
}).observe(document, { attributes: true, attributeFilter: ["data-drawn"], subtree: true })"""


def main(arguments: Sequence[str]) -> None:
    """Print one line for each explorer."""
    parser = argparse.ArgumentParser("python -m scripts.bench_explorers", description=__doc__)
    parser.add_argument("runs", type=int, nargs="?", default=5, help="5 by default")
    runs = parser.parse_args(arguments).runs
    from playwright.sync_api import sync_playwright

    print(f"{processor_name()}, {cores()} cores")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        explorers.build(Path(folder))
        browser = playwright.chromium.launch(
            executable_path=explorers.CHROMIUM, args=explorers.SWITCHES
        )
        with explorers.served(Path(folder)) as address:
            for name in explorers.names():
                took = [first_interaction(browser, f"{address}/{name}.html") for _ in range(runs)]
                median, slowest = statistics.median(took), max(took)
                print(f"{name}: {median:.2f} s, slowest {slowest:.2f} s", flush=True)
        browser.close()


def first_interaction(browser: "Browser", address: str) -> float:
    """Return seconds from the start of loading, in a fresh page."""
    page = browser.new_page()
    page.add_init_script(FIRST_INTERACTION)
    page.goto(address)
    page.wait_for_function("window.followed")
    took = page.evaluate("window.followed") / 1000
    page.close()
    return took


if __name__ == "__main__":
    run_command(main)
