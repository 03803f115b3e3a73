// The parts of a record. One is chosen; what belongs to it is shown below by the page.
export default {
  render({ model, el }) {
    const nav = h("nav", { class: "eh-tabs" });
    const draw = () => {
      set(nav, "aria-label", model.get("label"));
      nav.replaceChildren(...model.get("tabs").map((one) => h("button", { type: "button", class: "eh-tab", "data-key": one.key,
        "aria-current": one.key === model.get("chosen") ? "true" : null,
        onclick: () => model.send({ action: "choose", key: one.key }) },
        h("span", {}, one.label),
        one.count ? h("span", { class: `eh-count eh-is-${one.severity}` }, String(one.count), h("span", { class: "eh-sr" }, ` ${one.about}`)) : null)));
    };
    const soon = drawing(nav, draw);
    for (const name of ["tabs", "chosen"]) model.on(`change:${name}`, soon);
    draw();
    el.append(nav);
  },
};
