// Screen readers list the sidebars as landmarks, by these names.
const names = { ".sidebar-drawer": "All pages", ".toc-drawer": "On this page" };
for (const [sidebar, name] of Object.entries(names)) document.querySelector(sidebar)?.setAttribute("aria-label", name);
