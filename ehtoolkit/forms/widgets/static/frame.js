// Foreign HTML, where it can do nothing: no scripts, no origin, no request, no link that leads anywhere. It can be read
// in a window above the page, which holds the focus until it is closed.
export default {
  render({ model, el }) {
    const make = (look) => {
      const made = h("iframe", { class: look, sandbox: "", referrerpolicy: "no-referrer", tabindex: "0" });
      set(made, "title", model.get("label"));
      made.srcdoc = model.get("document");
      return made;
    };
    const place = h("div");
    const open = h("button", { type: "button", class: "eh-button eh-quiet eh-small", hidden: !model.get("large") },
      svg(model.get("large_icon")), h("span", {}, model.get("large")));
    const close = h("button", { type: "button", class: "eh-button" }, model.get("close_word"));
    const title = h("h2", { class: "eh-h2" }, model.get("label"));
    const above = h("dialog", { class: "eh-contract-window" }, h("div", { class: "eh-contract-bar" }, title, close));
    set(above, "aria-label", model.get("label"));
    // The browser gives the focus back to what had it when the window opened: the button, also in Safari, which gives
    // none to one that is clicked. The close event comes later and moves no focus: somebody quick has gone on by then.
    open.addEventListener("click", () => {
      open.focus();
      above.append(make("eh-contract-large"));
      above.showModal();
    });
    close.addEventListener("click", () => above.close());
    above.addEventListener("close", () => above.lastChild.remove());
    const draw = () => place.replaceChildren(make("eh-contract-frame"));
    for (const name of ["document", "label"]) model.on(`change:${name}`, draw);
    draw();
    el.append(open, place, above);
  },
};
