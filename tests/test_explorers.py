"""The explorers of the companion page: what they show is what JAX and the goldens say.

Every page is opened in headless Chromium, every control is moved, and the numbers shown are
compared with `snn`, with the goldens, or with the committed numbers of a figure.
"""

import base64
import functools
import http.server
import importlib.util
import itertools
import json
import re
import shutil
import threading
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
from jax.tree_util import Partial

import snn
from experiments.deep_networks.path_by_path import PathByPath, build
from experiments.estimators import Mixture, estimator
from experiments.sigmoid_network import five_weights
from experiments.surrogate_shapes import Box, Gaussian
from figures import style
from figures.looks import LOOKS
from scripts import explorers
from scripts.advice import HOW
from snn.estimators.score_function import LeaveOneOut

ROOT = Path(__file__).parents[1]
PAGES = ("one_neuron", "paths", "wrong_sign", "closed_loop", "atlas", "spike_timing")
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


class Site(NamedTuple):
    """Where the explorers are."""

    address: str
    folder: Path

    def __str__(self):
        return self.address


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
    yield Site(f"http://127.0.0.1:{server.server_port}", folder)
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


def test_every_page_links_to_all():
    pages = {path.name: path.read_text() for path in explorers.PAGES.glob("*.html")}
    linked = {
        name: re.findall(r'href="(.*?)"', re.search("<nav.*?</nav>", text)[0])
        for name, text in pages.items()
    }
    assert all(set(links) == {"../index.html", *pages} for links in linked.values())


def test_colours_are_those_of_the_figures():
    looks = explorers.looks()
    for name, color in {
        **style.MODES,
        "remark": style.REMARK,
        "surrogate": LOOKS["surrogate"].color,
        "exact": LOOKS["exact"].color,
    }.items():
        assert f"--{name}: {color};" in looks
    used = set()
    for path in explorers.PAGES.rglob("*.*"):
        used |= set(re.findall(r"var\(--([a-z-]+)\)", path.read_text()))
        assert not re.findall(
            "|".join(set(style.MODES.values()) | {style.REMARK}), path.read_text()
        )
    assert used - {"tint"} <= set(re.findall("--([a-z-]+):", looks))


def test_data_are_the_committed_numbers(site):
    folder = site.folder / "data"
    assert all(path.stat().st_size < 1e6 for path in folder.iterdir())
    with np.load(ROOT / "figures/reference/fig6.npz") as arrays:
        written = json.loads((folder / "spike_timing.json").read_text())
        bits = np.unpackbits(
            np.frombuffer(base64.b64decode(written["frames"]["stochastic"][-1]), np.uint8)
        )
        raster = arrays["stochastic/frames"][0, -1].T
        assert np.array_equal(bits[: raster.size].reshape(raster.shape), raster)
        along = written["curves"]["deterministic"]["l2"]["along"]
        assert np.array(along) == pytest.approx(arrays["deterministic/l2"].astype(float), rel=1e-4)


def test_every_line_of_code_makes_the_estimator_of_its_name():
    beta = 4.0
    known = {"snn": snn, "beta": beta, "LeaveOneOut": LeaveOneOut, "Gaussian": Gaussian, "Box": Box}
    for name, (code, _) in HOW.items():
        made, meant = (
            jax.tree.flatten(each) for each in (eval(code, known), estimator(name, beta=beta))
        )
        if name not in ("surrogate", "smoothed_right", "smoothed_left", "smoothed_two_sided"):
            assert made[1] == meant[1], name
            assert np.allclose(made[0], meant[0], rtol=1e-3), name


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
    # Dragging on a plot moves the slider: u = 1 is at the middle of the axis.
    box = page.page.locator("#loss").bounding_box()
    middle = box["x"] + 60 + (box["width"] - 72) / 2
    page.page.mouse.move(middle - 60, box["y"] + 50)
    page.page.mouse.down()
    page.page.mouse.move(middle, box["y"] + 80)
    page.page.mouse.up()
    assert float(page.page.locator("#u").input_value()) == pytest.approx(1, abs=0.011)
    # Matched, and a linear loss: no difference is left.
    page.set(ratio=0, curvature=0)
    assert page.number("expected") == pytest.approx(page.number("exact"), rel=1e-12)
    assert page.number("share") == 0


# Paths ----------------------------------------------------------------------------------------


