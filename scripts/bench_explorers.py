"""Time until a control has moved the picture of each explorer, from the start of loading.

python -m scripts.bench_explorers [RUNS]

Needs Chromium, and what `make site` installs. A fresh page for each run, by default five: their
median and the slowest. The control is moved by script, as soon as the page has drawn itself.
"""

import functools
import http.server
import shutil
import statistics
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from experiments.engine.provenance import cores, processor_name
from scripts import explorers

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


class Silent(http.server.SimpleHTTPRequestHandler):
    """A file server that says nothing."""

    def log_message(self, *args: object) -> None:
        """Nothing."""


def main(arguments: list[str]) -> int:
    """Prints one line for each explorer."""
    runs = int(arguments[0]) if arguments else 5
    print(f"{processor_name()}, {cores()} cores")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        explorers.build(Path(folder))
        handler = functools.partial(Silent, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name in sorted(path.stem for path in explorers.PAGES.glob("*.html")):
            if name == "index":
                continue
            took = []
            for _ in range(runs):
                page = browser.new_page()
                page.add_init_script(FIRST_INTERACTION)
                page.goto(f"http://127.0.0.1:{server.server_port}/{name}.html")
                page.wait_for_function("window.followed")
                took.append(page.evaluate("window.followed") / 1000)
                page.close()
            print(f"{name}: {statistics.median(took):.2f} s, slowest {max(took):.2f} s", flush=True)
        browser.close()
        server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
