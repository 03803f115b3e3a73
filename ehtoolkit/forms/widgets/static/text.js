export default {
  render({ model, el }) {
    const many = model.get("rows") > 1;
    const input = h(many ? "textarea" : "input", {
      class: "eh-input", type: many ? null : model.get("kind"), autocomplete: model.get("autocomplete") || null,
      inputmode: model.get("inputmode") || null, maxlength: model.get("max_length") || null,
      spellcheck: "false", autocapitalize: model.get("capitals") ? "words" : "off", rows: many ? model.get("rows") : null,
    });
    input.value = model.get("value");
    const share = () => { model.set("value", input.value); model.save_changes(); };
    let pause = 0;
    input.addEventListener("change", () => { clearTimeout(pause); share(); });
    if (model.get("live")) input.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(share, 250); });
    model.on("change:value", () => { if (input.value !== model.get("value")) input.value = model.get("value"); });
    if (!many) submitOnEnter(input);
    field(model, el, input, { collect: (into) => { into.values[model.get("name")] = input.value; } });
  },
};
