/** The stochastic network of figure 3: two inputs, layers of 3, 2 and 1 binary neurons, L = y. */

import { probability, slope, uniform } from "./maths.js";

export const INPUT = [1, 1];

/** Weights between layers, [from][to]; biases and thresholds are 0. A test holds them against figure 3. */
export const WEIGHTS = [
  [
    [0.34111932061049555, 0.15181395868542802, 0.0026043047318672595],
    [-0.6857581104769489, -0.4939447012542917, -0.09687170214957065],
  ],
  [
    [-0.14023073910880712, -0.4980591395808359],
    [-1.0627285842769656, 1.2045054670465487],
    [0.5906484963107459, -0.7322063072790863],
  ],
  [
    [0.8358996007591829],
    [1.1450743894583917],
  ],
];

/** First neuron of each layer; neurons are counted through. */
export const STARTS = [0, 3, 5];
export const N = 6;
const SIZES = [3, 2, 1];
export const layerOf = (site) => STARTS.findLastIndex((start) => site >= start);

/**
 * One trial.
 * @param {ArrayLike<number>} xi - a uniform number for each neuron.
 * @param {number} [site] - a neuron whose spike is set,
 * @param {number} [value] - and what to.
 */
export function run(beta, xi, site = -1, value = 0) {
  const [v, p, s] = [new Float64Array(N), new Float64Array(N), new Uint8Array(N)];
  let below = INPUT;
  WEIGHTS.forEach((weights, layer) => {
    for (let k = 0; k < SIZES[layer]; k++) {
      const i = STARTS[layer] + k;
      v[i] = 0;
      for (let j = 0; j < below.length; j++) v[i] += below[j] * weights[j][k];
      p[i] = probability(beta, v[i]);
      s[i] = i === site ? value : Number(xi[i] < p[i]);
    }
    below = s.subarray(STARTS[layer], STARTS[layer] + SIZES[layer]);
  });
  return { v, p, s, loss: s[N - 1] };
}

/** Weights c of a flip, of mean 1: how a change of probability is attributed to outcomes. */
export const COUPLINGS = {
  straight_through: () => 1,
  right: (p, s) => (1 - s) / (1 - p),
  left: (p, s) => s / p,
  two_sided: (p, s) => (s ? 1 / (2 * p) : 1 / (2 * (1 - p))),
};

/** c p' of a neuron in a trial. */
export const weightedSlope = (beta, { v, p, s }, site, coupling) => COUPLINGS[coupling](p[site], s[site]) * slope(beta, v[site]);

/** What the chain rule takes for dL/ds of a neuron, each later spike differentiated as c p'. */
export function chain(beta, trial, site, coupling) {
  const adjoint = new Float64Array(N);
  adjoint[N - 1] = 1;
  for (let i = N - 2; i >= site; i--) {
    const layer = layerOf(i);
    for (let k = 0; k < SIZES[layer + 1]; k++) {
      const j = STARTS[layer + 1] + k;
      adjoint[i] += WEIGHTS[layer + 1][i - STARTS[layer]][k] * weightedSlope(beta, trial, j, coupling) * adjoint[j];
    }
  }
  return adjoint[site];
}

/** D = L(s := 1) - L(s := 0) of a neuron under the same noise. */
export const difference = (beta, xi, site) => run(beta, xi, site, 1).loss - run(beta, xi, site, 0).loss;

/** The derivative by a neuron's bias in one trial: three ways. */
export function terms(beta, xi, site, coupling) {
  const trial = run(beta, xi);
  const weight = weightedSlope(beta, trial, site, coupling);
  return {
    surrogate: slope(beta, trial.v[site]) * chain(beta, trial, site, "straight_through"),
    smoothed: weight * chain(beta, trial, site, coupling),
    stochastic_ad: weight * difference(beta, xi, site),
  };
}

export const noise = (trial) => Float64Array.from({ length: N }, (_, site) => uniform(0, trial, site));

/** Every path with its probability: uniform numbers beyond both ends force each spike. */
export function paths(beta) {
  return Array.from({ length: 2 ** N }, (_, index) => {
    const xi = Array.from({ length: N }, (_, i) => ((index >> (N - 1 - i)) & 1 ? -1 : 2));
    const trial = run(beta, xi);
    const weight = trial.p.reduce((product, p, i) => product * (trial.s[i] ? p : 1 - p), 1);
    return { index, xi, trial, weight };
  });
}

/** Averages over all paths: of the two sums along a path, and the exact derivative. */
export function averages(beta, site, coupling) {
  const total = { surrogate: 0, smoothed: 0, exact: 0 };
  for (const { xi, trial, weight } of paths(beta)) {
    const of = terms(beta, xi, site, coupling);
    total.surrogate += weight * of.surrogate;
    total.smoothed += weight * of.smoothed;
    total.exact += weight * trial.loss * beta * (trial.s[site] - trial.p[site]); // the path's score
  }
  return total;
}
