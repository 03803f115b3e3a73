// A table of fields. While the rows stay the same ones, fields are only brought up to date: what somebody is typing, and
// where, is not touched.
export default {
  render({ model, el }) {
    const box = h("div", { class: "eh-scroll", tabindex: "0", role: "region" });
    const nothing = h("p", { class: "eh-note" });
    const named = (row, column) => `${column.label}, ${model.get("heading")} ${row.label}`;
    const control = (row, column) => {
      const share = (event) => model.send({ action: "edit", key: row.key, column: column.key, value: event.target.value });
      const common = { id: `eh-${row.key}-${column.key}`, "aria-label": named(row, column), "data-key": `${row.key} ${column.key}`, onchange: share };
      if (!column.options.length) return h("input", { ...common, class: `eh-input${column.wide ? " eh-nihii" : ""}`,
        placeholder: column.placeholder || null, autocomplete: "off", spellcheck: "false" });
      return h("select", { ...common, class: "eh-select" }, ...column.options.map((one) => h("option", { value: one.value }, one.label)));
    };
    // The second click of a double one would take away the row that has come in the place of the first.
    const remove = (event, row) => { if (event.detail < 2) model.send({ action: "remove", key: row.key }); };
    const line = (row) => h("tr", { "data-row": row.key },
      h("th", { scope: "row", class: "eh-num" }, h("span", {}, row.label), h("span", { class: "eh-row-mark" })),
      ...model.get("columns").map((column) => h("td", {}, control(row, column))),
      h("td", {}, h("button", { type: "button", class: "eh-button eh-icon eh-quiet", "data-key": `${row.key} remove`,
        onclick: (event) => remove(event, row) },
        svg(model.get("remove_icon")), h("span", { class: "eh-sr" }, `${model.get("remove")} ${row.label}`))));
    const refresh = () => {
      for (const row of model.get("rows")) {
        const tr = [...box.querySelectorAll("tr[data-row]")].find((one) => one.dataset.row === row.key);
        tr.className = { danger: "eh-bad", warn: "eh-doubt" }[row.severity] ?? "";
        const mark = tr.querySelector(".eh-row-mark");
        mark.className = `eh-row-mark eh-tag eh-is-${row.severity || "off"}`;
        mark.hidden = !row.severity;
        mark.replaceChildren(svg(row.icon), h("span", { class: "eh-sr" }, row.word));
        for (const column of model.get("columns")) {
          const one = [...tr.querySelectorAll("[data-key]")].find((each) => each.dataset.key === `${row.key} ${column.key}`);
          const value = row.values[column.key] ?? "";
          if (one !== document.activeElement && one.value !== value) one.value = value;
          set(one, "aria-invalid", row.wrong.includes(column.key) ? "true" : null);
        }
      }
    };
    let shown = null, known = [];
    const draw = () => {
      // Who has added a row wants to type in it.
      const rows = model.get("rows"), before = known, added = shown !== null && rows.length === before.length + 1
        && before.every((key, n) => key === rows[n].key);
      known = rows.map((row) => row.key);
      const keys = rows.map((row) => `${row.key} ${row.label}`).join("|");
      box.hidden = !rows.length;
      nothing.hidden = Boolean(rows.length);
      nothing.textContent = model.get("nothing");
      set(box, "aria-label", model.get("label"));
      if (keys !== shown) {
        box.replaceChildren(h("table", { class: "eh-table eh-edit" }, h("caption", { class: "eh-sr" }, model.get("label")),
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, model.get("heading")),
            ...model.get("columns").map((one) => h("th", { scope: "col" }, one.label)),
            h("th", { scope: "col" }, h("span", { class: "eh-sr" }, model.get("remove"))))),
          h("tbody", {}, ...rows.map(line))));
        shown = keys;
        if (added) box.querySelector("tr[data-row]:last-child .eh-input, tr[data-row]:last-child .eh-select")?.focus();
      }
      refresh();
    };
    const soon = drawing(box, draw, () => () => box.querySelector("button"));
    for (const name of ["rows", "columns", "label", "nothing"]) model.on(`change:${name}`, soon);
    draw();
    el.append(box, nothing);
  },
};
