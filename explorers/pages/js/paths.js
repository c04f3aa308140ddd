/** A small stochastic network: a flip, its replay, and what every estimator makes of it. */

import { averages, chain, COUPLINGS, difference, noise, N, paths, run, terms } from "./path_network.js";
import { slope } from "./maths.js";
import { arrange, connections, tree } from "./path_tree.js";
import { explorer, say, set, show } from "./page.js";
import { dots, line, plot, range, rule } from "./plot.js";

const NAMES = ["surrogate", "smoothed", "stochastic_ad"];
const neurons = document.getElementById("site");

/** Fewest trials whose mean is drawn: means of fewer would take all the room of the axis. */
const FEWEST = 10;

/** Means of 10, 11, ... trials, kept at numbers that lie evenly on a logarithmic axis. */
function running({ beta, site, coupling }, trials) {
  const sums = { surrogate: 0, smoothed: 0, stochastic_ad: 0 };
  const kept = { n: [], surrogate: [], smoothed: [], stochastic_ad: [] };
  for (let n = 1; n <= trials; n++) {
    const of = terms(beta, noise(n), site, coupling);
    for (const name of NAMES) sums[name] += of[name];
    if (n < FEWEST) continue;
    if (n > 50 && n < trials && Math.floor(40 * Math.log10(n)) === Math.floor(40 * Math.log10(n - 1))) continue;
    kept.n.push(n);
    for (const name of NAMES) kept[name].push(sums[name] / n);
  }
  return kept;
}

let memory = {};

function draw(raw) {
  const state = { ...raw, site: Number(raw.site), trials: Math.round(raw.trials) };
  const { beta, site, coupling, trials } = state;
  const xi = noise(state.trial);
  const trial = run(beta, xi);
  const replay = run(beta, xi, site, 1 - trial.s[site]);
  const changed = new Set(Array.from({ length: N }, (_, i) => i).filter((i) => i !== site && trial.s[i] !== replay.s[i]));

  neurons.querySelectorAll("label").forEach((label, i) => {
    label.classList.toggle("fired", Boolean(trial.s[i]));
    label.classList.toggle("changed", changed.has(i) || i === site);
    label.querySelector("b").textContent = trial.s[i] === replay.s[i] ? trial.s[i] : `${trial.s[i]}→${replay.s[i]}`;
    label.querySelector("input").setAttribute("aria-description", `${trial.s[i] ? "spiked" : "silent"}, ${replay.s[i] ? "spikes" : "silent"} in the replay`);
  });
  connections(document.getElementById("connections"), site, changed);

  const key = JSON.stringify([beta, site, coupling, trials]);
  if (memory.key !== key) memory = { key, kept: running(state, trials), mean: averages(beta, site, coupling), all: paths(beta) };
  const { kept, mean, all } = memory;
  plot(document.getElementById("tree"), { x: [0, 1], y: [0, 1], xlabel: "", label: "Tree of all 64 paths; that of the trial and that of the replay are marked", bare: true }, [tree(all, trial, replay)]);
  const seen = range([[mean.exact, mean.surrogate], ...NAMES.map((name) => kept[name])], 0.1);
  const last = kept.n.length - 1;
  const end = (name, look, radius) => dots([trials], [kept[name][last]], look, radius);
  plot(
    document.getElementById("means"),
    { x: [FEWEST, Math.max(3 * FEWEST, trials)], xlog: true, y: seen, xlabel: "trials averaged", ylabel: "derivative", label: "Running means against the number of trials" },
    [
      rule({ y: 0 }, "zero"),
      rule({ y: mean.exact }, "exact"),
      rule({ y: mean.surrogate }, "surrogate dotted"),
      line(kept.n, kept.stochastic_ad, "unbiased"),
      line(kept.n, kept.surrogate, "surrogate"),
      line(kept.n, kept.smoothed, "smoothed dashed"),
      end("stochastic_ad", "unbiased", 3.5),
      end("surrogate", "surrogate", 4.5),
      end("smoothed", "smoothed", 2.5),
    ],
  );

  const here = terms(beta, xi, site, coupling);
  for (const name of NAMES) {
    show(name, here[name]);
    show(`${name}_mean`, kept[name][last]);
  }
  show("surrogate_all", mean.surrogate);
  show("smoothed_all", mean.smoothed);
  show("exact", mean.exact);
  show("p", trial.p[site]);
  show("slope", slope(beta, trial.v[site]));
  show("difference", difference(beta, xi, site), 0);
  show("weight", COUPLINGS[coupling](trial.p[site], trial.s[site]));
  show("chain", chain(beta, trial, site, "straight_through"));
  document.querySelectorAll(".n").forEach((place) => (place.textContent = trials));
  const wrong = Math.sign(mean.surrogate) !== Math.sign(mean.exact);
  const size = (100 * Math.abs(mean.surrogate - mean.exact)) / Math.abs(mean.exact);
  if (wrong) say("For this neuron the surrogate gradient has the wrong sign, averaged over all paths.", true);
  else if (size < 1e-6) say("For this neuron the surrogate gradient is exact: no spike comes after it.");
  else say(`For this neuron the surrogate gradient has the right sign; its mean is ${size.toFixed(0)} % off.`);
}

arrange(neurons);
explorer(draw);
document.getElementById("next").addEventListener("click", () => set("trial", Number(document.getElementById("trial").value) + 1));