@needs_browser
def test_paths(explorer):
    page = explorer("paths")
    weights, noise = page.page.evaluate(
        """async () => {
            const { WEIGHTS, noise } = await import("./js/path_network.js");
            return [WEIGHTS, Array.from({ length: 1000 }, (_, i) => [...noise(i + 1)])];
        }"""
    )
    program, params = build(PathByPath())
    for shown, layer in zip(weights, params, strict=True):
        assert np.array(shown) == pytest.approx(np.array(layer["w"]), rel=1e-12)
        assert not layer["b"].any()
    noise = jnp.array(noise)
    uniforms = snn.noise.Uniforms((noise[:, :3], noise[:, 3:5], noise[:, 5:]))
    couplings = {"right": (1.0, 0.0), "left": (0.0, 1.0), "two_sided": (0.5, 0.5)}

    def by_bias(estimate):
        return jnp.concatenate([layer["b"] for layer in estimate.grad], axis=-1)

    @jax.jit
    def per_trial(estimator):
        return by_bias(estimator.per_trial(program, params, uniforms, jax.random.key(0)))

    mean = jax.jit(lambda of, program: by_bias(of(program, params)))

    page.click("next")
    page.set(trial=1, trials=3)
    surrogate = per_trial(snn.Surrogate())
    oracles = [mean(of, program) for of in (snn.Expected(snn.Surrogate()), snn.ExactEnumeration())]
    for site in range(6):
        page.set(site=site)
        shown = page.numbers("surrogate", "surrogate_mean", "surrogate_all", "exact")
        trials = surrogate[:, site]
        wanted = np.array([trials[0], trials.mean(), *(oracle[site] for oracle in oracles)])
        assert shown == pytest.approx(wanted, **EXACT)
        # With the straight-through coupling, smoothed stochastic AD is the surrogate gradient.
        same = page.numbers("smoothed", "smoothed_mean", "smoothed_all")
        assert same == pytest.approx(shown[:3], rel=1e-12)
    page.set(site=1)
    for name, shares in couplings.items():
        page.set(coupling=name)
        smoothed = snn.SmoothedStochasticAD(Mixture(*shares))
        for of, each in (
            ("smoothed", smoothed),
            ("stochastic_ad", snn.StochasticAD(Mixture(*shares))),
        ):
            trials = per_trial(each)[:, 1]
            shown = page.numbers(of, f"{of}_mean")
            assert shown == pytest.approx(np.array([trials[0], trials.mean()]), **EXACT)
        wanted = float(mean(snn.Expected(smoothed), program)[1])
        assert page.number("smoothed_all") == pytest.approx(wanted, **EXACT)
        # One trial's term is the product of its parts.
        c, slope, difference = page.numbers("weight", "slope", "difference")
        assert page.number("stochastic_ad") == pytest.approx(c * slope * difference, **EXACT)
    assert page.number("slope") == pytest.approx(4 * page.number("p") * (1 - page.number("p")))
    assert page.number("chain") * page.number("slope") == pytest.approx(page.number("surrogate"))
    page.set(beta=9)
    steeper, _ = build(PathByPath(beta=9.0))
    wanted = float(mean(snn.ExactEnumeration(), steeper)[1])
    assert page.number("exact") == pytest.approx(wanted, **EXACT)


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


# Atlas ----------------------------------------------------------------------------------------


