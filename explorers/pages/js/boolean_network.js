/**
 * The network of figure 10, by transfer matrices: binary neurons 3-4-4-1 with sigmoid escape noise.
 * Its 41 weights are one vector: of each layer the biases, then for each input those onto all neurons.
 */

import { sigmoid, slope } from "./maths.js";

const states = (n) => Array.from({ length: 2 ** n }, (_, k) => Array.from({ length: n }, (_, i) => (k >> i) & 1));
const PATTERNS = states(3);
const STATES = states(4);
const LAYERS = [
  { at: 0, neurons: 4, below: PATTERNS },
  { at: 16, neurons: 4, below: STATES },
  { at: 36, neurons: 1, below: STATES },
];
const N_WEIGHTS = 41;

export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The sum of rows, each times its factor. */
function mixed(factors, rows) {
  const sum = new Float64Array(rows[0].length);
  for (let j = 0; j < rows.length; j++) for (let k = 0; k < sum.length; k++) sum[k] += factors[j] * rows[j][k];
  return sum;
}

/** Where the weight of neuron i onto input j lies. */
const place = ({ at, neurons }, j, i) => at + (j + 1) * neurons + i;

/** Potentials minus threshold of a layer, given each state below. */
const potentials = (weights, layer) =>
  layer.below.map((s) => {
    const v = weights.slice(layer.at, layer.at + layer.neurons);
    for (let j = 0; j < s.length; j++) if (s[j]) for (let i = 0; i < v.length; i++) v[i] += weights[place(layer, j, i)];
    return v;
  });

/** Probability of each of a layer's states, given its potentials. */
function distribution(v, beta) {
  const p = new Float64Array(2 ** v.length);
  p[0] = 1;
  for (let i = 0; i < v.length; i++) {
    const fires = sigmoid(beta * v[i]);
    const silent = sigmoid(-beta * v[i]);
    for (let k = 0; k < 1 << i; k++) {
      p[k + (1 << i)] = p[k] * fires;
      p[k] *= silent;
    }
  }
  return p;
}

/** Potentials v and transfer matrices p; the output's mean given the second hidden layer, and given the first. */
export function network(weights, beta) {
  const v = LAYERS.map((layer) => potentials(weights, layer));
  const p = [0, 1].map((l) => v[l].map((each) => distribution(each, beta)));
  const answers = v[2].map(([each]) => sigmoid(beta * each));
  return { weights, beta, v, p, answers, means: p[1].map((row) => dot(row, answers)) };
}

/** A measure on the first layer's states, and what becomes of it in the second. */
const measures = ([first, second], ofPattern) => {
  const ofFirst = mixed(ofPattern, first);
  return [ofFirst, mixed(ofFirst, second)];
};

/** Adds to a gradient what one state below and the layer's potentials contribute. */
function add(grad, layer, state, byPotential, factor) {
  for (let i = 0; i < byPotential.length; i++) {
    grad[layer.at + i] += factor * byPotential[i];
    for (let j = 0; j < state.length; j++) grad[place(layer, j, i)] += factor * state[j] * byPotential[i];
  }
}

/** Derivative of the mean of a function of a layer's state, by the layer's potentials. */
const derivative = (v, p, of, beta) =>
  v.map((each, i) => {
    const fires = sigmoid(beta * each);
    const silent = sigmoid(-beta * each);
    let sum = 0;
    for (let k = 0; k < p.length; k++) sum += p[k] * of[k] * ((k >> i) & 1 ? silent : -fires);
    return beta * sum;
  });

/** The expected number of patterns that are answered wrong. */
export const wrongPatterns = ({ p, means }, targets) => targets.reduce((sum, z, x) => sum + Math.abs(z - dot(p[0][x], means)), 0);

/** The exact gradient of the expected loss, which is the number of wrong patterns over 16. */
export function exactGradient({ beta, v, p, answers, means }, targets) {
  const sign = targets.map((z) => (0.5 - z) / PATTERNS.length);
  const [first, second] = measures(p, sign);
  const grad = new Float64Array(N_WEIGHTS);
  PATTERNS.forEach((x, k) => add(grad, LAYERS[0], x, derivative(v[0][k], p[0][k], means, beta), sign[k]));
  STATES.forEach((s, k) => {
    add(grad, LAYERS[1], s, derivative(v[1][k], p[1][k], answers, beta), first[k]);
    add(grad, LAYERS[2], s, [slope(beta, v[2][k][0])], second[k]);
  });
  return grad;
}

/** The mean of the surrogate gradient of that loss, with a sigmoid's derivative of another slope. */
export function meanSurrogate({ weights, v, p, answers }, targets, beta) {
  const d = v.map((rows) => rows.map((row) => row.map((each) => slope(beta, each))));
  const output = STATES[0].map((_, i) => weights[place(LAYERS[2], i, 0)]);
  const n = PATTERNS.length;
  // The error s - z is linear in the answer z: with measures of patterns, and of those to be answered.
  const [all, ones] = [targets.map(() => 1 / n), targets.map((z) => z / n)].map((of) => measures(p, of));
  const slopes = d[2].map(([each]) => each);
  const answered = slopes.map((each, k) => each * answers[k]);
  const [spikes, plain] = [answered, slopes].map((of) => p[1].map((row) => dot(row, of)));
  const grad = new Float64Array(N_WEIGHTS);
  const toFirst = STATES.map((s, k) => {
    add(grad, LAYERS[2], s, d[2][k], all[1][k] * answers[k] - ones[1][k]);
    const back = d[1][k].map((each, i) => each * output[i]);
    add(grad, LAYERS[1], s, back, all[0][k] * spikes[k] - ones[0][k] * plain[k]);
    return s.map((_, i) => back.reduce((sum, value, j) => sum + value * weights[place(LAYERS[1], i, j)], 0));
  });
  PATTERNS.forEach((x, k) => {
    const back = mixed(p[0][k].map((q, s) => q * (spikes[s] - targets[k] * plain[s])), toFirst);
    add(grad, LAYERS[0], x, d[0][k].map((each, i) => each * back[i]), 1 / n);
  });
  return grad;
}
