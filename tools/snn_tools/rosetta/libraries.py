"""Spike functions of this package and of other libraries, in JAX and in PyTorch."""

from math import exp, pi, sqrt

from snn_tools.rosetta.entry import ONE, Entry, Library, Power

P: Power = (1.0, 1.0)
PER_P: Power = (1.0, -1.0)
HALF: Power = (0.5, 1.0)
QUARTER: Power = (0.25, 1.0)
HALF_PI: Power = (pi / 2, 1.0)
ROOT_2: Power = (sqrt(2), 1.0)
PER_ROOT_PI: Power = (1 / sqrt(pi), 1.0)
NORMAL: Power = (1 / sqrt(2 * pi), -1.0)
# Multi-Gaussian with h = 0.15 and s = 6.
MULTI: Power = ((1.15 - 0.05 * exp(-1 / 72)) / sqrt(2 * pi), -1.0)
HALF_NORMAL: Power = (NORMAL[0] / 2, -1.0)
HALF_MULTI: Power = (MULTI[0] / 2, -1.0)


def own() -> tuple[Entry, ...]:
    """Return the entries of this package; no other entries of the table need JAX."""
    from snn.shapes import SHAPES

    return tuple(
        Entry(name, *shape.parameter, shape.form, shape.slope, shape.peak)
        for name, shape in SHAPES.items()
    )


SPYX = (
    Entry("tanh", "k", 1, "sigmoid", (2.0, 1.0)),
    Entry("boxcar", "width", 2, "box", (2.0, -1.0), (0.5, 0.0), "height", 0.5),
    Entry("triangular", "k", 2, "triangle", P),
    Entry("arctan", "k", 2, "arctan", (pi, 1.0), (1 / pi, 0.0)),
    Entry("superspike", "k", 25, "superspike", P),
)

SNNAX = (
    Entry(
        "superspike_surrogate", "beta", 10, "inverse", P,
        documented=("superspike", P, ONE),
        note="snnax.superspike_surrogate (0.0.1) is 1 / (1 + beta |v|), without the square",
    ),
    Entry("piecewise_surrogate", "beta", 0.5, "box", PER_P),
)  # fmt: skip

SLAX = (
    Entry("fast_sigmoid", "slope", 25, "superspike", P),
    Entry("atan", "alpha", 2, "arctan", HALF_PI, HALF),
    Entry("multi_gauss", "lens", 0.3, "multigaussian", PER_P, HALF_MULTI, "gamma", 0.5),
)

JAXPIKE = (
    Entry("FastSigmoid", "slope", 25, "superspike", P),
    Entry("ATan", "alpha", 2, "arctan", HALF_PI, HALF),
    Entry("Triangular", "width", 1, "triangle", PER_P, PER_P),
    Entry("Boxcar", "width", 1, "box", (2.0, -1.0), PER_P),
)

BRAINTOOLS = (
    Entry("Sigmoid", "alpha", 4, "sigmoid", P, QUARTER),
    Entry("PiecewiseQuadratic", "alpha", 1, "triangle", P, P),
    Entry("PiecewiseExp", "alpha", 1, "exponential", P, HALF),
    Entry("SoftSign", "alpha", 1, "superspike", P, HALF),
    Entry("Arctan", "alpha", 1, "arctan", HALF_PI, HALF),
    Entry("NonzeroSignLog", "alpha", 1, "inverse", P, P),
    Entry("ERF", "alpha", 1, "gaussian", ROOT_2, PER_ROOT_PI),
    Entry(
        "PiecewiseLeakyRelu", "w", 1, "box", PER_P, (0.5, -1.0),
        call="PiecewiseLeakyRelu(w={p}, c=0.0)",
        documented=("box", PER_P, PER_P),
        note="braintools.PiecewiseLeakyRelu: 1 / (2 w) within w; its documentation says 1 / w. "
        "Outside it is c, by default 0.01",
    ),
    Entry(
        "SquarewaveFourierSeries", "t_period", 8, "cosines", (2 * pi, -1.0), (8.0, -1.0),
        call="SquarewaveFourierSeries(n=2, t_period={p})",
    ),
    Entry("S2NN", "", None, "s2nn", call="S2NN(alpha=4.0, beta=1.0)"),
    Entry("QPseudoSpike", "", None, "superspike", (2 / 3, 0.0), call="QPseudoSpike(alpha=2.0)"),
    Entry("LeakyRelu", "", None, "leaky", call="LeakyRelu(alpha=0.1, beta=1.0)"),
    Entry("LogTailedRelu", "", None, "log_tail", call="LogTailedRelu(alpha=0.0)"),
    Entry(
        "ReluGrad", "alpha", 0.3, "triangle", ONE, P,
        note="braintools.ReluGrad: alpha is the height; the width is another parameter, 1",
    ),
    Entry("GaussianGrad", "sigma", 0.5, "gaussian", PER_P, HALF_NORMAL, "alpha", 0.5),
    Entry("MultiGaussianGrad", "sigma", 0.5, "multigaussian", PER_P, HALF_MULTI, "scale", 0.5),
    Entry("InvSquareGrad", "alpha", 100, "superspike", P),
    Entry("SlayerGrad", "alpha", 1, "exponential", P),
)  # fmt: skip

SNNTORCH = (
    Entry("straight_through_estimator", "", None, "constant"),
    Entry("fast_sigmoid", "slope", 25, "superspike", P),
    Entry(
        "atan", "alpha", 2, "arctan", HALF_PI, HALF,
        documented=("arctan", HALF_PI, (1 / pi, 0.0)),
        note="snntorch.atan: the peak is alpha / 2; its documentation says 1 / pi",
    ),
    Entry("heaviside", "", None, "relu"),
    Entry(
        "sigmoid", "slope", 25, "sigmoid", P, QUARTER,
        note="snntorch.sigmoid: NaN in float32 where slope * v < -88",
    ),
    Entry(
        "triangular", "threshold", 1, "sign", ONE, P,
        note="snntorch.triangular: +threshold below and -threshold above, not a triangle",
    ),
)  # fmt: skip

