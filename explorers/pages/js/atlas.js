/** The atlas of figure 8: filter by network and budget, see every network, take the winner's code. */

import { ranking, STATISTICS } from "./atlas_rank.js";
import { explorer, say } from "./page.js";

const data = await (await fetch("data/atlas.json")).json();
const body = document.getElementById("rows");
let chosen = "";
let filter = "";

/** Rounded towards 0, so that nothing becomes 1 that is not. */
function floored(value) {
  const digits = (Math.floor(1000 * Math.abs(value) + 1e-9) / 1000).toFixed(3);
  return value < 0 && Number(digits) ? `−${digits}` : digits;
}

/** One dot for every network, from cosine -1 to 1; a bar at the median. Where the budget buys no gradient: what one needs. */
function strip(row, width, budget) {
  if (!row.values) return `<span class="unit">needs ${row.needs > budget ? `${row.needs} runs` : "more than one trial"}</span>`;
  const x = (value) => 6 + ((value + 1) / 2) * (width - 12);
  const dots = row.values.map((value, i) => `<circle cx="${x(value).toFixed(1)}" cy="${8 + ((i * 7) % 11)}" r="2.6"/>`);
  return `<svg width="${width}" height="26" aria-hidden="true" style="--tint: var(--family-${row.family})">
    <path class="line zero" d="M${x(0)} 0V26M${x(1)} 0V26"/>${dots.join("")}
    <path class="line median" d="M${x(row.median)} 2v22"/></svg>`;
}

function draw({ depth, beta, budget, scope, by }) {
  const state = { depth: Number(depth), beta: Number(beta), budget: Number(budget), scope, by };
  const rows = ranking(data, state);
  const [best] = rows;
  if (JSON.stringify(state) !== filter) chosen = best.name;
  filter = JSON.stringify(state);
  const width = document.getElementById("strips").clientWidth - 8;
  const focused = document.activeElement?.dataset?.name;
  body.innerHTML = rows
    .map(
      (row) => `<tr class="${row === best ? "best" : ""}" data-name="${row.name}">
        <th scope="row"><button type="button" data-name="${row.name}" aria-pressed="${row.name === chosen}" style="--tint: var(--family-${row.family})">${row.label}</button></th>
        <td class="strip">${strip(row, width, state.budget)}</td>
        ${Object.keys(STATISTICS).map((name) => (row.values ? `<td data-statistic="${name}" data-value="${row[name]}">${row.rival && name === "median" ? "≈ " : ""}${floored(row[name])}</td>` : `<td data-statistic="${name}">–</td>`)).join("")}
      </tr>`,
    )
    .join("");
  if (focused) body.querySelector(`button[data-name="${focused}"]`)?.focus();
  document.querySelectorAll("[data-by]").forEach((head) => head.setAttribute("aria-sort", head.dataset.by === by ? "descending" : "none"));

  const shown = rows.find(({ name }) => name === chosen);
  document.getElementById("code").innerHTML = shown.code.replaceAll("(", "(<wbr>");
  document.getElementById("code_of").textContent = shown === best ? `The winner, ${shown.label}:` : `${shown.label}:`;
  document.getElementById("caveat").textContent = shown.caveat;
  const words = { median: "median", mean: "mean", low: "10th percentile", worst: "worst network" }[by];
  const negative = best.values.filter((value) => value < 0).length;
  const against = negative ? ` In ${negative} of ${best.values.length} networks it points against the gradient.` : "";
  const rivals = rows.filter(({ rival }) => rival).length;
  const undecided = rivals ? ` ${rivals} other${rivals > 1 ? "s" : ""} (≈) cannot be told from it.` : "";
  if (best.first) say(`${state.budget} runs are enough to enumerate all paths, which is exact.`);
  else say(`Largest ${words}: ${best.label}, ${floored(best[by])}.${undecided}${against}`, negative > 0);
}

const ask = explorer(draw);
body.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  chosen = button.dataset.name;
  ask();
});
document.getElementById("copy").addEventListener("click", async ({ target }) => {
  await navigator.clipboard?.writeText(document.getElementById("code").textContent);
  target.textContent = "Copied";
  setTimeout(() => (target.textContent = "Copy"), 1500);
});
