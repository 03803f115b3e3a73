// Buttons of which one is chosen: tabs, chips with a number, or files with their verdicts. The page shows what belongs to it.
const LOOKS = {
  tabs: { list: "nav", class: "eh-tabs", button: "eh-tab", mark: "aria-current", content: (option) => [h("span", {}, option.label),
    option.count ? h("span", { class: `eh-count eh-is-${option.severity}` }, String(option.count), h("span", { class: "eh-sr" }, ` ${option.about}`)) : null] },
  chips: { list: "ul", class: "eh-chips", button: "eh-chip", mark: "aria-pressed", content: (option) => [tag(option, option.label), h("b", {}, String(option.count))] },
  files: { list: "ul", class: "eh-files eh-card eh-flush", mark: "aria-current", content: (option) => [h("span", { class: "eh-files-name" },
    h("span", { class: "eh-mono" }, option.name), h("span", { class: "eh-hint" }, option.note)), tag(option, option.verdict)] },
};

export default {
  render({ model, el }) {
    const look = LOOKS[model.get("look")];
    const list = h(look.list, { class: look.class });
    const line = (option) => {
      const chosen = option.key === model.get("chosen"), other = look.mark === "aria-pressed" ? "false" : null;
      const button = h("button", { type: "button", class: look.button, "data-key": option.key, [look.mark]: chosen ? "true" : other,
        onclick: () => model.send({ action: "choose", key: option.key }) }, ...look.content(option));
      return look.list === "ul" ? h("li", {}, button) : button;
    };
    const draw = () => {
      const options = model.get("options");
      el.hidden = !options.length;
      set(list, "aria-label", model.get("label"));
      list.replaceChildren(...options.map(line));
      requestAnimationFrame(reveal);
    };
    const reveal = () => {  // in a list that scrolls sideways, the chosen one is seen
      const chosen = list.querySelector(`[${look.mark}="true"]`)?.getBoundingClientRect(), frame = list.getBoundingClientRect();
      if (chosen?.left < frame.left) list.scrollLeft += chosen.left - frame.left;
      else if (chosen?.right > frame.right) list.scrollLeft += chosen.right - frame.right;
    };
    const soon = drawing(list, draw);
    for (const name of ["options", "chosen", "label"]) model.on(`change:${name}`, soon);
    draw();
    el.append(list);
  },
};
