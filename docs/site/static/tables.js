// Wide tables get the names of their columns into their cells: a phone shows rows as cards (site.css).
for (const table of document.querySelectorAll("table.docutils")) {
  const names = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
  if (names.length < 6 || table.matches(".parameters")) continue;
  table.classList.add("cards");
  table.classList.toggle("wide", names.length >= 8);
  for (const row of table.tBodies[0].rows) {
    [...row.cells].forEach((cell, i) => (cell.dataset.name = names[i]));
  }
}
