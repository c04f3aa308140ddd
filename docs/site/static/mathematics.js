// Every formula of the page, from its TeX.
for (const element of document.querySelectorAll(".math")) {
  const displayMode = element.tagName === "DIV";
  katex.render(element.textContent, element, { displayMode, throwOnError: false, strict: false });
}
