// The files that were looked at: a button each, with its verdict. The one that is shown in full is marked.
export default {
  render({ model, el }) {
    const list = h("ul", { class: "eh-files eh-card eh-flush" });
    const line = (file) => {
      const chosen = file.key === model.get("chosen");
      const name = h("span", { class: "eh-files-name" }, h("span", { class: "eh-mono" }, file.name),
        h("span", { class: "eh-hint" }, file.note));
      const verdict = h("span", { class: `eh-tag eh-is-${file.severity}` }, svg(file.icon), h("span", {}, file.verdict));
      return h("li", {}, h("button", { type: "button", "data-key": file.key, "aria-current": chosen ? "true" : null,
        onclick: () => model.send({ action: "choose", key: file.key }) }, name, verdict));
    };
    const draw = () => {
      const files = model.get("files");
      el.hidden = !files.length;
      set(list, "aria-label", model.get("label"));
      list.replaceChildren(...files.map(line));
    };
    const soon = drawing(list, draw);
    for (const name of ["files", "chosen", "label"]) model.on(`change:${name}`, soon);
    draw();
    el.append(list);
  },
};
