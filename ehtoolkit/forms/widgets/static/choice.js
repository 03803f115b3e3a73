// One of several: a group of radio buttons, or, for many short ones, the browser's own list.
export default {
  render({ model, el }) {
    const name = model.get("name");
    const list = model.get("compact");
    const share = (value) => { model.set("value", value); model.save_changes(); };
    const control = h(list ? "select" : "div", { class: list ? "eh-select" : "eh-choices" });
    const draw = () => {
      const chosen = model.get("value");
      if (list) {
        control.replaceChildren(...model.get("options").map((one) => h("option", { value: one.value }, one.label)));
        control.value = chosen;
        return;
      }
      control.replaceChildren(...model.get("options").map((one, n) => {
        const id = n === 0 ? `eh-${name}` : `eh-${name}-${n}`;
        const radio = h("input", { type: "radio", name: `eh-${name}`, value: one.value, id, "data-key": one.value,
          "aria-describedby": one.hint ? `${id}-about` : null, onchange: () => share(one.value) });
        radio.checked = one.value === chosen;
        return h("label", { class: "eh-choice" }, radio, h("span", {}, h("span", { class: "eh-choice-label" }, one.label),
          one.hint ? h("span", { class: "eh-hint", id: `${id}-about` }, one.hint) : null));
      }));
    };
    const current = () => list ? control.value : control.querySelector("input:checked")?.value ?? "";
    draw();
    if (list) control.addEventListener("change", () => share(control.value));
    // Of somebody whose option goes, the focus comes to the one that is chosen now: it is never lost.
    const soon = drawing(control, draw, () => () => control.querySelector("input:checked") ?? control.querySelector("input"));
    model.on("change:options", soon);
    model.on("change:value", () => { if (current() !== model.get("value")) soon(); });
    const root = field(model, el, control, {
      group: !list, collect: (into) => { into.values[name] = current(); },
    });
    if (!list) { control.removeAttribute("id"); root.classList.add("eh-field-wide"); }
  },
};
