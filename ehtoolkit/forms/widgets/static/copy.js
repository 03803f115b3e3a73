// Puts a text into the clipboard; where the browser gives no leave for that, it is selected, to be copied by hand.
export default {
  render({ model, el }) {
    const button = h("button", { type: "button", class: "eh-button eh-quiet eh-small" });
    const byHand = h("input", { class: "eh-input eh-mono eh-copy-text", readonly: true, hidden: true });
    const draw = () => {
      button.replaceChildren(svg(model.get("icon")), h("span", {}, model.get("label")));
      set(byHand, "aria-label", model.get("label"));
      byHand.value = model.get("text");
      byHand.hidden = true;
    };
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(model.get("text"));
        model.send({ action: "copied" });
      } catch {
        byHand.hidden = false;
        byHand.focus();
        byHand.select();
      }
    });
    for (const name of ["text", "label", "icon"]) model.on(`change:${name}`, draw);
    draw();
    el.append(button, byHand);
  },
};
