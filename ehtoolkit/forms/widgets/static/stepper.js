// Where one is: a list beside the form, one line and a bar above it where the screen is narrow.
export default {
  render({ model, el }) {
    let asked = model.get("answers");
    const ask = (message) => { asked += 1; model.send(message); };
    const go = (event, step) => {
      event.preventDefault();
      ask({ action: "go", step: step.name, values: collect(el, false).values });
    };
    const draw = () => {
      const steps = model.get("steps"), done = model.get("done_word");
      const reached = steps.filter((step) => step.state !== "later").length;
      const now = h("p", {}, h("b", {}, model.get("now")), model.get("then") ? ` · ${model.get("then")}` : null);
      const bar = h("progress", { class: "eh-progress", max: steps.length || 1, "aria-label": model.get("now") });
      bar.value = reached;
      const list = steps.map((step, n) => {
        const mark = h("span", { class: "eh-step-n" }, step.state === "done" ? svg(model.get("done_icon")) : `${n + 1}`);
        const title = step.link ? h("a", { href: "#content", "data-key": step.name, onclick: (event) => go(event, step) }, step.title) : step.title;
        const text = h("span", {}, title, step.state === "done" ? h("span", { class: "eh-sr" }, ` ${done}`) : null);
        return h("li", { class: step.state === "done" ? "eh-done" : null,
          "aria-current": step.state === "now" ? "step" : null }, mark, text);
      });
      nav.hidden = steps.length < 2;
      nav.replaceChildren(h("div", { class: "eh-stepper-now" }, now, bar), h("ol", {}, ...list));
      set(nav, "aria-label", model.get("label"));
    };
    const nav = h("nav", { class: "eh-stepper" });
    const soon = drawing(nav, draw);
    for (const name of ["steps", "label", "now", "then"]) model.on(`change:${name}`, soon);
    draw();
    el.append(nav);
    // What the browser's history follows (navigator.js). Of what is typed and not shared yet, a number of a person is
    // left out, as Python leaves it out of what was shared.
    nav.ehTrail = {
      now: () => ({ place: model.get("place"), loss: model.get("loss"), settled: model.get("answers") === asked }),
      kept: () => {
        const typed = collect(el, false).values;
        const mine = Object.entries(typed).filter(([name, value]) => name in model.get("kept") && !(typeof value === "string" && holdsPersonNumber(value)));
        return { ...model.get("kept"), ...Object.fromEntries(mine) };
      },
      go: (step) => ask({ action: "go", step, values: collect(el, false).values }),
      resume: (step, values) => ask({ action: "resume", step, values }),
    };
    const tell = () => nav.dispatchEvent(new CustomEvent("eh-step", { bubbles: true }));
    for (const name of ["place", "kept", "loss", "answers"]) model.on(`change:${name}`, tell);
    let tries = 300;  // until it is part of the page; in a notebook it may never be
    const first = () => { if (nav.isConnected) tell(); else if (tries--) requestAnimationFrame(first); };
    requestAnimationFrame(first);
    // A line of a page that is checked leads back to its step in the same way.
    const change = (event) => {
      const link = event.target.closest?.("a[data-eh-step]");
      if (link) go(event, { name: link.dataset.ehStep });
    };
    document.addEventListener("click", change);
    return () => document.removeEventListener("click", change);
  },
};
