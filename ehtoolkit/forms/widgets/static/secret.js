// The one field whose content is no trait: it is sent once, when the form is, and the field is empty afterwards.
export default {
  render({ model, el }) {
    const pin = model.get("pin");
    const input = h("input", {
      class: `eh-input ${pin ? "eh-pin" : "eh-password"}`, inputmode: pin ? "numeric" : null,
      maxlength: model.get("max_length") || null, spellcheck: "false", autocapitalize: "off", autocorrect: "off",
    });
    // A browser writes what stands in a text field into its profile, to restore the window, unless autocomplete is off.
    const open = () => { input.autocomplete = "off"; input.type = "text"; };
    const close = () => { input.type = "password"; input.autocomplete = model.get("autocomplete"); };
    close();
    submitOnEnter(input);
    const tries = h("p", { class: "eh-tries", id: `eh-${model.get("name")}-tries` });
    const shown = h("input", { type: "checkbox", class: "eh-reveal-box" });
    const word = h("span");
    const reveal = h("label", { class: "eh-reveal" }, shown, word);
    // A box may stand for two fields, after the second.
    const show = (on) => (on ? open() : close());
    input.addEventListener("eh-reveal", (event) => show(event.detail));
    shown.addEventListener("change", () => {
      for (const one of [input, model.get("reveals") && document.getElementById(`eh-${model.get("reveals")}`)])
        one?.dispatchEvent?.(new CustomEvent("eh-reveal", { detail: shown.checked }));
    });
    // A browser tells of the key only with another one: while it is not known, nothing is said.
    const caps = h("p", { class: "eh-capslock", role: "status" });
    const warn = (on) => { const words = on ? model.get("capslock") : ""; if (caps.textContent !== words) caps.textContent = words; };
    for (const event of ["keydown", "keyup"]) input.addEventListener(event, (key) => {
      // The key itself: before its keydown counts, the state is the one from before on some systems.
      if (key.key === "CapsLock" && event === "keydown") return;
      warn(key.getModifierState?.("CapsLock"));
    });
    input.addEventListener("blur", () => warn(false));
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
      close();
    };
    if (model.get("kept")) input.dataset.ehKept = "";  // nobody types it twice for a click beside
    const control = h("div", {}, input, caps, reveal);
    field(model, el, control, {
      target: input, extra: [tries], write, collect, traits: ["tries", "tries_left", "reveal"],
      describedBy: () => (model.get("tries") ? [tries.id] : []),
    });
    return () => { input.value = ""; };
  },
};
