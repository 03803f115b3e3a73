// Makes the headings of the tables sort them, and puts a field beside the contents that leaves only what holds all of
// its words; without it the tables stay in the order in which they were written, and the browser's own search is there.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
for (const contents of document.querySelectorAll(".eh-contents")) {
  const [label, field, found] = ["label", "input", "output"].map((name) => document.createElement(name));
  const items = [...document.querySelectorAll(".eh-report tbody tr, .eh-report .eh-finding")];
  const texts = items.map((item) => plain(item.textContent));
  field.type = "search";
  label.append(contents.dataset.search, " ", field);
  contents.append(label, found);
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    items.forEach((item, place) => { item.hidden = !words.every((word) => texts[place].includes(word)); });
    found.value = words.length ? `${items.filter((item) => !item.hidden).length} / ${items.length}` : "";
  });
}
for (const head of document.querySelectorAll(".eh-report thead th")) {
  const button = document.createElement("button");
  const arrow = document.createElement("span");
  button.type = "button";
  button.className = "eh-sort";
  arrow.ariaHidden = "true";
  arrow.textContent = "↕";
  button.append(...head.childNodes, arrow);
  head.append(button);
  button.addEventListener("click", () => {
    const up = head.ariaSort !== "ascending";
    for (const other of head.parentNode.cells) {
      other.removeAttribute("aria-sort");
      other.querySelector("span").textContent = "↕";
    }
    head.ariaSort = up ? "ascending" : "descending";
    arrow.textContent = up ? "▲" : "▼";
    const body = head.closest("table").tBodies[0];
    const value = (row) => row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent.trim();
    const numbers = head.classList.contains("eh-right");
    const order = (one, other) => {
      const [a, b] = [value(one), value(other)];
      if (a === "" || b === "") return (a === "") - (b === "");  // what is empty is last, either way
      return (numbers ? a - b : a.localeCompare(b, document.documentElement.lang)) * (up ? 1 : -1);
    };
    body.append(...[...body.rows].sort(order));
  });
}
