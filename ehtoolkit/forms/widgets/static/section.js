// The title of a part that comes and goes: when it appears because of what the user did, it takes the focus.
export default {
  render({ model, el }) {
    const title = h("h2", { class: "eh-h2", tabindex: "-1" }), note = h("p", { class: "eh-note" });
    const draw = () => {
      title.replaceChildren(model.get("mono") ? h("span", { class: "eh-mono" }, model.get("title")) : model.get("title"));
      note.textContent = model.get("note");
      note.hidden = !note.textContent;
    };
    const focus = () => requestAnimationFrame(() => { title.focus(); });
    model.on("change:focused", () => { draw(); focus(); });
    for (const name of ["title", "note", "mono"]) model.on(`change:${name}`, draw);
    draw();
    el.append(h("div", { class: "eh-section-head" }, title, note));
    if (model.get("focused")) focus();
  },
};
