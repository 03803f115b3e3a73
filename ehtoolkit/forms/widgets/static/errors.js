// What stands in the way, in one place above the form: it takes the focus, and each line leads to its field.
export default {
  render({ model, el }) {
    const box = h("div", { class: "eh-errors", role: "alert", tabindex: "-1" });
    const lead = (event, name) => {
      const target = document.getElementById(`eh-${name}`);
      if (!target) return;
      event.preventDefault();
      target.focus();
      target.scrollIntoView({ block: "center" });
    };
    // The page's part of the manual, which the frame leads to.
    const manual = () => {
      const frame = document.querySelector(".eh-manual-link"), words = model.get("help");
      if (!frame || !words || !model.get("items").some((item) => item.field)) return null;
      const beside = frame.querySelector(".eh-sr")?.cloneNode(true);
      return h("p", { class: "eh-note eh-section-s eh-no-print" }, h("a", { href: frame.href, target: "_blank", rel: "noopener" }, words, beside));
    };
    const draw = () => {
      const title = model.get("title");
      el.hidden = !title;
      if (!title) { box.replaceChildren(); return; }
      box.replaceChildren(...[
        h("h2", { class: "eh-h2", id: "eh-errors-title" }, svg(model.get("icon")), h("span", {}, title)),
        model.get("items").length ? h("ul", {}, ...model.get("items").map((item) => h("li", {}, item.field
          ? h("a", { href: `#eh-${item.field}`, onclick: (event) => lead(event, item.field) }, item.text) : item.text))) : null,
        ...model.get("notes").map((note) => h("p", { class: "eh-note eh-section-s" }, note)),
        manual(),
      ].filter((node) => node !== null));
      box.setAttribute("aria-labelledby", "eh-errors-title");
    };
    const focus = () => { if (model.get("title")) requestAnimationFrame(() => { box.focus(); box.scrollIntoView({ block: "nearest" }); }); };
    for (const name of ["title", "items", "notes"]) model.on(`change:${name}`, draw);
    model.on("change:focused", () => { draw(); focus(); });
    draw();
    el.append(box);
    if (model.get("focused")) focus();
  },
};
