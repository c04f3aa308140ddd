/** Line plots as SVG, in the look of the figures: two spines, few ticks, colours from the style sheet. */

const MARGIN = { left: 60, right: 12, top: 10, bottom: 40 };

/** A number as it is printed: four significant digits, a true minus, never in programmers' notation. */
export function format(value, digits = 4) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  let text;
  if (size === 0) text = "0";
  else if (size < 10 ** -digits || size >= 1e5) {
    const [head, exponent] = value.toExponential(1).split("e");
    const raised = [...String(Number(exponent))].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("");
    text = `${head} × 10${raised}`;
  } else text = value.toFixed(Math.max(0, digits - Math.max(0, Math.floor(Math.log10(size)))));
  return text.replace("-", "−");
}

function ticks([a, b], kind, about) {
  // Below 3 on both sides, an axis of asinh is nearly linear.
  if (kind === "asinh" && Math.max(-a, b) > 3) return [-100, -10, -1, 0, 1, 10, 100].filter((t) => t >= a && t <= b);
  if (kind === "log") {
    const [low, high] = [Math.log10(a), Math.log10(b)];
    const steps = high - low < 1.5 ? [1, 2, 5] : high - low < 2.6 ? [1, 3] : [1];
    const all = [];
    for (let e = Math.floor(low); e <= high; e++) for (const m of steps) all.push(m * 10 ** e);
    return all.filter((t) => t >= a * 0.999 && t <= b * 1.001);
  }
  const raw = (b - a) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= raw);
  const first = Math.ceil(a / step - 1e-9);
  return Array.from({ length: Math.floor(b / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

const label = (t) => String(Number(t.toPrecision(4))).replace("-", "−");

/** Kinds of axes: where a number lies, and the number at a place. */
const AXES = {
  linear: [(t) => t, (t) => t],
  log: [Math.log10, (t) => 10 ** t],
  asinh: [Math.asinh, Math.sinh],
};

function scale([a, b], [from, to], kind) {
  const [f, back] = AXES[kind];
  const [low, high] = [f(a), f(b)];
  const to_pixel = (t) => from + ((f(t) - low) / (high - low)) * (to - from);
  return Object.assign(to_pixel, { inverse: (p) => back(low + ((p - from) / (to - from)) * (high - low)) });
}

/**
 * Draws a plot into an element of a given size, whatever was there.
 * @param {HTMLElement} host - keeps the scales for `drag`.
 * @param {object} spec - x and y ranges, xlabel, ylabel, label for screen readers, xlog, ylog, yticks;
 *   yasinh: linear around 0, logarithmic beyond 1; bare: without axes.
 * @param {Array<(s: object) => string>} marks - from the functions below, lowest first.
 */
export function plot(host, spec, marks) {
  const left = spec.ylabel === undefined ? 12 : MARGIN.left;
  const width = Math.max(20, host.clientWidth - left - MARGIN.right);
  const height = host.clientHeight - MARGIN.top - MARGIN.bottom;
  const kinds = { x: spec.xlog ? "log" : "linear", y: spec.ylog ? "log" : spec.yasinh ? "asinh" : "linear" };
  const s = { x: scale(spec.x, [0, width], kinds.x), y: scale(spec.y, [height, 0], kinds.y), width, height };
  const across = ticks(spec.x, kinds.x, Math.min(6, width / 60));
  const up = spec.yticks ?? ticks(spec.y, kinds.y, Math.min(5, height / 34));
  const x_axis = across.map((t) => `<path d="M${s.x(t)} ${height}v4"/><text x="${s.x(t)}" y="${height + 17}">${label(t)}</text>`);
  const y_axis = up.map((t) => `<path d="M0 ${s.y(t)}h-4"/><text class="up" x="-7" y="${s.y(t) + 4}">${label(t)}</text>`);
  // Lines end where the axes do; dots on their edge are whole.
  const inside = `${host.id}-inside`;
  s.clip = `url(#${inside})`;
  host.innerHTML = `<svg width="${host.clientWidth}" height="${host.clientHeight}" role="img" aria-label="${spec.label}">
    <clipPath id="${inside}"><rect y="-3" width="${width}" height="${height + 6}"/></clipPath>
    <g transform="translate(${left} ${MARGIN.top})">
      <svg x="-9" y="-9" width="${width + 18}" height="${height + 18}" viewBox="-9 -9 ${width + 18} ${height + 18}">${marks.map((mark) => mark(s)).join("")}</svg>
      <g class="axis" ${spec.bare ? "display=none" : ""}><path d="M0 ${spec.ylabel === undefined ? height : 0}V${height}H${width}"/>
      ${x_axis.join("")}${spec.ylabel === undefined ? "" : y_axis.join("")}
      <text x="${width / 2}" y="${height + 35}">${spec.xlabel}</text>
      <text transform="translate(-47 ${height / 2}) rotate(-90)">${spec.ylabel ?? ""}</text></g>
    </g></svg>`;
  host.scales = { ...s, left, top: MARGIN.top };
}

const joined = (xs, ys, s) => Array.from(xs, (x, i) => `${s.x(x).toFixed(2)} ${s.y(ys[i]).toFixed(2)}`).join("L");

export const line = (xs, ys, look) => (s) => `<path class="line ${look}" clip-path="${s.clip}" d="M${joined(xs, ys, s)}"/>`;

export const band = (xs, low, high, look) => (s) =>
  `<path class="band ${look}" d="M${joined(xs, low, s)}L${joined([...xs].reverse(), [...high].reverse(), s)}Z"/>`;

export const dots = (xs, ys, look, radius = 3) => (s) =>
  Array.from(xs, (x, i) => `<circle class="dot ${look}" cx="${s.x(x)}" cy="${s.y(ys[i])}" r="${radius}"/>`).join("");

/** Vertical bars from low to high. */
export const bars = (xs, low, high, look) => (s) =>
  `<path class="line ${look}" d="${Array.from(xs, (x, i) => `M${s.x(x)} ${s.y(low[i])}V${s.y(high[i])}`).join("")}"/>`;

export const shade = (ranges, look) => (s) =>
  ranges.map(([a, b]) => `<rect class="shade ${look}" x="${s.x(a)}" y="0" width="${Math.max(1, s.x(b) - s.x(a))}" height="${s.height}"/>`).join("");

export const rule = ({ x, y }, look) => (s) =>
  `<path class="line ${look}" d="${x === undefined ? `M0 ${s.y(y)}H${s.width}` : `M${s.x(x)} 0V${s.height}`}"/>`;

/** A vertical line with a grip, which `drag` moves. */
export const cursor = (x) => (s) =>
  `<path class="line cursor" d="M${s.x(x)} 0V${s.height}"/><circle class="grip" cx="${s.x(x)}" cy="${s.height - 8}" r="8"/>`;

export const text = (x, y, words, look = "") => (s) => `<text class="word ${look}" x="${s.x(x)}" y="${s.y(y)}">${words}</text>`;

/** Range of values with some room, 0 included where asked. */
export function range(lists, room = 0.06, zero = true) {
  let [low, high] = zero ? [0, 0] : [Infinity, -Infinity];
  for (const values of lists) for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (high === low) [low, high] = [low - 1, high + 1];
  const margin = room * (high - low);
  return [low - margin, high + margin];
}

/** Calls back with data coordinates while a pointer that was pressed on a plot moves. */
export function drag(host, moved) {
  const follow = (event) => {
    const box = host.getBoundingClientRect();
    const { x, y, left, top } = host.scales;
    moved(x.inverse(event.clientX - box.left - left), y.inverse(event.clientY - box.top - top));
  };
  host.addEventListener("pointerdown", (event) => {
    host.setPointerCapture(event.pointerId);
    follow(event);
    host.addEventListener("pointermove", follow);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    host.addEventListener(end, () => host.removeEventListener("pointermove", follow));
  }
}
