// Where one is: a list beside the form, one line and a bar above it where the screen is narrow.
export default {
  render({ model, el }) {
    const go = (event, step) => {
      event.preventDefault();
      model.send({ action: "go", step: step.name, values: collect(el, false).values });
    };
    const draw = () => {
      const steps = model.get("steps"), done = model.get("done_word");
      const passed = steps.filter((step) => step.state === "done").length;
      const now = h("p", {}, h("b", {}, model.get("now")), model.get("then") ? ` · ${model.get("then")}` : null);
      const bar = h("progress", { class: "eh-progress", max: steps.length || 1, "aria-label": model.get("now") });
      bar.value = passed;
      const list = steps.map((step, n) => {
        const mark = h("span", { class: "eh-step-n" }, step.state === "done" ? svg(model.get("done_icon")) : `${n + 1}`);
        const title = step.link ? h("a", { href: "#content", onclick: (event) => go(event, step) }, step.title) : step.title;
        const text = h("span", {}, title, step.state === "done" ? h("span", { class: "eh-sr" }, ` ${done}`) : null);
        return h("li", { class: step.state === "done" ? "eh-done" : null,
          "aria-current": step.state === "now" ? "step" : null }, mark, text);
      });
      nav.replaceChildren(h("div", { class: "eh-stepper-now" }, now, bar), h("ol", {}, ...list));
      set(nav, "aria-label", model.get("label"));
    };
    const nav = h("nav", { class: "eh-stepper" });
    for (const name of ["steps", "label", "now", "then"]) model.on(`change:${name}`, draw);
    draw();
    el.append(nav);
    // A line of a page that is checked leads back to its step in the same way.
    const change = (event) => {
      const link = event.target.closest?.("a[data-eh-step]");
      if (link) go(event, { name: link.dataset.ehStep });
    };
    document.addEventListener("click", change);
    return () => document.removeEventListener("click", change);
  },
};
