// A table whose rows have buttons; it scrolls inside itself, by keyboard too.
export default {
  render({ model, el }) {
    const box = h("div", { class: "eh-scroll", tabindex: "0", role: "region" });
    const nothing = h("p", { class: "eh-note" });
    const content = (cell) => [
      cell.severity ? h("span", { class: `eh-tag eh-is-${cell.severity}` }, svg(cell.icon), h("span", {}, cell.text)) : cell.text,
      cell.note ? h("small", {}, cell.note) : null];
    const button = (row, one) => h("button", { type: "button", class: "eh-button eh-small", "data-key": `${row.key} ${one.action}`,
      onclick: () => model.send({ action: "press", key: row.key, button: one.action }) },
      one.label, one.about ? h("span", { class: "eh-sr" }, ` ${one.about}`) : null);
    const line = (row, withButtons) => h("tr", {},
      ...row.cells.map((cell, place) => h(place ? "td" : "th", { scope: place ? null : "row" }, ...content(cell))),
      withButtons ? h("td", {}, h("div", { class: "eh-row eh-tight" }, ...row.buttons.map((one) => button(row, one)))) : null);
    const draw = () => {
      const held = box.contains(document.activeElement) ? document.activeElement.dataset.key : null;
      const rows = model.get("rows"), withButtons = rows.some((row) => row.buttons.length);
      const columns = model.get("columns").slice(0, rows.length ? rows[0].cells.length + (withButtons ? 1 : 0) : undefined);
      box.hidden = !rows.length;
      nothing.hidden = Boolean(rows.length);
      nothing.textContent = model.get("nothing");
      set(box, "aria-label", model.get("label"));
      box.replaceChildren(h("table", { class: "eh-table" }, h("caption", { class: "eh-sr" }, model.get("label")),
        h("thead", {}, h("tr", {}, ...columns.map((one) => h("th", { scope: "col" }, one)))),
        h("tbody", {}, ...rows.map((row) => line(row, withButtons)))));
      if (held) [...box.querySelectorAll("button")].find((one) => one.dataset.key === held)?.focus();
    };
    for (const name of ["rows", "columns", "label", "nothing"]) model.on(`change:${name}`, draw);
    draw();
    el.append(box, nothing);
  },
};
