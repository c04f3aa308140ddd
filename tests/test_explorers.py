"""The explorers of the companion page: what they show is what JAX and the goldens say.

Every page is opened in headless Chromium, every control is moved, and the numbers shown are
compared with `snn`, with the goldens, or with the committed numbers of a figure.
"""

import functools
import http.server
import importlib.util
import json
import shutil
import threading
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import Partial

import snn
from experiments.sigmoid_network import five_weights
from scripts import explorers

ROOT = Path(__file__).parents[1]
PAGES = ("one_neuron", "wrong_sign", "closed_loop")
WIDTHS = {"narrow": (390, 844), "wide": (1440, 900)}
EXACT = {"rel": 1e-6, "abs": 1e-9}

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
MISSING = [
    *(["a Chromium (apt-get install chromium)"] if CHROMIUM is None else []),
    *(
        f"the package {name.replace('_', '-')}"
        for name in ("playwright", "axe_playwright_python")
        if importlib.util.find_spec(name) is None
    ),
]
needs_browser = pytest.mark.skipif(
    bool(MISSING), reason=f"explorers are not tested: without {' and '.join(MISSING)}"
)
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The explorers as they are published, behind a file server."""
    folder = tmp_path_factory.mktemp("explorers")
    explorers.build(folder)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Silent, directory=folder)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


class Explorer:
    """A page, its controls and its numbers; any error in its console is one of the test."""

    def __init__(self, browser, site, name, size=WIDTHS["wide"]):
        self.errors = []
        self.page = browser.new_page(viewport=dict(zip(("width", "height"), size, strict=True)))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", lambda request: self.errors.append(request.url))
        self.moved = set()
        self.page.goto(f"{site}/{name}.html")
        self.page.wait_for_function("document.documentElement.dataset.drawn")

    def set(self, **values):
        """Moves sliders and chooses options, as input does, and waits for the drawing."""
        self.moved |= values.keys()
        self._after(
            """values => { for (const [id, value] of Object.entries(values)) {
                const control = document.getElementById(id);
                if (control.matches("fieldset")) {
                    control.querySelector(`[value="${value}"]`).click();
                } else {
                    control.value = value;
                    control.dispatchEvent(new Event("input", { bubbles: true }));
                }
            } }""",
            values,
        )

    def click(self, id):
        self.moved.add(id)
        self._after("id => document.getElementById(id).click()", id)

    def _after(self, action, argument):
        before = self.page.evaluate("document.documentElement.dataset.drawn")
        self.page.evaluate(action, argument)
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
        """Every control was moved, and nothing went wrong."""
        controls = self.page.evaluate(
            "[...document.querySelectorAll('[data-control], .buttons button')].map(c => c.id)"
        )
        assert set(controls) - {"reset", "around", "play"} == self.moved - {"reset"}
        assert not self.errors
        self.page.close()


@pytest.fixture
def explorer(browser, site):
    """Opens an explorer; closing checks that every control was moved."""
    opened = []

    def open_page(name):
        opened.append(Explorer(browser, site, name))
        return opened[-1]

    yield open_page
    for each in opened:
        each.close()


def golden(figure):
    quantities = json.loads((ROOT / f"tests/goldens/{figure}.json").read_text())["quantities"]
    return {name: quantity["value"] for name, quantity in quantities.items()}


# Without a browser ----------------------------------------------------------------------------


def test_modules_are_short():
    modules = list((explorers.PAGES / "js").glob("*.js"))
    assert modules
    assert {
        path.name: n for path in modules if (n := len(path.read_text().splitlines())) > 150
    } == {}


def test_pages_need_nothing_from_elsewhere():
    for path in explorers.PAGES.rglob("*.*"):
        assert "http" not in path.read_text().replace("http://www.w3.org", ""), path


# One neuron -----------------------------------------------------------------------------------


@needs_browser
def test_one_neuron(explorer):
    page = explorer("one_neuron")
    page.click("draw")  # seed 1
    page.set(u=0.93, beta=7.5, ratio=-0.25, curvature=0.7, target=0.4)
    u, beta, surrogate_beta, c, z = 0.93, 7.5, 7.5 * 10**-0.25, 0.7, 0.4
    xi = page.page.evaluate(
        """async () => {
            const { uniform } = await import("./js/maths.js");
            return Array.from({ length: 4000 }, (_, trial) => uniform(1, 41, trial));
        }"""
    )
    network = snn.MLP((1, 1), snn.escape.Sigmoid(beta), 1.0)
    surrogate = snn.Surrogate(snn.surrogate.Sigmoid(surrogate_beta))
    noise = snn.noise.Uniforms((jnp.array(xi)[:, None],))

    @jax.jit
    def reference(u):
        def of(estimator, loss):
            params = [{"w": jnp.zeros((1, 1)), "b": u[None]}]
            estimate = estimator(snn.Program(network, jnp.zeros(1), loss), params)
            return estimate.loss, estimate.grad[0]["b"][0]

        bent = Partial(lambda output: jnp.sum((1 - c) * output + c * (output - z) ** 2))
        spike, enumerated = snn.losses.Linear(), snn.ExactEnumeration()
        p, slope = of(enumerated, spike)
        return (
            p,
            slope,
            of(snn.Expected(surrogate), spike)[1],
            *(of(estimator, bent)[1] for estimator in (enumerated, snn.Expected(surrogate))),
        )

    @jax.jit
    def fired(u):
        def trial(xi):
            params = [{"w": jnp.zeros((1, 1)), "b": u[None]}]
            program = snn.Program(network, jnp.zeros(1), snn.losses.Linear())
            return program(params, xi, snn.Spike(snn.sample)).loss

        return jax.vmap(trial)(noise).mean()

    u = jnp.array(u)
    assert page.numbers("p", "slope", "surrogate", "exact", "expected") == pytest.approx(
        np.array(reference(u)), **EXACT
    )
    quotient = (fired(u + 0.02) - fired(u - 0.02)) / 0.04
    assert page.numbers("mean", "quotient") == pytest.approx(
        np.array([fired(u), quotient]), **EXACT
    )
    # The page's noise is uniform: the mean of trials lies within 5 standard errors of p.
    p = page.number("p")
    assert abs(page.number("mean") - p) < 5 * np.sqrt(p * (1 - p) / 4000)
    along = np.array(jax.vmap(reference)(jnp.linspace(0, 2, 401)))
    wrong = np.sign(along[3]) != np.sign(along[4])
    assert page.number("share") == pytest.approx(100 * wrong.mean())
    # Matched, and a linear loss: no difference is left.
    page.set(ratio=0, curvature=0)
    assert page.number("expected") == pytest.approx(page.number("exact"), rel=1e-12)
    assert page.number("share") == 0


# Wrong sign -----------------------------------------------------------------------------------


@needs_browser
def test_wrong_sign_of_the_differentiable_network(explorer):
    page, known = explorer("wrong_sign"), golden("fig4")
    page.set(w=-0.05)
    for beta in (15, 30):
        page.set(surrogate_beta=np.log10(beta))
        shown = page.numbers("true", "surrogate", "smoothed", "minimum", "believed")
        names = (
            "dy_dw_true",
            f"dy_dw_sg_{beta}",
            f"dy_dw_smoothed_{beta}",
            "minimum_of_output",
            f"minimum_of_integrated_sg_{beta}",
        )
        assert shown == pytest.approx([known[f"along_w.{name}"] for name in names], **EXACT)
        share = known[f"along_w.wrong_sign_fraction_{beta}"]
        assert page.number("share") == pytest.approx(100 * share)
    theta = jnp.array([0.03, -1.2, 0.7, 2.5, -0.4])
    page.set(beta=1, **dict(zip(("w", "v1", "v2", "u1", "u2"), theta.tolist(), strict=True)))
    estimator = snn.Surrogate(snn.surrogate.Sigmoid(30.0), forward=snn.mean)
    fields = (
        five_weights.field_of(snn.MeanField(), 10.0),
        five_weights.field_of(estimator, 10.0),
        five_weights.field_of(snn.MeanField(), 30.0),
    )
    expected = [float(field(theta)[0]) for field in fields]
    assert page.numbers("true", "surrogate", "smoothed") == pytest.approx(expected, **EXACT)
    page.set(network="stochastic")


@needs_browser
def test_wrong_sign_of_the_stochastic_network(explorer):
    page, known = explorer("wrong_sign"), golden("fig4")
    page.set(network="stochastic")
    expected = [known["stochastic.exact"], known["stochastic.expected_sg"]]
    assert page.numbers("true", "surrogate") == pytest.approx(expected, **EXACT)
    page.set(w=0.7, v1=-2.0, v2=1.5, u1=3.0, u2=-0.5, beta=0.5, surrogate_beta=0.3)
    theta, beta = np.array([0.7, -2.0, 1.5, 3.0, -0.5]), 10**0.5
    exact = five_weights.field_of(snn.ExactEnumeration(), beta)
    mean = snn.Expected(snn.Surrogate(snn.surrogate.Sigmoid(10**0.3)))
    surrogate = five_weights.field_of(mean, beta)
    expected = [float(field(jnp.array(theta))[0]) for field in (exact, surrogate)]
    assert page.numbers("true", "surrogate") == pytest.approx(expected, **EXACT)
    ws = np.linspace(-2, 2, 1001)
    thetas = jnp.column_stack([ws, jnp.tile(theta[1:], (1001, 1))])
    signs = [np.sign(jax.vmap(field)(thetas)[:, 0]) for field in (exact, surrogate)]
    assert page.number("share") == pytest.approx(100 * np.mean(signs[0] != signs[1]))


# Closed loop ----------------------------------------------------------------------------------


@needs_browser
def test_closed_loop(explorer):
    page, known = explorer("closed_loop"), golden("fig5")
    with np.load(ROOT / "figures/reference/fig5.npz") as reference:
        figure = dict(reference)
    for loop in ("second", "published"):
        page.set(loop=loop)
        for i, beta in enumerate((1, 5, 20)):
            page.set(surrogate_beta=beta, angle=200)
            left = known[f"{loop}.sg_loop_{beta}"]
            assert page.number("left") == pytest.approx(left, rel=1e-6)
            assert abs(page.number("own")) < 1e-9
            running = [figure[f"{loop}/{of}_running"][i, 200] for of in ("sg", "smoothed")]
            assert page.numbers("left_so_far", "own_so_far") == pytest.approx(running, **EXACT)
            assert page.number("output") == pytest.approx(figure[f"{loop}/output"][200], abs=1e-9)
    page.set(network="stochastic", surrogate_beta=5)
    assert page.number("left") == pytest.approx(known["stochastic.expected_sg_loop"], rel=1e-6)
    assert abs(page.number("own")) < 1e-9
    page.set(network="steps", radius=0.9, center1=0.4, center2=-0.7)
    base, (d1, d2) = figure["published/base"], figure["published/directions"]
    estimator = snn.Surrogate(snn.surrogate.Sigmoid(5.0), forward=snn.mean)
    integral = snn.fields.line_integral(
        five_weights.field_of(estimator, 1e4),
        snn.fields.circle(base + 0.4 * d1 - 0.7 * d2, d1, d2, 0.9),
        stop=2 * np.pi,
        at=np.linspace(0, 2 * np.pi, 61)[1:-1],
        tol=1e-8,
    )
    assert page.number("left") == pytest.approx(float(integral.value), abs=1e-6)


# Every page -----------------------------------------------------------------------------------

SHIFTS = """() => new Promise(done => {
    let total = 0;
    new PerformanceObserver(list => { for (const e of list.getEntries()) total += e.value; })
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(total), 150);
})"""


@needs_browser
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_and_holds_still(browser, site, width):
    from axe_playwright_python.sync_playwright import Axe

    for name in PAGES:
        opened = Explorer(browser, site, name, WIDTHS[width])
        page = opened.page
        # Keyboard: the first slider takes an arrow, and the page follows.
        slider = page.locator("input[type=range]").first
        before = slider.input_value()
        slider.focus()
        page.keyboard.press("ArrowLeft")
        assert slider.input_value() != before
        assert slider.get_attribute("aria-valuetext")
        assert page.evaluate(SHIFTS) < 0.01, name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert not serious, (name, [(v["id"], v["nodes"][0]["html"]) for v in serious])
        assert not opened.errors
        page.close()
