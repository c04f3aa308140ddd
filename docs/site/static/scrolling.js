// What scrolls in a box of its own is reached by the keyboard, too.
function reach() {
  for (const box of document.querySelectorAll("pre, .table-wrapper, .katex-display")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
for (const event of ["load", "resize"]) addEventListener(event, reach);
