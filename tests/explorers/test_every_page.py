"""Explorers, and each kind of page of the site: accessible, no wider than the window, and still."""

import pytest

from scripts import explorers
from tests.explorers.opened import WIDTHS, Explorer

EXPLORERS = explorers.names()
KINDS = {
    "start": "index",
    "figure": "figures/fig5",
    "tutorial": "tutorial",
    "mathematics": "estimators/expected",
    "table": "which_gradient",
    "module": "api/snn.optim",
    "runs": "runs",
}
"""A page of each kind, by its place in the built site."""

WIDE = ("arrays", "audit", "replication", "true_gradient")
"""Pages of wide tables and long lines."""

SHIFTS = """() => new Promise(done => {
    let total = 0;
    new PerformanceObserver(list => { for (const e of list.getEntries()) total += e.value; })
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(total), 150);
})"""


def is_accessible(page):
    """No finding of axe's is serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert not serious, (page.url, [(v["id"], v["nodes"][0]["html"]) for v in serious])


def fits(page):
    """Nothing reaches beyond the window, and all formulas are drawn."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert page.locator(".katex-error").count() == 0, page.url


def at_both_widths(browser, address, *checks):
    page = browser.new_page()
    for width, height in WIDTHS.values():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        for check in checks:
            check(page)
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_is_accessible_and_holds_still(browser, site, name, width):
    opened = Explorer(browser, site, name, WIDTHS[width])
    page = opened.page
    # Keyboard: the first control takes an arrow, and the page follows.
    before = page.evaluate("document.documentElement.dataset.drawn")
    page.locator("form input").first.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "before => document.documentElement.dataset.drawn !== before", arg=before
    )
    assert page.evaluate(SHIFTS) < 0.01
    is_accessible(page)
    fits(page)
    assert not opened.errors
    page.close()


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_small_phone_shows_all_controls(browser, site, name):
    page = browser.new_page(viewport={"width": 375, "height": 667})
    page.goto(f"{site}/{name}.html")
    form = page.locator(".panel form")
    assert form.evaluate("form => form.scrollHeight <= form.clientHeight"), page.url
    page.close()


def test_the_list_of_explorers_is_accessible_and_fits(browser, site):
    at_both_widths(browser, f"{site}/index.html", is_accessible, fits)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_each_kind_is_accessible_and_fits(browser, published, kind):
    at_both_widths(browser, f"{published}/{KINDS[kind]}.html", is_accessible, fits)


@pytest.mark.parametrize("name", WIDE)
def test_a_wide_table_stays_in_its_box(browser, published, name):
    at_both_widths(browser, f"{published}/{name}.html", fits)
