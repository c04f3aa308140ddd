/** Figure 6 at six epochs, those of its rasters: both spike modes against networks whose hidden weights are frozen. */

import { mean, median } from "./maths.js";
import { explorer, say, set, show } from "./page.js";
import { band, cursor, drag, format, line, plot, range } from "./plot.js";
import { raster, unpack } from "./raster.js";

const data = await (await fetch("data/spike_timing.json")).json();
const MODES = ["deterministic", "stochastic"];
/** What is compared: trained networks with frozen ones. */
const COMPARED = {
  deterministic: ["deterministic", "deterministic_frozen"],
  stochastic: ["stochastic", "stochastic_frozen"],
  slower: ["deterministic", "deterministic_frozen_slow"],
};
const LAST = data.frame_epoch.at(-1);
const PAUSE = 1000; // ms between rasters
const T = 2.7764451051977987; // Student's t, 4 degrees of freedom, 97.5 %
const FRAMES = Object.fromEntries(MODES.map((mode) => [mode, data.frames[mode].map((bits) => unpack(bits, data.shape))]));
const NAMES = { van_rossum: "van Rossum distance", l2: "L2 distance" };

raster(document.getElementById("target"), unpack(data.target, data.shape), "ink");

/** Values of all seeds after a number of epochs. The next epoch, counted from 1, measured them before its update. */
function after(curve, epochs) {
  if (epochs === 0) return curve.first;
  if (epochs === LAST) return curve.last;
  const index = data.epoch.indexOf(epochs + 1);
  return curve.along.map((seed) => seed[index]);
}

/** Geometric mean over seeds of trained over frozen, with Student's 95 % interval. */
function ratio(trained, frozen) {
  const logs = trained.map((value, i) => Math.log(value / frozen[i]));
  const middle = mean(logs);
  const sd = Math.sqrt(logs.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (logs.length - 1));
  const half = (T * sd) / Math.sqrt(logs.length);
  return [middle, middle - half, middle + half].map(Math.exp);
}

/** Median over seeds, and their range. */
function curve(condition, measure, look) {
  const seeds = data.curves[condition][measure].along;
  const over = (f) => data.epoch.map((_, i) => f(seeds.map((seed) => seed[i])));
  const values = over(median);
  const marks = [band(data.epoch, over((v) => Math.min(...v)), over((v) => Math.max(...v)), look), line(data.epoch, values, look)];
  return { values, marks };
}

let memory = {};

function draw({ epoch, measure }) {
  const epochs = Number(epoch);
  const of = (curve) => after(curve, epochs);
  for (const mode of MODES) raster(document.getElementById(mode), FRAMES[mode][data.frame_epoch.indexOf(epochs)], mode);
  if (memory.measure !== measure) {
    const looks = MODES.flatMap((mode) => [[mode, mode], [`${mode}_frozen`, `${mode} dotted`]]);
    looks.push(["deterministic_frozen_slow", "deterministic dashed"]);
    memory = { measure, curves: looks.map(([condition, look]) => curve(condition, measure, look)) };
  }
  const log = measure === "van_rossum";
  const values = memory.curves.map((each) => each.values);
  const y = log ? [0.06, 12] : range(values.map((each) => each.slice(3)), 0.15, false);
  plot(document.getElementById("distance"), { x: [0, LAST], y, ylog: log, xlabel: "epoch", ylabel: NAMES[measure], label: `${NAMES[measure]} to the target along training` }, [
    ...memory.curves.flatMap(({ marks }) => marks),
    cursor(epochs),
  ]);

  const said = {};
  for (const [name, conditions] of Object.entries(COMPARED)) {
    const [trained, frozen] = conditions.map((condition) => of(data.curves[condition][measure]));
    const [middle, low, high] = ratio(trained, frozen);
    show(`${name}_trained`, median(trained));
    show(`${name}_frozen`, median(frozen));
    show(`${name}_ratio`, middle, 3);
    show(`${name}_low`, low, 3);
    show(`${name}_high`, high, 3);
    show(`${name}_rate`, median(of(data.curves[conditions[0]].rate_hidden)), 2);
    said[name] = `${format(middle, 2)} [${format(low, 2)}, ${format(high, 2)}]${low <= 1 && high >= 1 ? ", undecided," : ""}`;
  }
  show("fano", median(of(data.curves.stochastic.fano_output)));
  say(
    epochs === 0
      ? "Before training, networks whose hidden weights will learn and those whose hidden weights are frozen are the same."
      : `Of the distance that frozen hidden weights leave, learning leaves ${said.stochastic} in the stochastic network, ${said.deterministic} in the deterministic one, and ${said.slower} if the readout of the frozen one learns more slowly.`,
  );
}

explorer(draw);
drag(document.getElementById("distance"), (x) => {
  const distances = data.frame_epoch.map((epoch) => Math.abs(epoch - x));
  set("epoch", data.frame_epoch[distances.indexOf(Math.min(...distances))]);
});

let playing = 0;
const button = document.getElementById("play");
const chosen = () => Number(document.querySelector("#epoch :checked").value);

function stop() {
  clearTimeout(playing);
  playing = 0;
  button.textContent = "Play";
}

function advance() {
  const next = data.frame_epoch.find((epoch) => epoch > chosen()) ?? LAST;
  set("epoch", next);
  if (next === LAST) stop();
  else playing = setTimeout(advance, PAUSE);
}

button.addEventListener("click", () => {
  if (playing) return stop();
  if (chosen() === LAST) set("epoch", 0);
  button.textContent = "Pause";
  playing = setTimeout(advance, PAUSE);
});
document.addEventListener("reset", stop);
