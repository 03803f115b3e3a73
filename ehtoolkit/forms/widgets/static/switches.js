// Switches: a native checkbox each, which says in words too how it stands.
export default {
  render({ model, el }) {
    const group = h("fieldset", { class: "eh-card eh-list eh-switches" }, h("legend", { class: "eh-sr" }));
    const line = (one) => {
      const id = `eh-switch-${one.key}`;
      const input = h("input", { type: "checkbox", role: "switch", "data-key": one.key, "aria-labelledby": id, "aria-describedby": `${id}-hint`,
        onchange: () => model.send({ action: "switch", key: one.key, on: input.checked }) });
      input.checked = one.on;
      return h("label", { class: "eh-switch" },
        h("span", {}, h("b", { id }, one.label), h("span", { class: "eh-hint", id: `${id}-hint` }, one.hint)),
        h("span", { class: "eh-switch-end", "data-off": model.get("off_word"), "data-on": model.get("on_word") }, input));
    };
    const draw = () => {
      el.hidden = !model.get("switches").length;
      group.firstChild.textContent = model.get("label");
      group.replaceChildren(group.firstChild, ...model.get("switches").flatMap((one) => [
        ...(one.group ? [h("h3", { class: "eh-h3" }, one.group)] : []), line(one)]));
    };
    const soon = drawing(group, draw);
    for (const name of ["switches", "serial", "label", "on_word", "off_word"]) model.on(`change:${name}`, soon);
    draw();
    el.append(group);
  },
};
