"""An explorer, opened in a browser: its controls, its numbers, its errors."""

import functools
import http.server
import json
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
"""The browser in which tests open them; None if there is none."""
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
WIDTHS = {"narrow": (375, 667), "wide": (1440, 900)}
EXACT = {"rel": 1e-6, "abs": 1e-9}


@functools.cache
def chromium():
    """Start the one browser of this process: Playwright refuses a second beside it."""
    from playwright.sync_api import sync_playwright

    playwright = sync_playwright().start()
    return playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)


@contextmanager
def served(folder):
    """Serve a folder on this machine, and give the address."""
    handler = functools.partial(_Silent, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Explorer:
    """A page, its controls and its numbers; any error in its console is one of the test."""

    def __init__(self, browser, site, name, size=WIDTHS["wide"]):
        self.errors = []
        self.page = browser.new_page(viewport=dict(zip(("width", "height"), size, strict=True)))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", lambda request: self.errors.append(request.url))
        self.address = f"{site}/{name}.html"
        self.open()

    def open(self):
        """Open the page, again if it is open."""
        self.page.goto(self.address)
        self.page.wait_for_function("document.documentElement.dataset.drawn")

    def set(self, **values):
        """Move sliders and choose options, as input does, and wait for the drawing."""
        self.after(
            self.page.evaluate,
            """values => {
                for (const [id, value] of Object.entries(values)) {
                    const control = document.getElementById(id);
                    if (control.matches("fieldset")) {
                        control.querySelector(`[value="${value}"]`).click();
                    } else {
                        control.value = value;
                    }
                }
                document.dispatchEvent(new Event("input"));
            }""",
            values,
        )

    def click(self, id):
        self.after(self.page.locator(f"#{id}").click)

    def after(self, action, *arguments):
        """Act, and wait for the drawing."""
        before = self.page.evaluate("document.documentElement.dataset.drawn")
        action(*arguments)
        self.page.wait_for_function(
            "before => document.documentElement.dataset.drawn !== before", arg=before
        )

    def number(self, id):
        """The number shown, at full precision; its text is the same number, rounded."""
        text, value = self.page.evaluate(
            "id => (({ textContent, dataset }) => [textContent, dataset.value])"
            "(document.getElementById(id))",
            id,
        )
        value = float(value)
        shown = text.replace("−", "-").split(" × 10")
        if len(shown) == 1:
            places = len(text.partition(".")[2])
            assert float(shown[0]) == pytest.approx(value, abs=0.50001 * 10.0**-places)
        else:
            power = int(shown[1].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")))
            assert float(shown[0]) * 10.0**power == pytest.approx(value, rel=0.06)
        return value

    def numbers(self, *ids):
        return np.array([self.number(id) for id in ids])

    def close(self):
        """Nothing went wrong."""
        assert not self.errors
        self.page.close()


def golden(figure):
    quantities = json.loads((ROOT / f"tests/goldens/{figure}.json").read_text())["quantities"]
    return {name: quantity["value"] for name, quantity in quantities.items()}
