// The one field whose content is no trait: it is sent once, when the form is, and the field is empty afterwards.
export default {
  render({ model, el }) {
    const pin = model.get("pin");
    const input = h("input", {
      class: `eh-input${pin ? " eh-pin" : ""}`, type: "password", autocomplete: model.get("autocomplete"),
      inputmode: pin ? "numeric" : null, maxlength: model.get("max_length") || null, spellcheck: "false",
      autocapitalize: "off", autocorrect: "off",
    });
    submitOnEnter(input);
    const tries = h("p", { class: "eh-tries", id: `eh-${model.get("name")}-tries` });
    const shown = h("input", { type: "checkbox", class: "eh-reveal-box" });
    const word = h("span");
    const reveal = h("label", { class: "eh-reveal" }, shown, word);
    shown.addEventListener("change", () => { input.type = shown.checked ? "text" : "password"; });
    const write = () => {
      const left = model.get("tries_left"), text = model.get("tries");
      tries.hidden = !text;
      tries.replaceChildren();
      if (text) tries.append(svg(model.get("tries_icon")), text);
      if (text) tries.querySelectorAll("circle").forEach((dot, n) => dot.classList.toggle("on", n < left));
      word.textContent = model.get("reveal");
      reveal.hidden = !word.textContent;
    };
    const collect = (into, secrets) => {
      if (!secrets) return;
      into.secrets[model.get("name")] = input.value;
      input.value = "";
      shown.checked = false;
      input.type = "password";
    };
    const control = h("div", {}, input, reveal);
    field(model, el, control, {
      target: input, extra: [tries], write, collect, traits: ["tries", "tries_left", "reveal"],
      describedBy: () => (model.get("tries") ? [tries.id] : []),
    });
    return () => { input.value = ""; };
  },
};
