/** From a point of figure 10's plane, two ways of plain descent: by the exact gradient, and by a surrogate's mean. */

import { dot, exactGradient, meanSurrogate, network, wrongPatterns } from "./boolean_network.js";
import { linspace } from "./maths.js";
import { explorer, once, say, set, show } from "./page.js";
import { dots, drag, line, plot, range, rule } from "./plot.js";
import { heatMap } from "./raster.js";

const { start, plane: axes, targets } = await (await fetch("data/escape.json")).json();
const X = [-0.5, 3.7];
const Y = [-0.3, 2.7];
const GRID = 41;
const UPDATES = 600;
const SOLVED = 0.5;
/** Wrong patterns of the map's darkest colour. */
const SCALE = 4;

/** The network at a point of the plane. */
const there = (x, y, beta) => network(start.map((w, i) => w + x * axes[0][i] + y * axes[1][i]), beta);

/** Plain descent along a field's projection onto the plane. */
function descend(field, { x, y, rate, beta }) {
  const way = { x: [x], y: [y], wrong: [] };
  for (let update = 0; ; update++) {
    const at = there(x, y, beta);
    way.wrong.push(wrongPatterns(at, targets));
    if (update === UPDATES) return way;
    const along = field(at);
    x -= rate * dot(axes[0], along);
    y -= rate * dot(axes[1], along);
    way.x.push(x);
    way.y.push(y);
  }
}

function draw(state) {
  const { x, y, beta, share } = state;
  const map = once("map", beta, () =>
    Array.from(linspace(...Y, GRID), (b) => Array.from(linspace(...X, GRID), (a) => wrongPatterns(there(a, b, beta), targets) / SCALE)),
  );
  const exact = once("exact", JSON.stringify({ ...state, share: 0 }), () => descend((at) => exactGradient(at, targets), state));
  const surrogate = once("surrogate", JSON.stringify(state), () => descend((at) => meanSurrogate(at, targets, share * beta), state));

  plot(document.getElementById("plane"), { x: X, y: Y, xlabel: "along the escape", ylabel: "across", label: "Wrong patterns over the plane, with both ways" }, [
    heatMap(map, "counts"),
    line(surrogate.x, surrogate.y, "halo"),
    line(exact.x, exact.y, "exact"),
    line(surrogate.x, surrogate.y, "surrogate"),
    dots([x], [y], "center", 9),
    dots(exact.x.slice(-1), exact.y.slice(-1), "exact", 5),
    dots(surrogate.x.slice(-1), surrogate.y.slice(-1), "surrogate", 5),
  ]);
  const updates = linspace(0, UPDATES, UPDATES + 1);
  plot(document.getElementById("along"), { x: [0, UPDATES], y: range([exact.wrong, surrogate.wrong]), xlabel: "updates", ylabel: "wrong patterns, of 8", label: "Wrong patterns along both ways" }, [
    rule({ y: SOLVED }, "zero"),
    line(updates, exact.wrong, "exact"),
    line(updates, surrogate.wrong, "surrogate"),
  ]);

  show("start", exact.wrong[0]);
  for (const [name, { wrong }] of Object.entries({ exact, surrogate })) {
    show(`${name}_highest`, Math.max(...wrong));
    show(`${name}_end`, wrong[UPDATES]);
  }
  verdict(exact.wrong, surrogate.wrong);
}

function verdict(exact, surrogate) {
  const [h, g] = [exact, surrogate].map((wrong) => wrong[UPDATES] < SOLVED);
  const climbs = Math.max(...surrogate) > surrogate[0] + 0.05;
  if (g && !h) say(`The surrogate’s mean solves the task${climbs ? ", over a barrier" : ""}. The exact gradient does not.`);
  else if (h && !g) say("The exact gradient solves the task. The surrogate’s mean does not.");
  else say(h ? "From here, both solve the task." : "From here, neither solves the task.");
}

explorer(draw);
drag(document.getElementById("plane"), (x, y) => {
  set("x", x);
  set("y", y);
});
