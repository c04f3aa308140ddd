// Cells of wide tables get the names of their columns: a phone shows rows as cards (site.css).
for (const table of document.querySelectorAll("table.docutils")) {
  const heads = [...table.querySelectorAll("thead th")];
  if (heads.length < 6 || table.matches(".parameters")) continue;
  table.classList.add("cards");
  table.classList.toggle("wide", heads.length >= 8);
  for (const row of table.tBodies[0].rows) {
    [...row.cells].forEach((cell, i) => {
      if (!cell.textContent.trim()) return cell.classList.add("blank");
      const name = document.createElement("span");
      name.className = "name";
      for (const child of (heads[i].querySelector("p") ?? heads[i]).childNodes) name.append(child.cloneNode(true));
      cell.prepend(name);
    });
  }
}
