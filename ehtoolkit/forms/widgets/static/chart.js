// A drawing that scrolls inside itself, and by itself to the line of today when it appears.
const HEAD = 54;  // of the drawing, in its own units: years and the day of today

export default {
  render({ model, el }) {
    const box = h("div", { class: "eh-scroll eh-bare", tabindex: "0", role: "region" });
    const scroll = () => {
      const line = box.querySelector(".today");
      if (!line) return;
      const from = box.getBoundingClientRect(), at = line.getBoundingClientRect();
      const beside = box.querySelector(".eh-chart-names")?.offsetWidth ?? 0;
      box.scrollLeft += at.left + at.width / 2 - from.left - (box.clientWidth + beside) / 2;
    };
    // Where the drawing is wider than the window, whose the bars are stays beside them.
    const names = () => {
      const picture = box.querySelector("svg"), height = picture?.viewBox.baseVal.height;
      if (!height) return null;
      const lines = [...picture.querySelectorAll("text.name")].map((one) => {
        const line = h("span", {}, one.textContent);
        line.style.insetBlockStart = `${(100 * (one.y.baseVal[0].value - 16)) / height}%`;
        return line;
      });
      return h("div", { class: "eh-chart-names", "aria-hidden": "true" }, ...lines);
    };
    // Where it is higher than the window, the years and today stay above the bars.
    const years = () => {
      const picture = box.querySelector("svg"), width = picture?.viewBox.baseVal.width;
      if (!width) return null;
      const head = picture.cloneNode(false);
      for (const name of ["role", "aria-labelledby"]) head.removeAttribute(name);
      head.setAttribute("viewBox", `0 0 ${width} ${HEAD}`);
      const above = [...picture.querySelectorAll("text, .todaybox")].filter((one) => one.y.baseVal[0]?.value < HEAD || one.matches(".todaybox"));
      head.append(...above.map((one) => one.cloneNode(true)));
      return h("div", { class: "eh-chart-head", "aria-hidden": "true" }, head);
    };
    const draw = () => {
      box.replaceChildren(svg(model.get("drawing")));
      const beside = names(), above = years();
      if (beside) box.prepend(beside);
      if (above) box.append(above);
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
