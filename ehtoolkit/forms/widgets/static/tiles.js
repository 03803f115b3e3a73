// Large numbers, each a switch: pressed, what it counts is shown alone.
export default {
  render({ model, el }) {
    const list = h("ul", { class: "eh-tiles" });
    const draw = () => {
      set(list, "aria-label", model.get("label"));
      list.replaceChildren(...model.get("tiles").map((one) => h("li", {}, h("button", { type: "button", class: "eh-tile",
        "data-key": one.key, "aria-pressed": one.key === model.get("chosen") ? "true" : "false",
        onclick: () => model.send({ action: "choose", key: one.key }) },
        h("b", {}, String(one.count)), h("span", { class: `eh-tag eh-is-${one.severity}` }, svg(one.icon), h("span", {}, one.label))))));
    };
    const soon = drawing(list, draw);
    for (const name of ["tiles", "label", "chosen"]) model.on(`change:${name}`, soon);
    draw();
    el.append(list);
  },
};
