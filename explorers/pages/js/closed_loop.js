/** The integral of a surrogate gradient around a circle in weight space. */

import { exactGradient, expectedOutput, expectedSurrogate, gradient, output, sigmoidSlope } from "./five_weights.js";
import { heatMap } from "./raster.js";
import { explorer, once, say, set, show, still } from "./page.js";
import { drag, line, plot, range, rule, dots, cursor } from "./plot.js";
import { integrate, interpolate } from "./quadrature.js";
import { linspace } from "./maths.js";

const STEPS = 1e4;
const EXTENT = 2.7;
const GRID = 121;
const TURN = 2 * Math.PI;

const loops = await (await fetch("data/loop.json")).json();

/** Where the circle lies, as the figure has it: theta(t) = base + radius (sin t d1 + cos t d2). */
function geometry({ network, loop, radius, center1, center2 }) {
  const base = network === "stochastic" ? [0, 0, 0, 0, 0] : loops[loop].base;
  const [d1, d2] = loops[loop].directions;
  const at = (a, b) => base.map((value, i) => value + a * d1[i] + b * d2[i]);
  return {
    at,
    point: (t) => at(center1 + radius * Math.sin(t), center2 + radius * Math.cos(t)),
    tangent: (t) => d1.map((d, i) => radius * (Math.cos(t) * d - Math.sin(t) * d2[i])),
  };
}

/** The network's output, its surrogate gradient, and the gradient to compare that with. */
function fields({ network, surrogate_beta: beta }) {
  return network === "stochastic"
    ? { output: (t) => expectedOutput(t, beta), surrogate: (t) => expectedSurrogate(t, beta), own: (t) => exactGradient(t, beta) }
    : { output: (t) => output(t, STEPS), surrogate: (t) => gradient(t, STEPS, sigmoidSlope(beta)), own: (t) => gradient(t, beta) };
}

function draw(state) {
  const { network, loop, radius, center1, center2, surrogate_beta, angle } = state;
  const { at, point, tangent } = geometry(state);
  const of = fields(state);
  const along = (field) => (t) => {
    const step = tangent(t);
    return field(point(t)).reduce((sum, g, i) => sum + g * step[i], 0);
  };
  // The angle alone changes no integral.
  const integrals = once("loop", JSON.stringify({ ...state, angle: 0 }), () => [
    integrate(along(of.surrogate), 0, TURN),
    integrate(along(of.own), 0, TURN),
  ]);
  const here = (angle / 360) * TURN;
  const slope = network === "stochastic" ? surrogate_beta : STEPS;
  const map = once("map", `${network} ${loop} ${slope}`, () => {
    const axis = Array.from(linspace(-EXTENT, EXTENT, GRID));
    return axis.map((b) => axis.map((a) => of.output(at(a, b))));
  });
  const circle = linspace(0, TURN, 361);
  const [x, y] = [circle.map((t) => center1 + radius * Math.sin(t)), circle.map((t) => center2 + radius * Math.cos(t))];
  const place = [[center1 + radius * Math.sin(here)], [center2 + radius * Math.cos(here)]];
  const plane = document.getElementById("plane");
  plot(plane, { x: [-EXTENT, EXTENT], y: [-EXTENT, EXTENT], xlabel: "along d₁", ylabel: "along d₂", label: "Output over the plane, with the loop" }, [
    heatMap(map),
    line(x, y, "halo"),
    line(x, y, "way"),
    dots([center1], [center2], "center", 9),
    dots(...place, "way", 6),
  ]);

  const degrees = integrals.map(({ t }) => t.map((value) => (value * 360) / TURN));
  const [surrogate, own] = integrals;
  plot(document.getElementById("running"), { x: [0, 360], y: range([surrogate.running, own.running], 0.1), xlabel: "angle (degrees)", ylabel: "integral", label: "Running integrals against angle" }, [
    rule({ y: 0 }, "zero"),
    line(degrees[1], own.running, network === "stochastic" ? "exact" : "smoothed"),
    line(degrees[0], surrogate.running, "surrogate"),
    dots([360], [surrogate.value], "surrogate", 6),
    cursor(angle),
  ]);
  const outputs = circle.map((t) => of.output(point(t)));
  const smoothed = circle.map((t) => output(point(t), surrogate_beta));
  const turn = circle.map((t) => (t * 360) / TURN);
  plot(document.getElementById("along"), { x: [0, 360], y: [-0.05, 1.05], yticks: [0, 0.5, 1], xlabel: "angle (degrees)", ylabel: "output y", label: "Output against angle" }, [
    ...(network === "steps" ? [line(turn, smoothed, "smoothed")] : []),
    line(turn, outputs, "output"),
    cursor(angle),
  ]);
  document.getElementById("other_name").hidden = network !== "steps";
  document.getElementById("own_name").className = network === "stochastic" ? "exact" : "smoothed";
  document.getElementById("own_name").textContent = network === "stochastic" ? "exact gradient" : "smoothed network’s own gradient";

  show("left", surrogate.value);
  show("own", own.value);
  show("left_so_far", interpolate(surrogate.t, surrogate.running, here));
  show("own_so_far", interpolate(own.t, own.running, here));
  show("output", of.output(point(here)));
  const left = Math.abs(surrogate.value) > 1e-6;
  say(left ? "After a full turn, the surrogate gradient’s integral has not returned to zero. The gradient’s has." : "Around this loop nothing is left.");
}

const plane = document.getElementById("plane");
explorer(draw);
drag(plane, (a, b) => {
  set("center1", a);
  set("center2", b);
});
for (const id of ["running", "along"]) drag(document.getElementById(id), (degrees) => set("angle", degrees));

document.getElementById("around").addEventListener("click", () => {
  if (still()) return set("angle", 360);
  const start = performance.now();
  const step = (now) => {
    const part = Math.min(1, (now - start) / 4000);
    set("angle", 360 * part);
    if (part < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
});
