/** Output and derivatives of the network of five weights along its first weight. */

import { expectedOutput, expectedSurrogate, exactGradient, gradient, output, sigmoidSlope } from "./five_weights.js";
import { cumulativeSimpson, intervals, linspace } from "./maths.js";
import { explorer, say, set, show } from "./page.js";
import { cursor, dots, drag, line, plot, range, rule, shade } from "./plot.js";

/** What each network starts with, and the weights w that are shown. */
const START = {
  differentiable: { points: 10001, drawn: 10, w: [-0.2, 0.2, 0.03], beta: 100, surrogate_beta: 15, v1: 0.05, v2: 0.1, u1: 1, u2: -1 },
  stochastic: { points: 1001, drawn: 2, w: [-2, 2, -0.3521], beta: 2, surrogate_beta: 2, v1: 3.3182, v2: 0.8336, u1: 0.894, u2: -1.534 },
};

/** The network, its gradient by w, the surrogate one, and what smoothing makes of both. */
function fields({ network, beta, surrogate_beta }) {
  const surrogate = sigmoidSlope(surrogate_beta);
  const smoothed = { smoothedOutput: (t) => output(t, surrogate_beta), smoothed: (t) => gradient(t, surrogate_beta)[0] };
  return network === "stochastic"
    ? {
        output: (t) => expectedOutput(t, beta),
        true: (t) => exactGradient(t, beta)[0],
        surrogate: (t) => expectedSurrogate(t, beta, surrogate)[0],
        ...smoothed,
      }
    : {
        output: (t) => output(t, beta),
        true: (t) => gradient(t, beta)[0],
        surrogate: (t) => gradient(t, beta, surrogate)[0],
        ...smoothed,
      };
}

const lowest = (values) => values.indexOf(Math.min(...values));

function draw(state) {
  const { points, drawn, w: [low, high] } = START[state.network];
  const of = fields(state);
  const theta = (w) => [w, state.v1, state.v2, state.u1, state.u2];
  const ws = linspace(low, high, points);
  const scan = Object.fromEntries(Object.entries(of).map(([name, f]) => [name, ws.map((w) => f(theta(w)))]));
  scan.integrated = cumulativeSimpson(scan.surrogate, (high - low) / (points - 1)).map((part) => part + scan.output[0]);
  const wrong = (i) => Math.sign(scan.true[i]) !== Math.sign(scan.surrogate[i]);

  const thin = (values) => values.filter((_, i) => i % drawn === 0);
  const shown = Object.fromEntries(Object.entries(scan).map(([name, values]) => [name, thin(values)]));
  const [x, at] = [thin(ws), { x: [low, high], xlabel: "weight w" }];
  const where = shade(intervals(ws, wrong), "wrong");
  const outputs = [shown.output, shown.integrated, shown.smoothedOutput];
  const minima = [scan.output, scan.integrated].map(lowest);
  plot(document.getElementById("output"), { ...at, y: range(outputs, 0.08, false), ylabel: "output y", label: "Output along w" }, [
    where,
    line(x, shown.output, "output"),
    line(x, shown.smoothedOutput, "smoothed dashed"),
    line(x, shown.integrated, "surrogate"),
    dots([ws[minima[0]]], [scan.output[minima[0]]], "output", 5),
    dots([ws[minima[1]]], [scan.integrated[minima[1]]], "surrogate", 5),
    cursor(state.w),
  ]);
  const derivatives = [shown.true, shown.surrogate, shown.smoothed];
  plot(document.getElementById("derivatives"), { ...at, y: range(derivatives), yasinh: true, ylabel: "derivative (asinh axis)", label: "Derivatives by w along w" }, [
    where,
    rule({ y: 0 }, "zero"),
    line(x, shown.true, "output"),
    line(x, shown.smoothed, "smoothed dashed"),
    line(x, shown.surrogate, "surrogate"),
    cursor(state.w),
  ]);

  const here = Object.fromEntries(["true", "surrogate", "smoothed"].map((name) => [name, of[name](theta(state.w))]));
  for (const [name, value] of Object.entries(here)) show(name, value);
  show("share", (100 * ws.filter((_, i) => wrong(i)).length) / points, 3);
  show("minimum", ws[minima[0]]);
  show("believed", ws[minima[1]]);
  const bad = Math.sign(here.true) !== Math.sign(here.surrogate);
  const matched = Math.abs(state.surrogate_beta / state.beta - 1) < 1e-6 ? " Its slope is that of the network." : "";
  if (!bad) say(`Here the surrogate gradient has the right sign.${matched}`);
  else say(`Here the surrogate gradient has the wrong sign: descent along it raises the output.${matched}`, true);
}

/** Another network starts where its figure does. */
function start(network) {
  const slider = document.getElementById("w");
  const { w: [low, high, first], beta, surrogate_beta, v1, v2, u1, u2 } = START[network];
  Object.assign(slider, { min: low, max: high });
  const values = { w: first, beta, surrogate_beta, v1, v2, u1, u2 };
  for (const [id, value] of Object.entries(values)) set(id, value);
}

document.getElementById("network").addEventListener("change", (event) => start(event.target.value));
explorer(draw);
for (const id of ["output", "derivatives"]) drag(document.getElementById(id), (x) => set("w", x));
