// HTML that may grow: what is new takes the focus.
export default {
  render({ model, el }) {
    const root = h("div");
    const draw = () => root.replaceChildren(svg(model.get("content")));
    const focus = () => requestAnimationFrame(() => {
      const target = document.getElementById(model.get("target"));
      target?.focus({ preventScroll: true });
      target?.scrollIntoView({ block: "start" });
    });
    model.on("change:content", draw);
    model.on("change:focused", () => { draw(); focus(); });
    draw();
    el.append(root);
  },
};
