/** Adaptive Gauss-Kronrod quadrature (21 points), which closes in upon jumps of the integrand. */

const NODES = [
  0.995657163025808080735527280689003, 0.973906528517171720077964012084452, 0.930157491355708226001207180059508,
  0.865063366688984510732096688423493, 0.780817726586416897063717578345042, 0.679409568299024406234327365114874,
  0.562757134668604683339000099272694, 0.433395394129247190799265943165784, 0.294392862701460198131126603103866,
  0.14887433898163121088482600112972, 0,
];
const KRONROD = [
  0.011694638867371874278064396062192, 0.03255816230796472747881897245939, 0.05475589657435199603138130024458,
  0.07503967481091995276704314091619, 0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
  0.123491976262065851077958109585166, 0.134709217311473325928054001771707, 0.142775938577060080797094273138717,
  0.147739104901338491374841515972068, 0.149445554002916905664936468389821,
];
const GAUSS = [
  0.066671344308688137593568809893332, 0.149451349150580593145863396957658, 0.219086362515982043995534934228163,
  0.269266719309996355091226921569469, 0.295524224714752870173815619188769,
];

function panel(f, a, b) {
  const [middle, half] = [(a + b) / 2, (b - a) / 2];
  let [kronrod, gauss] = [0, 0];
  NODES.forEach((node, i) => {
    const value = node ? f(middle - half * node) + f(middle + half * node) : f(middle);
    kronrod += KRONROD[i] * value;
    if (i % 2) gauss += GAUSS[(i - 1) / 2] * value;
  });
  return { a, b, value: half * kronrod, error: Math.abs(half * (kronrod - gauss)) };
}

/**
 * @param {(t: number) => number} f - the integrand.
 * @param {number} panels - equal panels of the first pass; every jump must fall between two of its nodes.
 * @returns {{t: number[], running: number[], value: number, error: number}} the running integral at
 *   the ends of all panels, the whole one, and a bound on its error.
 */
export function integrate(f, from, to, panels = 360, tolerance = 1e-9, most = 1500) {
  const at = (i) => from + ((to - from) * i) / panels;
  const found = Array.from({ length: panels }, (_, i) => panel(f, at(i), at(i + 1)));
  const total = () => found.reduce((sum, { error }) => sum + error, 0);
  while (found.length < most && total() > tolerance) {
    // All panels with a large share of the error at once, so that the sum is taken rarely.
    const limit = Math.max(...found.map(({ error }) => error)) / 4;
    for (let i = found.length - 1; i >= 0; i--) {
      const { a, b, error } = found[i];
      if (error < limit) continue;
      found[i] = panel(f, a, (a + b) / 2);
      found.push(panel(f, (a + b) / 2, b));
    }
  }
  found.sort((one, other) => one.a - other.a);
  const running = [0];
  for (const { value } of found) running.push(running[running.length - 1] + value);
  return { t: [from, ...found.map(({ b }) => b)], running, value: running[running.length - 1], error: total() };
}

/** Linear interpolation in increasing t. */
export function interpolate(t, values, at) {
  let [low, high] = [0, t.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (t[middle] <= at) low = middle;
    else high = middle;
  }
  return values[low] + ((values[high] - values[low]) * (at - t[low])) / (t[high] - t[low]);
}
