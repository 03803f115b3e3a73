// Makes the headings of the tables sort them; without it the tables stay in the order in which they were written.
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
