/**
 * The network of figures 4 and 5: g = s(w x), h_i = s(v_i g), y = s(u1 h1 + u2 h2), x = 1.
 * theta = [w, v1, v2, u1, u2]. `slope` is what stands for s' in the chain rule, a function of v.
 */

import { probability, slope } from "./maths.js";

export const sigmoidSlope = (beta) => (v) => slope(beta, v);

/** The output of the differentiable network. */
export function output([w, v1, v2, u1, u2], beta) {
  const g = probability(beta, w);
  return probability(beta, u1 * probability(beta, v1 * g) + u2 * probability(beta, v2 * g));
}

/** Chain rule through given activities: the gradient if `derivative` is s', else a surrogate gradient. */
function backward([w, v1, v2, u1, u2], g, h1, h2, derivative) {
  const dy = derivative(u1 * h1 + u2 * h2);
  const [d1, d2] = [dy * u1 * derivative(v1 * g), dy * u2 * derivative(v2 * g)];
  return [(d1 * v1 + d2 * v2) * derivative(w), d1 * g, d2 * g, dy * h1, dy * h2];
}

/** Of the differentiable network of slope beta. */
export function gradient(theta, beta, derivative = sigmoidSlope(beta)) {
  const [w, v1, v2] = theta;
  const g = probability(beta, w);
  return backward(theta, g, probability(beta, v1 * g), probability(beta, v2 * g), derivative);
}

/** The eight states of g, h1, h2: [probability, g, h1, h2]. */
function states([w, v1, v2], beta) {
  const either = (p) => [1 - p, p];
  const pg = either(probability(beta, w));
  const found = [];
  for (const g of [0, 1]) {
    const [p1, p2] = [either(probability(beta, v1 * g)), either(probability(beta, v2 * g))];
    for (const h1 of [0, 1]) for (const h2 of [0, 1]) found.push([pg[g] * p1[h1] * p2[h2], g, h1, h2]);
  }
  return found;
}

/** The expected output of the stochastic network. */
export function expectedOutput(theta, beta) {
  let total = 0;
  for (const [p, , h1, h2] of states(theta, beta)) total += p * probability(beta, theta[3] * h1 + theta[4] * h2);
  return total;
}

/** The expected surrogate gradient of the stochastic network: chain rule along every path. */
export function expectedSurrogate(theta, beta, derivative = sigmoidSlope(beta)) {
  const total = [0, 0, 0, 0, 0];
  for (const [p, g, h1, h2] of states(theta, beta)) {
    backward(theta, g, h1, h2, derivative).forEach((value, i) => (total[i] += p * value));
  }
  return total;
}

/** The gradient of the expected output: every spike's probability moves the weight of its outcomes. */
export function exactGradient(theta, beta) {
  const [w, v1, v2, u1, u2] = theta;
  const y = (h1, h2) => probability(beta, u1 * h1 + u2 * h2);
  const over = (p, silent, fired) => (1 - p) * silent + p * fired;
  const given = (g) => {
    const [p1, p2] = [probability(beta, v1 * g), probability(beta, v2 * g)];
    const flip1 = over(p2, y(1, 0) - y(0, 0), y(1, 1) - y(0, 1));
    const flip2 = over(p1, y(0, 1) - y(0, 0), y(1, 1) - y(1, 0));
    const mean = over(p2, over(p1, y(0, 0), y(1, 0)), over(p1, y(0, 1), y(1, 1)));
    return { mean, dv1: slope(beta, v1 * g) * g * flip1, dv2: slope(beta, v2 * g) * g * flip2 };
  };
  const [silent, fired, pg] = [given(0), given(1), probability(beta, w)];
  const total = [slope(beta, w) * (fired.mean - silent.mean), pg * fired.dv1, pg * fired.dv2, 0, 0];
  for (const [p, , h1, h2] of states(theta, beta)) {
    const dy = p * slope(beta, u1 * h1 + u2 * h2);
    total[3] += dy * h1;
    total[4] += dy * h2;
  }
  return total;
}
