/** Functions that several explorers share. Everything is double precision. */

export const sigmoid = (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));

/** Firing probability of sigmoid escape noise at v above threshold. */
export const probability = (beta, v) => sigmoid(beta * v);

/** Its derivative with respect to v: the matched surrogate derivative. */
export const slope = (beta, v) => beta * sigmoid(beta * v) * sigmoid(-beta * v);

/** n equally spaced numbers from a to b. */
export const linspace = (a, b, n) => Float64Array.from({ length: n }, (_, i) => a + ((b - a) * i) / (n - 1));

const mix = (h) => {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

/** A uniform number in (0, 1) that depends on its three counters alone: noise is an argument. */
export function uniform(seed, stream, trial) {
  const h = mix(mix(mix(seed + 0x9e3779b9) + stream + 0x7f4a7c15) + trial + 0x3c6ef372);
  return ((h >>> 0) + 0.5) / 4294967296;
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The q quantile, linear between order statistics, or the value below it. */
export function quantile(values, q, lower = false) {
  const sorted = Float64Array.from(values).sort();
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const rest = lower ? 0 : at - below;
  return rest ? sorted[below] + rest * (sorted[below + 1] - sorted[below]) : sorted[below];
}

export const median = (values) => quantile(values, 0.5);

/** Running integral of equally spaced values by Simpson's rule, 0 at the first. */
export function cumulativeSimpson(values, step) {
  const running = new Float64Array(values.length);
  const last = values.length - 1;
  for (let i = 0; i < last; i++) {
    // The parabola through three points: the interval and the one after it, or before it.
    const [a, b, c] = i % 2 === 0 && i + 2 <= last ? [i, i + 1, i + 2] : [i + 1, i, i - 1];
    running[i + 1] = running[i] + (step / 12) * (5 * values[a] + 8 * values[b] - values[c]);
  }
  return running;
}

/** Neighbouring points at which a condition holds, as intervals [from, to]. */
export function intervals(x, holds) {
  const found = [];
  for (let i = 0; i < x.length; i++) {
    if (!holds(i)) continue;
    if (i > 0 && holds(i - 1)) found[found.length - 1][1] = x[i];
    else found.push([x[i], x[i]]);
  }
  return found;
}