@needs_browser
def test_atlas(explorer):
    page = explorer("atlas")
    with np.load(ROOT / "figures/reference/fig8.npz") as arrays:
        panel = {n.partition("/")[2]: a for n, a in arrays.items() if n.startswith("regimes/")}
    names = list(map(str, panel["estimators"][0]))
    aligned = np.concatenate(list(panel["aligned"].astype(float)), axis=2)

    def rows():
        return page.page.evaluate(
            """() => [...document.querySelectorAll("#rows tr")].map(row => ({
                name: row.dataset.name,
                rival: row.textContent.includes("≈"),
                ...Object.fromEntries([...row.querySelectorAll("td[data-value]")]
                    .map(cell => [cell.dataset.statistic, Number(cell.dataset.value)])),
            }))"""
        )

    for cell, (depth, _, beta, _) in enumerate(panel["cells"][0].astype(int)):
        column = cell % 4
        budget = int(panel["budgets"][0, column])
        page.set(depth=int(depth), beta=int(beta), budget=budget, scope=("any", "layers")[cell % 2])
        page.set(by="median")
        shown = rows()
        best = panel["best"][cell % 2, cell, column]
        assert shown[0]["name"] == (names[best] if best >= 0 else "exact_enumeration")
        if best < 0:
            shown = shown[1:]
        wanted = {names[i] for i in np.flatnonzero(panel["rivals"][cell % 2, :, cell, column])}
        assert {row["name"] for row in shown if row["rival"]} == wanted
        for row in shown:
            at = names.index(row["name"]), cell, column
            if not np.isfinite(panel["alignment"][at]):
                assert "median" not in row
                continue
            found = [row[name] for name in ("median", "mean", "low", "worst")]
            pooled = [panel[name][at] for name in ("alignment", "p10_alignment", "min_alignment")]
            pooled.insert(1, aligned[at[0], cell, :, column].mean())
            assert found == pytest.approx(pooled, rel=1e-6, abs=1e-7)
        scores = [row.get("median", -2) for row in shown]
        assert scores == sorted(scores, reverse=True)
    page.set(by="worst")
    assert rows()[0]["worst"] == max(row.get("worst", -2) for row in rows())
    code = page.page.locator("#code")
    assert code.text_content() == HOW[rows()[0]["name"]][0]
    page.page.get_by_role("button", name="SG, matched").click()
    page.page.wait_for_function("document.getElementById('code').textContent == 'snn.Surrogate()'")


# Spike timing ---------------------------------------------------------------------------------


@needs_browser
def test_spike_timing(explorer):
    page = explorer("spike_timing")
    with np.load(ROOT / "figures/reference/fig6.npz") as arrays:
        figure = {name: array for name, array in arrays.items() if array.dtype.kind == "f"}

    def values(condition, name, epoch):
        if epoch in (0, 1500):
            found = figure[f"{condition}/{'last' if epoch else 'first'}_{name}"]
        else:
            found = figure[f"{condition}/{name}"][:, epoch // 5]
        return found.astype(float)

    compared = {
        "deterministic": ("deterministic", "deterministic_frozen"),
        "stochastic": ("stochastic", "stochastic_frozen"),
        "slower": ("deterministic", "deterministic_frozen_slow"),
    }
    for measure, epoch in itertools.product(("l2", "van_rossum"), (0, 600, 1500)):
        page.set(measure=measure, epoch=epoch)
        for name, conditions in compared.items():
            both = [values(condition, measure, epoch) for condition in conditions]
            rate = np.median(values(conditions[0], "rate_hidden", epoch))
            logs = np.log(both[0] / both[1])
            half = scipy.stats.t.ppf(0.975, 4) * logs.std(ddof=1) / np.sqrt(5)
            ratio = np.exp(logs.mean() + np.array([0, -half, half]))
            ids = ("trained", "frozen", "rate", "ratio", "low", "high")
            shown = page.numbers(*(f"{name}_{id}" for id in ids))
            assert shown == pytest.approx([*map(np.median, both), rate, *ratio], rel=1e-3)
        fano = np.median(values("stochastic", "fano_output", epoch))
        assert page.number("fano") == pytest.approx(fano, rel=1e-3)
    # The raster is the last one recorded before the epoch: as many pixels as spikes.
    page.set(epoch=600)
    assert page.page.locator("#stochastic_epoch").text_content() == "epoch 425"
    ink = page.page.evaluate(
        """() => document.getElementById("stochastic").getContext("2d")
            .getImageData(0, 0, 189, 200).data.filter((v, i) => i % 4 == 2 && v < 255).length"""
    )
    with np.load(ROOT / "figures/reference/fig6.npz") as arrays:
        assert ink == arrays["stochastic/frames"][0, 3].sum()


@needs_browser
def test_reduced_motion_jumps(browser, site):
    page = browser.new_page(reduced_motion="reduce")
    page.goto(f"{site}/closed_loop.html")
    page.wait_for_function("document.documentElement.dataset.drawn")
    page.evaluate("document.getElementById('angle').value = 0")
    page.click("#around")
    assert page.locator("#angle").input_value() == "360"
    page.close()


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
        # Keyboard: the first control takes an arrow, and the page follows.
        before = page.evaluate("document.documentElement.dataset.drawn")
        page.locator("form input").first.focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(
            "before => document.documentElement.dataset.drawn !== before", arg=before
        )
        assert page.evaluate(SHIFTS) < 0.01, name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert not opened.errors
        if width == "wide":  # the same elements, in another order
            page.close()
            continue
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert not serious, (name, [(v["id"], v["nodes"][0]["html"]) for v in serious])
        page.close()
