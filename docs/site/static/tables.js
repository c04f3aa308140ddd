// Cells of tables too wide for a phone get the names of their columns: it shows rows as cards (site.css).
for (const table of document.querySelectorAll("table.docutils")) {
  const heads = [...table.querySelectorAll("thead th")];
  const longest = Math.max(...[...table.tBodies[0].rows].map((row) => row.textContent.length));
  if (heads.length < 4 || (heads.length < 5 && longest < 120)) continue;
  table.classList.add("cards");
  table.classList.toggle("wide", heads.length >= 8);
  const large = table.tBodies[0].rows.length > 9 || heads.length >= 6;
  for (const row of table.tBodies[0].rows) {
    [...row.cells].forEach((cell, i) => {
      if (!cell.textContent.trim()) return cell.classList.add("blank");
      const name = document.createElement("span");
      name.className = "name";
      for (const child of (heads[i].querySelector("p") ?? heads[i]).childNodes) name.append(child.cloneNode(true));
      cell.prepend(name);
    });
    if (!large) continue;
    const more = document.createElement("button");
    more.className = "more";
    more.textContent = "more";
    more.onclick = () => {
      const folded = row.classList.toggle("folded");
      more.textContent = folded ? "more" : "less";
      more.ariaExpanded = !folded;
    };
    more.onclick();
    const last = row.cells[1].querySelector("p") ?? row.cells[1];
    last.append(more);
  }
}
// Code in a cell may break after a dot, a comma or a bracket.
for (const code of document.querySelectorAll("table code.literal .pre")) {
  const parts = code.textContent.split(/(?<=[.,(=_/])/);
  code.replaceChildren(...parts.flatMap((part, i) => (i ? [document.createElement("wbr"), part] : [part])));
}
