// Title of a step: it takes the focus when the step changes, and is the browser tab's title too.
export default {
  render({ model, el }) {
    const title = h("h1", { class: "eh-h1", tabindex: "-1" }), caption = h("p", { class: "eh-caption" });
    const lead = h("p", { class: "eh-lead" });
    const draw = () => {
      caption.textContent = model.get("caption");
      title.textContent = model.get("title");
      lead.textContent = model.get("lead");
      caption.hidden = !caption.textContent;
      lead.hidden = !lead.textContent;
      if (model.get("tab")) document.title = model.get("tab");
    };
    const focus = () => requestAnimationFrame(() => {
      title.focus({ preventScroll: true });
      if (document.body.classList.contains("eh")) window.scrollTo({ top: 0 });
      else setTimeout(() => title.scrollIntoView({ block: "center" }), 200);  // in a notebook of JupyterLab
    });
    for (const name of ["caption", "title", "lead", "tab"]) model.on(`change:${name}`, draw);
    model.on("change:focused", () => { draw(); focus(); });
    draw();
    el.append(h("div", {}, title, caption, lead));
    if (model.get("focused")) focus();
  },
};