SPIKINGJELLY = (
    Entry("PiecewiseQuadratic", "alpha", 1, "triangle", P, P),
    Entry("PiecewiseExp", "alpha", 1, "exponential", P, HALF),
    Entry("Sigmoid", "alpha", 4, "sigmoid", P, QUARTER),
    Entry("SoftSign", "alpha", 2, "superspike", P, HALF),
    Entry(
        "SuperSpike", "alpha", 1, "superspike", ONE, P,
        note="spikingjelly.SuperSpike: alpha is the height, the width is fixed",
    ),
    Entry("ATan", "alpha", 2, "arctan", HALF_PI, HALF),
    Entry("NonzeroSignLogAbs", "alpha", 1, "inverse", P, P),
    Entry("Erf", "alpha", 2, "gaussian", ROOT_2, PER_ROOT_PI),
    Entry(
        "PiecewiseLeakyReLU", "w", 1, "box", PER_P, (0.5, -1.0),
        call="PiecewiseLeakyReLU(w={p}, c=0.0)",
        note="spikingjelly.PiecewiseLeakyReLU: c outside w, by default 0.01",
    ),
    Entry(
        "SquarewaveFourierSeries", "T_period", 8, "cosine", (2 * pi, -1.0), (4.0, -1.0),
        call="SquarewaveFourierSeries(n=2, T_period={p})",
    ),
    Entry("S2NN", "", None, "s2nn", call="S2NN(alpha=4.0, beta=1.0)"),
    Entry("QPseudoSpike", "", None, "superspike", (2.0, 0.0), call="QPseudoSpike(alpha=2.0)"),
    Entry(
        "LeakyKReLU", "", None, "leaky", call="LeakyKReLU(leak=0.1, k=1.0)",
        note="spikingjelly.LeakyKReLU: leak is 0 by default",
    ),
    Entry("FakeNumericalGradient", "alpha", 0.3, "clipped", P, P),
    Entry("LogTailedReLU", "", None, "log_tail", call="LogTailedReLU(alpha=0.0)"),
    Entry("DeterministicPass", "", None, "constant"),
    Entry("Rect", "alpha", 1, "box", (2.0, 1.0), P),
)  # fmt: skip

NORSE = (
    Entry(
        "super", "alpha", 100, "superspike", ONE, ONE, call="'super', {p}",
        documented=("superspike", P, ONE),
        note="norse.super does not use alpha: it is 1 / (1 + |v|)^2 at every alpha",
    ),
    Entry(
        "triangle", "alpha", 0.3, "triangle", ONE, P, call="'triangle', {p}",
        note="norse.triangle: alpha is the height, the width is fixed",
    ),
    Entry(
        "tanh", "k", 1, "sigmoid", (2.0, 1.0), ONE, call="'tanh', {p}",
        documented=("sigmoid", (2.0, 1.0), HALF),
        note="norse.tanh: the peak is 1; that of the documented function's slope is k / 2",
    ),
    Entry(
        "circ", "alpha", 1, "circle", PER_P, ONE, call="'circ', {p}",
        documented=("circle", PER_P, (0.5, -1.0)),
        note="norse.circ: the peak is 1; that of the documented function's slope is 1 / (2 alpha)",
    ),
    Entry(
        "heavi_erfc", "k", 1, "gaussian", ROOT_2, (2 / sqrt(pi), 0.0), call="'heavi_erfc', {p}",
        documented=("gaussian", ROOT_2, (-1 / sqrt(pi), 1.0)),
        note="norse.heavi_erfc: the peak is 2 / sqrt(pi) at every k",
    ),
)  # fmt: skip

SINABS = (
    Entry("Heaviside", "window", 1, "early", PER_P),
    Entry("Gaussian", "sigma", 0.5, "gaussian", PER_P, NORMAL, "grad_scale"),
    Entry("MultiGaussian", "sigma", 0.5, "multigaussian", PER_P, MULTI, "grad_scale"),
    Entry("SingleExponential", "grad_width", 0.5, "exponential", PER_P, PER_P, "grad_scale"),
)

LIBRARIES = {
    "snn": Library("snn", "jax", 0, own, "lambda v: snn.spike(v, snn.surrogate.{})"),
    "spyx": Library("spyx.axn", "jax", 0, SPYX),
    "snnax": Library("snnax.functional.surrogate", "jax", 1, SNNAX),
    "slax": Library("slax", "jax", 1, SLAX),
    "jaxpike": Library("jaxpike", "jax", 0, JAXPIKE),
    "braintools": Library("braintools", "jax", 1, BRAINTOOLS, "braintools.surrogate.{}"),
    "snntorch": Library("snntorch.surrogate", "torch", 0, SNNTORCH),
    "spikingjelly": Library("spikingjelly.activation_based.surrogate", "torch", 1, SPIKINGJELLY),
    "norse": Library(
        "norse.torch.functional.threshold",
        "torch",
        0,
        NORSE,
        "lambda v: norse.torch.functional.threshold.threshold(v, {})",
    ),
    "sinabs": Library(
        "sinabs.activation",
        "torch",
        1,
        SINABS,
        "lambda v: sinabs.activation.SingleSpike.apply(v + 1.0, 1.0, sinabs.activation.{})",
    ),
}
"""Every library by name, this one first."""
