// What the theme leaves out for people who use a keyboard or a screen reader.
window.addEventListener("load", () => {
  const contents = document.querySelector("aside.toc-drawer");
  const title = contents?.querySelector(".toc-title");
  if (title) {
    title.id = "toc-title";
    contents.setAttribute("aria-labelledby", title.id);
  }
  for (const wide of document.querySelectorAll(".table-wrapper, pre, .text_html")) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
  }
  // pandas leaves the corner of a table empty, which is no heading.
  for (const corner of document.querySelectorAll(".cell_output th:empty")) {
    corner.replaceWith(document.createElement("td"));
  }
  if (!document.querySelector("h1")) {
    document.querySelector("#search-results h2, #search-documentation")?.setAttribute("aria-level", "1");
    document.querySelector("#search-results h2")?.setAttribute("role", "heading");
  }
});

// Sphinx has no Dutch and no German for this sentence, and chooses between one and several by values that are no index.
const FOUND = {
  fr: ["Recherche terminée : une page trouvée.", "Recherche terminée : ${resultCount} pages trouvées."],
  nl: ["Zoeken voltooid: één pagina gevonden.", "Zoeken voltooid: ${resultCount} pagina’s gevonden."],
  de: ["Suche beendet: eine Seite gefunden.", "Suche beendet: ${resultCount} Seiten gefunden."],
}[document.documentElement.lang];
const correct = () => {
  const sentence = "Search finished, found one page matching the search query.";
  Documentation.addTranslations({ messages: { [sentence]: FOUND }, plural_expr: "n === 1 ? 0 : 1" });
};
// Before the search begins: that waits for the same event of the document, which the window captures first.
if (FOUND) window.addEventListener("DOMContentLoaded", correct, { capture: true });
