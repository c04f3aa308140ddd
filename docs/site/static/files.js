// From a file, a browser runs no modules and fetches nothing: it is said, in place of a blank page.
if (location.protocol === "file:") {
  addEventListener("DOMContentLoaded", () => {
    const place = document.querySelector(".stage, #search-results");
    if (!place) return;
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = place.id
      ? "Opened as a file, the search shows titles without excerpts. In the checkout, make serve shows both."
      : "A browser does not run this page from a file. In the checkout, make serve shows it.";
    place.before(note);
  });
}
