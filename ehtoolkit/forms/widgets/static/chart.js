// A drawing that scrolls inside itself, and by itself to the line of today when it appears.
export default {
  render({ model, el }) {
    const box = h("div", { class: "eh-scroll eh-bare", tabindex: "0", role: "region" });
    const scroll = () => {
      const line = box.querySelector(".today");
      if (!line) return;
      const from = box.getBoundingClientRect(), at = line.getBoundingClientRect();
      box.scrollLeft += at.left + at.width / 2 - from.left - box.clientWidth / 2;
    };
    const draw = () => {
      box.replaceChildren(svg(model.get("drawing")));
      set(box, "aria-label", model.get("label"));
      box.hidden = !box.firstChild;
      requestAnimationFrame(scroll);
    };
    for (const name of ["drawing", "label"]) model.on(`change:${name}`, draw);
    // Its place has no width before it is shown.
    let seen = false;
    const watch = new ResizeObserver(() => { if (!seen && box.clientWidth) { seen = true; scroll(); } });
    watch.observe(box);
    draw();
    el.append(box);
    return () => watch.disconnect();
  },
};
