// Speaks through the page's one live region; where the page has none (JupyterLab), it brings its own.
export default {
  render({ model, el }) {
    let region = document.getElementById("eh-status");
    if (!region) {
      region = h("div", { class: "eh-sr", id: "eh-status", role: "status" });
      el.append(region);
    }
    // What is spoken is seen too where nothing else on the page shows it; neither stays there when it is no news any more.
    const note = h("p", { class: "eh-said", "aria-hidden": "true", hidden: true });
    el.append(note);
    let later = 0;
    const forget = () => { region.textContent = ""; note.hidden = true; };
    model.on("change:count", () => {
      clearTimeout(later);
      forget();
      if (model.get("seen")) {
        note.replaceChildren(svg(model.get("icon")), h("span", {}, model.get("text")));
        note.hidden = false;
      }
      setTimeout(() => { region.textContent = model.get("text"); }, 50);
      later = setTimeout(forget, 10000);
    });
    return () => clearTimeout(later);
  },
};
