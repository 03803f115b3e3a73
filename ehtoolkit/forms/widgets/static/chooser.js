// Buttons of which one is chosen: tabs, large numbers, or files with their verdicts. The page shows what belongs to it.
const LOOKS = {
  tabs: { list: "nav", class: "eh-tabs", button: "eh-tab", mark: "aria-current", content: (one) => [h("span", {}, one.label),
    one.count ? h("span", { class: `eh-count eh-is-${one.severity}` }, String(one.count), h("span", { class: "eh-sr" }, ` ${one.about}`)) : null] },
  tiles: { list: "ul", class: "eh-tiles", button: "eh-tile", mark: "aria-pressed", content: (one) => [h("b", {}, String(one.count)), tag(one, one.label)] },
  files: { list: "ul", class: "eh-files eh-card eh-flush", mark: "aria-current", content: (one) => [h("span", { class: "eh-files-name" },
    h("span", { class: "eh-mono" }, one.name), h("span", { class: "eh-hint" }, one.note)), tag(one, one.verdict)] },
};

export default {
  render({ model, el }) {
    const look = LOOKS[model.get("look")];
    const list = h(look.list, { class: look.class });
    const line = (one) => {
      const chosen = one.key === model.get("chosen"), other = look.mark === "aria-pressed" ? "false" : null;
      const button = h("button", { type: "button", class: look.button, "data-key": one.key, [look.mark]: chosen ? "true" : other,
        onclick: () => model.send({ action: "choose", key: one.key }) }, ...look.content(one));
      return look.list === "ul" ? h("li", {}, button) : button;
    };
    const draw = () => {
      const options = model.get("options");
      el.hidden = !options.length;
      set(list, "aria-label", model.get("label"));
      list.replaceChildren(...options.map(line));
    };
    const soon = drawing(list, draw);
    for (const name of ["options", "chosen", "label"]) model.on(`change:${name}`, soon);
    draw();
    el.append(list);
  },
};
