// The table of the pages. Its rows may have buttons and links, its headings may sort it, its cells may be fields, and a long
// one comes a page at a time. Where there is no room for its columns each row is a card, whose lines say what they are:
// nothing is beside the window. The roles keep it a table for a screen reader.
export default {
  render({ model, el }) {
    const box = h("div", { class: "eh-scroll", tabindex: "0", role: "region" });
    const nothing = h("p", { class: "eh-note", tabindex: "-1" });
    const place = h("p", { class: "eh-note" }), pager = h("nav", { class: "eh-pager" });
    const foot = h("div", { class: "eh-row eh-row-between eh-section-s" }, place, pager);
    const edited = Boolean(model.get("edited"));
    const press = (row, button) => model.send({ action: "press", key: row.key, button });

    // ── a cell ─────────────────────────────────────────────────────────────────────────────────────────────
    const heading = (column) => {
      const now = column.key && column.key === model.get("sort"), up = model.get("ascending");
      const sorts = column.key && !edited;
      const label = sorts ? h("button", { type: "button", class: "eh-sort", "data-key": `sort ${column.key}`,
        onclick: () => model.send({ action: "sort", column: column.key }) },
        column.label, h("span", { "aria-hidden": "true" }, now ? (up ? "▲" : "▼") : "↕"))
        : edited && column === model.get("columns").at(-1) ? h("span", { class: "eh-sr" }, column.label) : column.label;
      return h("th", { scope: "col", role: "columnheader", class: looks(column, sorts && "eh-sorts"),
        "aria-sort": now && sorts ? (up ? "ascending" : "descending") : null }, label);
    };
    const looks = (column, ...more) => [column?.right && "eh-right", column?.place && `eh-cell-${column.place}`, ...more]
      .filter(Boolean).join(" ") || null;
    // A plain click on a link that the page itself answers stays on the page; any other click is the browser's.
    const follow = (event, row, link) => {
      if (!link.action || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      press(row, link.action);
    };
    const words = (row, cell) => {
      const text = cell.mono && cell.text ? h("span", { class: "eh-mono" }, cell.text) : cell.text;
      if (cell.link) return h("a", { href: cell.link.href, "aria-label": cell.link.label || null, "data-key": `${row.key} ${cell.text}`,
        onclick: (event) => follow(event, row, cell.link) }, text);
      return cell.severity ? tag(cell, text) : text;
    };
    const content = (row, cell) => [words(row, cell), cell.note ? h("small", {}, cell.note) : null];
    const cell = (row, one, column) => h("td", { role: "cell",
      class: looks(column, column?.right && "eh-num", !(one.text || one.severity || one.note) && "eh-cell-empty") },
      h("span", { class: "eh-cell-name", "aria-hidden": "true" }, column?.label ?? ""), h("div", {}, ...content(row, one)));
    const mark = (row) => h("span", { class: "eh-row-mark" });
    const title = (row, column) => h("th", { scope: "row", role: "rowheader", class: looks(column) },
      ...(edited ? [h("span", {}, row.label), mark(row)] : content(row, row.cells[0])));
    const button = (row, one) => h("button", { type: "button", "data-key": `${row.key} ${one.action}`,
      class: `eh-button ${one.icon ? "eh-icon eh-quiet" : "eh-small"}`,
      ...once(() => press(row, one.action)) },
      svg(one.icon), one.icon ? h("span", { class: "eh-sr" }, one.label) : one.label,
      one.about ? h("span", { class: "eh-sr" }, ` ${one.about}`) : null);
    const end = (row) => h("td", { role: "cell", class: "eh-cell-do" },
      h("div", { class: "eh-row eh-tight" }, ...row.buttons.map((one) => button(row, one))));

    // ── a field ────────────────────────────────────────────────────────────────────────────────────────────
    const control = (row, column) => {
      const share = (event) => model.send({ action: "edit", key: row.key, column: column.key, value: event.target.value });
      const common = { id: `eh-${row.key}-${column.key}`, "data-key": `${row.key} ${column.key}`, onchange: share,
        "aria-label": `${column.label}, ${model.get("columns")[0].label} ${row.label}` };
      if (!column.options.length) return h("input", { ...common, class: `eh-input${column.wide ? " eh-nihii" : ""}`,
        placeholder: column.placeholder || null, autocomplete: "off", spellcheck: "false" });
      return h("select", { ...common, class: "eh-select" }, ...column.options.map((one) => h("option", { value: one.value }, one.label)));
    };
    const field = (row, column) => h("td", { role: "cell" },
      h("span", { class: "eh-cell-name", "aria-hidden": "true" }, column.label), control(row, column));
    // What somebody is typing, and where, is not touched.
    const refresh = () => {
      for (const row of model.get("rows")) {
        const tr = [...box.querySelectorAll("tr[data-row]")].find((one) => one.dataset.row === row.key);
        tr.className = { danger: "eh-bad", warn: "eh-doubt" }[row.severity] ?? "";
        const sign = tr.querySelector(".eh-row-mark");
        sign.className = `eh-row-mark eh-tag eh-is-${row.severity || "off"}`;
        sign.hidden = !row.severity;
        sign.replaceChildren(svg(row.cells[0].icon), h("span", { class: "eh-sr" }, row.word));
        for (const one of tr.querySelectorAll("input,select")) {
          const column = one.dataset.key.slice(row.key.length + 1), value = row.values[column] ?? "";
          if (one !== document.activeElement && one.value !== value) one.value = value;
          set(one, "aria-invalid", row.wrong.includes(column) ? "true" : null);
        }
      }
    };

    // ── the whole ──────────────────────────────────────────────────────────────────────────────────────────
    const line = (row, columns, ends) => h("tr", { role: "row", "data-row": row.key }, title(row, columns[0]),
      ...(edited ? columns.slice(1, -1).map((column) => field(row, column))
        : row.cells.slice(1).map((one, n) => cell(row, one, columns[n + 1]))), ends ? end(row) : null);
    const turn = (name, page) => {
      const there = page >= 1 && page <= model.get("pages");
      return h("button", { type: "button", class: "eh-button eh-small", "data-key": name, "aria-disabled": there ? null : "true",
        onclick: () => { if (there) model.send({ action: "turn", page }); } },
        name === "previous" ? svg(model.get("icons").back) : null, h("span", {}, model.get("words")[name]),
        name === "next" ? svg(model.get("icons").next) : null);
    };
    // Where a button of a row goes, the focus goes to the one in its place, else to the table itself.
    const buttonsOf = (tr) => [...(tr?.querySelectorAll("button, a[href]") ?? [])];
    const inItsPlace = (had) => {
      const tr = had.closest("tr"), row = [...(tr?.parentNode.children ?? [])].indexOf(tr), at = buttonsOf(tr).indexOf(had);
      return () => buttonsOf(box.querySelector("tbody")?.rows[row])[at] ?? (box.hidden ? nothing : box);
    };
    let shown = null, known = [], turned = model.get("page");
    const draw = () => {
      const rows = model.get("rows"), page = model.get("page"), label = model.get("label");
      const ends = rows.some((row) => row.buttons.length);
      const columns = model.get("columns").slice(0, rows.length && !ends ? rows[0].cells.length : undefined);
      const turns = page !== turned && pager.contains(document.activeElement);
      turned = page;
      const before = known, keys = rows.map((row) => row.key);
      const added = shown !== null && keys.length === before.length + 1 && before.every((key, n) => key === keys[n]);
      const drawn = edited ? rows.map((row) => `${row.key} ${row.label}`).join("|") : null;
      box.hidden = !rows.length;
      nothing.hidden = Boolean(rows.length);
      nothing.textContent = model.get("nothing");
      set(box, "aria-label", label);
      if (!edited || drawn !== shown) {
        const sorts = !edited && columns.some((column) => column.key);
        box.replaceChildren(h("table", { class: `eh-table eh-cards${edited ? " eh-edit" : ""}${sorts ? " eh-sorted" : ""}`, role: "table" },
          h("caption", { class: "eh-sr" }, label),
          h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...columns.map(heading))),
          h("tbody", { role: "rowgroup" }, ...rows.map((row) => line(row, columns, ends)))));
        known = keys;
        // Who has added a row wants to type in it.
        if (edited && added) box.querySelector("tr[data-row]:last-child .eh-input, tr[data-row]:last-child .eh-select")?.focus();
        shown = drawn;
      }
      if (edited) refresh();
      place.textContent = model.get("place");
      foot.hidden = !rows.length || !place.textContent;
      pager.hidden = model.get("pages") < 2;
      set(pager, "aria-label", model.get("words").pager);
      pager.replaceChildren(turn("previous", page - 1), turn("next", page + 1));
      if (turns) {  // reading goes on at the beginning of the page that was turned to
        box.focus({ preventScroll: true });
        box.scrollIntoView({ block: "start" });
      }
    };
    const soon = drawing(el, draw, inItsPlace);
    for (const name of ["rows", "columns", "label", "nothing", "sort", "ascending", "page", "pages", "place"]) model.on(`change:${name}`, soon);
    draw();
    el.append(box, nothing, foot);
  },
};
