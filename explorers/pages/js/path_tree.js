/** The network as it fired, and the tree of the paths that it could have taken. */

import { INPUT, layerOf, N, STARTS, WEIGHTS } from "./path_network.js";

const COLUMNS = [0.1, 0.38, 0.66, 0.92];
const SIZES = [INPUT.length, 3, 2, 1];

/** Where a neuron lies in the picture, as shares of its width and height; level 0 are the inputs. */
function place(level, k) {
  return [COLUMNS[level], 0.5 + (0.64 * (k - (SIZES[level] - 1) / 2)) / 2];
}

/** Places the neurons' buttons, once. */
export function arrange(network) {
  network.querySelectorAll("label").forEach((label, site) => {
    const layer = layerOf(site);
    const [x, y] = place(layer + 1, site - STARTS[layer]);
    Object.assign(label.style, { left: `${100 * x}%`, top: `${100 * y}%`, visibility: "visible" });
  });
}

/** Connections as wide as their weights, dashed if negative; those behind the flip are drawn again. */
export function connections(host, site, changed) {
  const [width, height] = [host.clientWidth, host.clientHeight];
  const pixel = (level, k) => place(level, k).map((share, i) => share * [width, height][i]);
  let drawn = "";
  WEIGHTS.forEach((weights, level) => {
    weights.forEach((row, from) =>
      row.forEach((weight, to) => {
        const source = level ? STARTS[level - 1] + from : -1;
        const again = source === site || changed.has(source);
        const [[x0, y0], [x1, y1]] = [pixel(level, from), pixel(level + 1, to)];
        drawn += `<path class="${again ? "again" : ""}" d="M${x0} ${y0}L${x1} ${y1}" stroke-width="${0.6 + 3 * Math.abs(weight)}" ${weight < 0 ? 'stroke-dasharray="5 4"' : ""}/>`;
      }),
    );
  });
  const inputs = INPUT.map((_, k) => `<rect x="${pixel(0, k)[0] - 9}" y="${pixel(0, k)[1] - 9}" width="18" height="18"/>`);
  host.innerHTML = `<svg width="${width}" height="${height}" aria-hidden="true">${drawn}${inputs.join("")}</svg>`;
}

/** The number of a path: its spikes as bits, the first neuron's the highest. */
const index = (spikes) => spikes.reduce((sum, s) => 2 * sum + s, 0);

/** A mark: all paths from left to right, layer by layer, as wide as they are likely. */
export function tree(all, trial, replay) {
  const ends = [0, 3, 5, N];
  const bits = (level) => 2 ** (N - ends[level]);
  return (s) => {
    const x = (level) => (level * s.width * 0.8) / 3;
    const y = (level, node) => ((node + 0.5) * bits(level) * s.height) / 2 ** N;
    const weights = ends.map((_, level) => {
      const sums = new Float64Array(2 ** ends[level]);
      for (const path of all) sums[Math.floor(path.index / bits(level))] += path.weight;
      return sums;
    });
    const branch = (level, node, look) => {
      const parent = Math.floor((node * bits(level)) / bits(level - 1));
      const [x0, x1, y0, y1] = [x(level - 1), x(level), y(level - 1, parent), y(level, node)];
      const middle = (x0 + x1) / 2;
      return `<path class="branch ${look}" stroke-width="${(look ? 2.5 : 0.5) + 14 * weights[level][node]}" d="M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}"/>`;
    };
    let drawn = "";
    for (let level = 1; level <= 3; level++) for (let node = 0; node < 2 ** ends[level]; node++) drawn += branch(level, node, "");
    const longest = Math.max(...all.map(({ weight }) => weight));
    for (const { index: node, weight } of all) {
      drawn += `<path class="leaf" d="M${x(3) + 6} ${y(3, node)}h${(0.17 * s.width * weight) / longest}" stroke-width="${(0.6 * s.height) / 64}"/>`;
    }
    for (const [spikes, look] of [[replay.s, "flip"], [trial.s, "taken"]]) {
      for (let level = 1; level <= 3; level++) drawn += branch(level, Math.floor(index(spikes) / bits(level)), look);
      drawn += `<circle class="${look}" cx="${x(3)}" cy="${y(3, index(spikes))}" r="5"/>`;
    }
    return drawn;
  };
}
