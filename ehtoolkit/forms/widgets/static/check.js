export default {
  render({ model, el }) {
    const id = `eh-${model.get("name")}`;
    const box = h("input", { type: "checkbox", id });
    const label = h("span"), hint = h("span", { class: "eh-hint", id: `${id}-hint` });
    const error = h("p", { class: "eh-error", id: `${id}-error` });
    const root = h("div", { class: "eh-field" }, error,
      h("label", { class: "eh-checkbox" }, box, h("span", {}, label, hint)));
    box.checked = model.get("value");
    box.addEventListener("change", () => { model.set("value", box.checked); model.save_changes(); });
    const write = () => {
      label.textContent = model.get("label");
      hint.textContent = model.get("hint");
      const text = model.get("error");
      writeError(error, model, text);
      root.classList.toggle("eh-has-error", Boolean(text));
      set(box, "aria-invalid", text ? "true" : null);
      set(box, "aria-describedby", text ? error.id : null);
    };
    for (const name of ["label", "hint", "error"]) model.on(`change:${name}`, write);
    model.on("change:value", () => { box.checked = model.get("value"); });
    write();
    root.dataset.ehField = model.get("name");
    root.ehCollect = (into) => { into.values[model.get("name")] = box.checked; };
    el.append(root);
  },
};
