/** One neuron: its spikes, their mean, the mean's slope, the surrogate, and a loss that bends. */

import { intervals, linspace, probability, slope, uniform } from "./maths.js";
import { explorer, say, set, show } from "./page.js";
import { bars, cursor, dots, drag, line, plot, range, rule, shade } from "./plot.js";

const [LOW, HIGH, THETA] = [0, 2, 1];
const [ROWS, COLUMNS] = [30, 61];
export const [TRIALS, HALF_STEP] = [4000, 0.02];
const POTENTIALS = linspace(LOW, HIGH, 401);
const MEASURED = linspace(LOW, HIGH, 41);

/** Streams of noise: one for each measured potential, one for the chosen one, then the raster's. */
export const CHOSEN = MEASURED.length;

let seed;
let noise = [];

function drawNoise(next) {
  seed = next;
  noise = Array.from({ length: CHOSEN + 1 }, (_, stream) =>
    Float64Array.from({ length: TRIALS }, (_, trial) => uniform(seed, stream, trial)),
  );
}

const fired = (xi, p) => xi.reduce((count, number) => count + (number < p), 0);

/** Mean of the trials at a potential, and the difference quotient of means with its standard error. */
function measure(beta, u, xi) {
  const at = (potential) => probability(beta, potential - THETA);
  const changed = fired(xi, at(u + HALF_STEP)) - fired(xi, at(u - HALF_STEP));
  const share = changed / TRIALS; // each trial's difference is 0 or 1
  const se = Math.sqrt((share * (1 - share)) / (TRIALS - 1));
  return { mean: fired(xi, at(u)) / TRIALS, quotient: share / (2 * HALF_STEP), se: se / (2 * HALF_STEP) };
}

/** Derivatives by u of E[(1 - c) S + c (S - z)^2]: exact, and the mean of the surrogate gradient. */
function ofLoss({ beta, ratio, curvature: c, target: z }, u) {
  const [p, v] = [probability(beta, u - THETA), u - THETA];
  return {
    exact: (1 - c + c * (1 - 2 * z)) * slope(beta, v),
    expected: (1 - c + 2 * c * (p - z)) * slope(ratio * beta, v),
  };
}

const opposite = ({ exact, expected }) => Math.sign(exact) !== Math.sign(expected);

function draw(state) {
  const { u, beta, ratio } = state;
  const v = u - THETA;
  const x = [LOW, HIGH];
  const spec = { x, xlabel: "membrane potential u (θ)" };
  const p = POTENTIALS.map((potential) => probability(beta, potential - THETA));
  const exact = POTENTIALS.map((potential) => slope(beta, potential - THETA));
  const surrogate = POTENTIALS.map((potential) => slope(ratio * beta, potential - THETA));
  const measured = Array.from(MEASURED, (potential, i) => measure(beta, potential, noise[i]));
  const quotients = measured.map(({ quotient }) => quotient);
  const errors = [-1, 1].map((side) => measured.map(({ quotient, se }) => quotient + side * se));

  raster(spec, state);
  plot(document.getElementById("response"), { ...spec, y: [-0.06, 1.06], yticks: [0, 0.5, 1], ylabel: "mean spikes", label: "Mean response against potential" }, [
    rule({ x: THETA }, "zero"),
    line(POTENTIALS, p, "exact"),
    line([LOW, THETA, THETA, HIGH], [0, 0, 1, 1], "deterministic dashed"),
    dots(MEASURED, measured.map(({ mean }) => mean), "trials"),
    cursor(u),
  ]);
  plot(document.getElementById("slopes"), { ...spec, y: range([exact, surrogate, errors[1]]), ylabel: "derivative (1/potential)", label: "Slope of the mean and surrogate derivative against potential" }, [
    rule({ y: 0 }, "zero"),
    line(POTENTIALS, exact, "exact"),
    bars(MEASURED, ...errors, "thin"),
    dots(MEASURED, quotients, "trials"),
    line(POTENTIALS, surrogate, "surrogate dashed"),
    cursor(u),
  ]);

  const losses = Array.from(POTENTIALS, (potential) => ofLoss(state, potential));
  const wrong = intervals(POTENTIALS, (i) => opposite(losses[i]));
  const curves = ["exact", "expected"].map((name) => losses.map((each) => each[name]));
  plot(document.getElementById("loss"), { ...spec, y: range(curves), ylabel: "gradient (1/potential)", label: "Gradient of the loss and mean surrogate gradient against potential" }, [
    shade(wrong, "wrong"),
    rule({ y: 0 }, "zero"),
    line(POTENTIALS, curves[0], "exact"),
    line(POTENTIALS, curves[1], "surrogate"),
    cursor(u),
  ]);

  const here = { ...measure(beta, u, noise[CHOSEN]), ...ofLoss(state, u) };
  show("p", probability(beta, v));
  show("mean", here.mean);
  show("slope", slope(beta, v));
  show("quotient", here.quotient);
  show("surrogate", slope(ratio * beta, v));
  show("exact", here.exact);
  show("expected", here.expected);
  show("share", (100 * losses.filter(opposite).length) / losses.length, 2);
  const matched = Math.abs(Math.log(ratio)) < 1e-9 ? "" : " The surrogate’s slope is not that of the noise.";
  if (opposite(here)) say(`Here the surrogate gradient has the wrong sign: descent climbs.${matched}`, true);
  else if (state.curvature > 0) say(`Here both have the same sign, though not the same size.${matched}`);
  else say(`A linear loss: the surrogate gradient ${matched ? "points the right way" : "is the gradient"}.${matched}`);
}

/** A tick for every spike of 30 trials; their noise is that of no other plot. */
function raster(spec, { u, beta }) {
  const at = linspace(LOW, HIGH, COLUMNS);
  plot(document.getElementById("raster"), { ...spec, y: [0, ROWS], yticks: [0, 10, 20, 30], ylabel: "trial", label: "Spikes of 30 trials against potential" }, [
    rule({ x: THETA }, "zero"),
    (s) => {
      let ticks = "";
      const tall = s.height / ROWS - 1;
      for (let column = 0; column < COLUMNS; column++) {
        const p = probability(beta, at[column] - THETA);
        for (let row = 0; row < ROWS; row++) {
          if (uniform(seed, CHOSEN + 1 + column, row) < p) ticks += `M${s.x(at[column])} ${s.y(row + 1)}v${tall}`;
        }
      }
      return `<path class="line stochastic" d="${ticks}"/>`;
    },
    cursor(u),
  ]);
}

drawNoise(0);
const ask = explorer(draw);
document.getElementById("draw").addEventListener("click", () => {
  drawNoise(seed + 1);
  ask();
});
document.addEventListener("reset", () => drawNoise(0));
for (const id of ["raster", "response", "slopes", "loss"]) drag(document.getElementById(id), (x) => set("u", x));
