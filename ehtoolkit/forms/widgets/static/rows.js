// A table whose rows have buttons; it scrolls inside itself, by keyboard too. On a phone each row is a card, whose lines
// say what they are: nothing is beside the window. The roles keep it a table for those who hear it.
export default {
  render({ model, el }) {
    const box = h("div", { class: "eh-scroll", tabindex: "0", role: "region" });
    const nothing = h("p", { class: "eh-note", tabindex: "-1" });
    const content = (cell) => [
      cell.severity ? h("span", { class: `eh-tag eh-is-${cell.severity}` }, svg(cell.icon), h("span", {}, cell.text)) : cell.text,
      cell.note ? h("small", {}, cell.note) : null];
    const button = (row, one) => h("button", { type: "button", class: "eh-button eh-small", "data-key": `${row.key} ${one.action}`,
      onclick: () => model.send({ action: "press", key: row.key, button: one.action }) },
      one.label, one.about ? h("span", { class: "eh-sr" }, ` ${one.about}`) : null);
    const named = (columns, place) => h("span", { class: "eh-cell-name", "aria-hidden": "true" }, columns[place]);
    const line = (row, columns, withButtons) => h("tr", { role: "row" },
      ...row.cells.map((cell, place) => place
        ? h("td", { role: "cell", class: cell.text || cell.severity || cell.note ? null : "eh-cell-empty" }, named(columns, place), h("div", {}, ...content(cell)))
        : h("th", { scope: "row", role: "rowheader" }, ...content(cell))),
      withButtons ? h("td", { role: "cell" }, h("div", { class: "eh-row eh-tight" }, ...row.buttons.map((one) => button(row, one)))) : null);
    const buttonsOf = (tr) => [...(tr?.querySelectorAll("button") ?? [])];
    // Somebody at the keyboard whose button goes is then on the one in its place, else at the table itself.
    const inItsPlace = (button) => {
      const tr = button.closest("tr"), row = [...tr.parentNode.children].indexOf(tr), place = buttonsOf(tr).indexOf(button);
      return () => buttonsOf(box.querySelector("tbody").rows[row])[place] ?? (box.hidden ? nothing : box);
    };
    const draw = () => {
      const rows = model.get("rows"), withButtons = rows.some((row) => row.buttons.length);
      const columns = model.get("columns").slice(0, rows.length ? rows[0].cells.length + (withButtons ? 1 : 0) : undefined);
      box.hidden = !rows.length;
      nothing.hidden = Boolean(rows.length);
      nothing.textContent = model.get("nothing");
      set(box, "aria-label", model.get("label"));
      box.replaceChildren(h("table", { class: "eh-table eh-cards", role: "table" }, h("caption", { class: "eh-sr" }, model.get("label")),
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...columns.map((one) => h("th", { scope: "col", role: "columnheader" }, one)))),
        h("tbody", { role: "rowgroup" }, ...rows.map((row) => line(row, columns, withButtons)))));
    };
    const soon = drawing(box, draw, inItsPlace);
    for (const name of ["rows", "columns", "label", "nothing"]) model.on(`change:${name}`, soon);
    draw();
    el.append(box, nothing);
  },
};
