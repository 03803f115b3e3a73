// Speaks through the page's one live region; where the page has none (JupyterLab), it brings its own.
export default {
  render({ model, el }) {
    let region = document.getElementById("eh-status");
    if (!region) {
      region = h("div", { class: "eh-sr", id: "eh-status", role: "status" });
      el.append(region);
    }
    model.on("change:count", () => {
      region.textContent = "";
      setTimeout(() => { region.textContent = model.get("text"); }, 50);
    });
  },
};
