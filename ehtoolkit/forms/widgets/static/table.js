// A table that scrolls inside itself, by keyboard too. Its rows may have buttons or a link, its headings may sort it, and a
// long one comes a page at a time. With ``cards``, on a phone each row is a card, whose lines say what they are: nothing is
// beside the window. The roles keep it a table for a screen reader.
export default {
  render({ model, el }) {
    const box = h("div", { class: "eh-scroll", tabindex: "0", role: "region" });
    const nothing = h("p", { class: "eh-note", tabindex: "-1" });
    const place = h("p", { class: "eh-note" }), pager = h("nav", { class: "eh-pager" });
    const foot = h("div", { class: "eh-row eh-row-between eh-section-s" }, place, pager);
    const cards = model.get("cards");
    const heading = (column) => {
      const now = column.key && column.key === model.get("sort"), up = model.get("ascending");
      const label = column.key ? h("button", { type: "button", class: "eh-sort", "data-key": `sort ${column.key}`,
        onclick: () => model.send({ action: "sort", column: column.key }) },
        column.label, h("span", { "aria-hidden": "true" }, now ? (up ? "▲" : "▼") : "↕")) : column.label;
      return h("th", { scope: "col", role: "columnheader", class: column.right ? "eh-right" : null,
        "aria-sort": now ? (up ? "ascending" : "descending") : null }, label);
    };
    const content = (cell) => [cell.severity ? tag(cell, cell.text) : cell.text, cell.note ? h("small", {}, cell.note) : null];
    const cells = (row, columns) => row.cells.map((cell, n) => {
      const right = columns[n]?.right ? "eh-right eh-num" : null;
      if (!n) return h("th", { scope: "row", role: "rowheader", class: right }, ...content(cell));
      if (!cards) return h("td", { role: "cell", class: right }, ...content(cell));
      return h("td", { role: "cell", class: cell.text || cell.severity || cell.note ? null : "eh-cell-empty" },
        h("span", { class: "eh-cell-name", "aria-hidden": "true" }, columns[n].label), h("div", {}, ...content(cell)));
    });
    const press = (row, button) => h("button", { type: "button", class: "eh-button eh-small", "data-key": `${row.key} ${button.action}`,
      onclick: () => model.send({ action: "press", key: row.key, button: button.action }) },
      button.label, button.about ? h("span", { class: "eh-sr" }, ` ${button.about}`) : null);
    const last = (row) => (row.buttons ? h("div", { class: "eh-row eh-tight" }, ...row.buttons.map((button) => press(row, button)))
      : row.link ? h("a", { href: row.link.href, "aria-label": row.link.label }, row.link.text) : "–");
    const turn = (name, page) => {
      const there = page >= 1 && page <= model.get("pages");
      return h("button", { type: "button", class: "eh-button eh-small", "data-key": name, "aria-disabled": there ? null : "true",
        onclick: () => { if (there) model.send({ action: "turn", page }); } },
        name === "previous" ? svg(model.get("icons").back) : null, h("span", {}, model.get("words")[name]),
        name === "next" ? svg(model.get("icons").next) : null);
    };
    // Where a button of a row goes, the focus goes to the one in its place, else to the table itself.
    const buttonsOf = (tr) => [...(tr?.querySelectorAll("button") ?? [])];
    const inItsPlace = (button) => {
      const tr = button.closest("tr"), row = [...(tr?.parentNode.children ?? [])].indexOf(tr), at = buttonsOf(tr).indexOf(button);
      return () => buttonsOf(box.querySelector("tbody").rows[row])[at] ?? (box.hidden ? nothing : box);
    };
    const draw = () => {
      const rows = model.get("rows"), page = model.get("page"), label = model.get("label");
      const ends = rows.some((row) => !row.buttons || row.buttons.length);
      const columns = model.get("columns").slice(0, rows.length && !ends ? rows[0].cells.length : undefined);
      box.hidden = !rows.length;
      nothing.hidden = Boolean(rows.length);
      nothing.textContent = model.get("nothing");
      set(box, "aria-label", label);
      box.replaceChildren(h("table", { class: cards ? "eh-table eh-cards" : "eh-table", role: "table" }, h("caption", { class: "eh-sr" }, label),
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...columns.map(heading))),
        h("tbody", { role: "rowgroup" }, ...rows.map((row) => h("tr", { role: "row" }, ...cells(row, columns),
          ends ? h("td", { role: "cell" }, last(row)) : null)))));
      place.textContent = model.get("place");
      foot.hidden = !rows.length || !place.textContent;
      pager.hidden = model.get("pages") < 2;
      set(pager, "aria-label", model.get("words").pager);
      pager.replaceChildren(turn("previous", page - 1), turn("next", page + 1));
    };
    const soon = drawing(el, draw, inItsPlace);
    for (const name of ["rows", "columns", "label", "nothing", "sort", "ascending", "page", "pages", "place"]) model.on(`change:${name}`, soon);
    draw();
    el.append(box, nothing, foot);
  },
};
