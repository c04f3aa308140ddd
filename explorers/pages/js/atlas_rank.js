/** What a budget buys in the networks of figure 8: statistics over networks, and the order they give. */

import { mean, median, quantile } from "./maths.js";

/** Of the mean cosines with the exact gradient in all networks of a cell. */
export const STATISTICS = {
  median,
  mean,
  low: (values) => quantile(values, 0.1, true),
  worst: (values) => Math.min(...values),
};

const ENUMERATION = { name: "exact_enumeration", label: "all paths", family: "exact", any_program: true, code: "snn.ExactEnumeration()", caveat: "exact" };

/**
 * All estimators of a scope, the best first; those that the budget does not buy come last.
 * @param {object} data - data/atlas.json.
 * @param {{depth: number, beta: number, budget: number, scope: string, by: string}} state
 */
export function ranking(data, { depth, beta, budget, scope, by }) {
  const cell = data.cells.findIndex(([layers, , slope]) => layers === depth && slope === beta);
  const column = data.budgets.indexOf(budget);
  const rows = data.estimators
    .filter(({ any_program }) => any_program || scope === "layers")
    .map((estimator) => {
      const values = estimator.aligned[cell][column];
      if (values.includes(null)) return { ...estimator, needs: estimator.runs[cell] };
      const of = Object.fromEntries(Object.entries(STATISTICS).map(([name, f]) => [name, f(values)]));
      const rival = by === "median" && Boolean(estimator.rivals[Number(scope === "layers")][cell][column]);
      return { ...estimator, ...of, values, rival };
    });
  const paths = 2 ** data.sites[cell];
  if (paths <= budget) rows.push({ ...ENUMERATION, median: 1, mean: 1, low: 1, worst: 1, values: [1], first: true });
  const score = (row) => (row.first ? Infinity : (row[by] ?? -Infinity));
  return rows.sort((one, other) => score(other) - score(one) || 0);
}
