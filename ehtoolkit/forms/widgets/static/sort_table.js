// A table that is sorted by its headings, a page of its rows at a time; it scrolls inside itself, by keyboard too.
export default {
  render({ model, el }) {
    const box = h("div", { class: "eh-scroll", tabindex: "0", role: "region" });
    const nothing = h("p", { class: "eh-note" });
    const place = h("p", { class: "eh-note" });
    const pager = h("nav", { class: "eh-pager" });
    const foot = h("div", { class: "eh-row eh-row-between eh-section-s" }, place, pager);
    const heading = (one) => {
      const now = one.key && one.key === model.get("sort"), up = model.get("ascending");
      const label = one.key ? h("button", { type: "button", class: "eh-sort", "data-key": `sort ${one.key}`,
        onclick: () => model.send({ action: "sort", column: one.key }) },
        one.label, h("span", { "aria-hidden": "true" }, now ? (up ? "▲" : "▼") : "↕")) : one.label;
      return h("th", { scope: "col", class: one.right ? "eh-right" : null,
        "aria-sort": now ? (up ? "ascending" : "descending") : null }, label);
    };
    const cell = (one, n) => {
      const right = model.get("columns")[n]?.right ? "eh-right eh-num" : null;
      return h(n ? "td" : "th", { scope: n ? null : "row", class: right },
        one.severity ? h("span", { class: `eh-tag eh-is-${one.severity}` }, svg(one.icon), h("span", {}, one.text)) : one.text,
        one.note ? h("small", {}, one.note) : null);
    };
    const link = (one) => h("td", {}, one ? h("a", { href: one.href, "aria-label": one.label }, one.text) : "–");
    const turn = (name, page) => {
      const there = page >= 1 && page <= model.get("pages");
      return h("button", { type: "button", class: "eh-button eh-small", "data-key": name, "aria-disabled": there ? null : "true",
        onclick: () => { if (there) model.send({ action: "turn", page }); } },
        name === "previous" ? svg(model.get("icons").back) : null, h("span", {}, model.get("words")[name]),
        name === "next" ? svg(model.get("icons").next) : null);
    };
    const draw = () => {
      const rows = model.get("rows"), page = model.get("page");
      box.hidden = !rows.length;
      nothing.hidden = Boolean(rows.length);
      nothing.textContent = model.get("nothing");
      set(box, "aria-label", model.get("label"));
      box.replaceChildren(h("table", { class: "eh-table" }, h("caption", { class: "eh-sr" }, model.get("label")),
        h("thead", {}, h("tr", {}, ...model.get("columns").map(heading))),
        h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.cells.map(cell), link(row.link))))));
      place.textContent = model.get("place");
      foot.hidden = !rows.length;
      pager.hidden = model.get("pages") < 2;
      set(pager, "aria-label", model.get("words").pager);
      pager.replaceChildren(turn("previous", page - 1), turn("next", page + 1));
    };
    const soon = drawing(el, draw);
    for (const name of ["rows", "columns", "label", "nothing", "sort", "ascending", "page", "pages", "place"]) model.on(`change:${name}`, soon);
    draw();
    el.append(box, nothing, foot);
  },
};
