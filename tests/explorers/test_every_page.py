"""Explorers, and each kind of page of the site: accessible, no wider than the window, and still."""

import itertools
import re

import pytest

from explorers import __main__ as explorers
from tests.explorers.opened import ROOT, WIDTHS, Explorer

EXPLORERS = explorers.names()
KINDS = {
    "start": "index",
    "figure": "docs/fig5",
    "tutorial": "docs/tutorial",
    "mathematics": "docs/estimators/expected",
    "table": "beyond/docs/which_gradient",
    "module": "api/snn.optim",
    "package": "api/snn",
    "source": "_modules/snn/optim",
    "explorers": "explorers",
    "figures": "docs/figures",
}
"""A page of each kind, by its place in the built site."""

WIDE = ("tools/docs/audit", "REPLICATION", "beyond/docs/true_gradient")
"""Pages of wide tables and long lines."""

LIMIT = 1.75e6
"""Bytes of a page with pictures, scripts and fonts."""

SHIFTS = """() => new Promise(done => {
    let total = 0;
    new PerformanceObserver(list => { for (const e of list.getEntries()) total += e.value; })
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(total), 150);
})"""


def is_accessible(page):
    """No finding of axe's is serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    actual = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [v for v in actual if v["impact"] in ("serious", "critical")]
    assert not serious, (page.url, [(v["id"], v["nodes"][0]["html"]) for v in serious])


def fits(page):
    """Nothing reaches beyond the window, and all formulas are drawn."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert page.locator(".katex-error").count() == 0, page.url


def weighs_little(page):
    """With all that it loads, which is from here alone."""
    loaded = page.evaluate(
        """["navigation", "resource"].flatMap(x => performance.getEntriesByType(x))
            .map(x => [x.name, x.encodedBodySize])"""
    )
    assert {re.match("[a-z]+://[^/]+|data", name)[0] for name, _ in loaded} <= {
        re.match("[a-z]+://[^/]+", page.url)[0],
        "data",
    }, page.url
    assert 0 < sum(size for _, size in loaded) < LIMIT, (page.url, loaded)


def at_both_widths(browser, address, *checks):
    """Run checks on a page at both widths, in the light scheme and in the dark one."""
    page = browser.new_page()
    for (width, height), scheme in itertools.product(WIDTHS.values(), ("light", "dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        assert page.goto(address).ok, address
        for check in checks:
            check(page)
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_is_accessible_and_holds_still(browser, site, name, width):
    opened = Explorer(browser, site, name, WIDTHS[width])
    page = opened.page
    if width == "narrow":  # A small phone shows one control, and all of them at a tap.
        form = page.locator(".panel form")
        assert form.evaluate("form => form.clientHeight < 0.2 * innerHeight"), page.url
        page.locator(".more > summary").click()
        assert form.evaluate("form => form.scrollHeight <= form.clientHeight"), page.url
    # Keyboard: the first control takes an arrow, and the page follows.
    before = page.evaluate("document.documentElement.dataset.drawn")
    page.locator("form input:is([type=range], :checked)").first.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "before => document.documentElement.dataset.drawn !== before", arg=before
    )
    assert page.evaluate(SHIFTS) < 0.01
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)  # Colours of buttons change gradually.
        is_accessible(page)
    fits(page)
    assert not opened.errors
    page.close()


def test_nothing_moves_on_a_slow_phone(browser, site):
    width, height = WIDTHS["narrow"]
    page = browser.new_page(viewport={"width": width, "height": height})
    cpu = page.context.new_cdp_session(page)
    cpu.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    moved = {}
    for name in EXPLORERS:
        page.goto(f"{site}/{name}.html")
        page.wait_for_function("document.documentElement.dataset.drawn")
        moved[name] = page.evaluate(SHIFTS)
    page.close()
    assert max(moved.values()) < 0.01, moved


def test_the_list_of_explorers_is_accessible_and_fits(browser, site):
    at_both_widths(browser, f"{site}/index.html", is_accessible, fits)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_each_kind_is_accessible_and_fits(browser, published, kind):
    at_both_widths(browser, f"{published}/{KINDS[kind]}.html", is_accessible, fits, weighs_little)


def nowhere(file):
    """Where a page links to without a file being there; Sphinx checks what it writes itself."""
    for target in re.findall(r"""(?:href|src)=["']([^"'#?]+)""", file.read_text()):
        if not re.match(r"\w+:|//", target):
            goal = file.parent / target
            if not (goal / "index.html" if goal.is_dir() else goal).is_file():
                yield target


@pytest.mark.parametrize("pages", ["explorers/*.html", "explorers.html", "**/fig*.html"])
def test_explorers_and_site_link_to_what_there_is(published, pages):
    files = [x for x in (ROOT / "site").glob(pages) if "_modules" not in x.parts]
    assert files and {x: actual for x in files if (actual := [*nowhere(x)])} == {}


@pytest.mark.parametrize("name", WIDE)
def test_a_wide_table_stays_in_its_box(browser, published, name):
    at_both_widths(browser, f"{published}/{name}.html", fits)
