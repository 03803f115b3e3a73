// The buttons that end a step. A click sends what the form holds, in one message; secrets only with
// the primary one, and with that of a form beside the page's own.
export default {
  render({ model, el }) {
    const row = h("div", { class: "eh-actions" });
    const folded = h("div", {}), more = h("details", { class: "eh-more" }, h("summary", { class: "eh-button" }, model.get("more")), folded);
    const work = h("div", { class: "eh-busy", hidden: true }, h("p"), h("progress", { class: "eh-progress" }));
    let serial = 0, drawn = null;  // of the buttons that are drawn, which the user sees
    const press = (one) => {
      if (model.get("busy") && !one.always) return;
      if (one.does === "print") { window.print(); return; }
      const held = collect(el, ["primary", "danger", "submit"].includes(one.look));
      model.send({ action: one.name, serial, ...held });
    };
    const button = (one) => {
      const look = `eh-button${one.look ? ` eh-${one.look}` : ""}${one.look === "danger" ? " eh-primary" : ""}`;
      const parts = [svg(one.icon), h("span", {}, one.label)];
      return one.href ? h("a", { class: look, href: one.href, "data-key": one.name }, ...parts)
        : h("button", { type: "button", class: look, "data-key": one.name, "aria-expanded": one.expanded === null ? null : String(one.expanded), ...once(() => press(one)) }, ...parts);
    };
    // The focus stays where it was: on the same button, on the first of those that came in its place, or where none came,
    // on what lies before them.
    const before = () => [...document.querySelectorAll("button, a[href], input, select, textarea")]
      .filter((one) => one.offsetParent && one.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING).pop();
    const draw = () => {
      const all = model.get("buttons"), first = all.findIndex((one) => one.folded);
      serial = model.get("serial");
      if (all === drawn) return;
      drawn = all;
      folded.replaceChildren(...all.filter((one) => one.folded).map(button));
      row.replaceChildren(...all.flatMap((one, n) => (n === first ? [more] : one.folded ? [] : [button(one)])));
      busy();
    };
    const busy = () => {
      const text = model.get("busy"), share = model.get("progress");
      work.hidden = !text;
      el.classList.toggle("eh-is-busy", Boolean(text));
      work.firstChild.textContent = text;
      set(work.lastChild, "aria-label", text);
      if (share < 0) work.lastChild.removeAttribute("value"); else work.lastChild.value = share;
      for (const button of row.querySelectorAll("button")) {
        const one = model.get("buttons").find((each) => each.name === button.dataset.key);
        set(button, "aria-disabled", text && !one?.always ? "true" : null);
      }
    };
    const soon = drawing(row, draw, () => () => row.firstChild ?? before());
    for (const name of ["buttons", "serial"]) model.on(`change:${name}`, soon);
    model.on("change:busy", busy);
    model.on("change:progress", busy);
    draw();
    el.append(row, work);
  },
};
