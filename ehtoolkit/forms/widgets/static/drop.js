// Files are dropped or chosen here. Each travels as the bytes of a message of its own; no trait ever holds one.
export default {
  render({ model, el }) {
    const id = `eh-${model.get("name")}`;
    const input = h("input", { type: "file", id, multiple: true, class: "eh-choose-input",
      "aria-describedby": `${id}-hint ${id}-errors` });
    const label = h("p", { class: "eh-drop-label" }), hint = h("p", { class: "eh-note", id: `${id}-hint` });
    const word = h("span"), button = h("label", { class: "eh-button eh-choose" }, svg(model.get("choose_icon")), word, input);
    const errors = h("div", { id: `${id}-errors`, class: "eh-drop-errors", role: "alert" });
    const zone = h("div", { class: "eh-drop" }, svg(model.get("file_icon")), h("div", {}, label, hint, errors), button);

    const send = async (files, folders) => {
      const refused = folders.map((name) => ({ name, reason: "folder" }));
      let sent = 0;
      for (const file of files) {
        if (file.size > model.get("max_size")) { refused.push({ name: file.name, reason: "size" }); continue; }
        if (sent >= model.get("max_files")) { refused.push({ name: file.name, reason: "many" }); continue; }
        try {
          const bytes = await file.arrayBuffer();
          model.send({ action: "file", name: file.name }, undefined, [bytes]);
          sent += 1;
        } catch {
          refused.push({ name: file.name, reason: "unreadable" });
        }
      }
      if (!files.length && !folders.length) refused.push({ name: "", reason: "nothing" });
      model.send({ action: "end", refused });
    };
    // One after the other: what is dropped while files are being read comes after them.
    let turn = Promise.resolve();
    const take = (files, folders = []) => { turn = turn.then(() => send(files, folders)); };

    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";  // so that the same file can be chosen again
      if (files.length) take(files);
    });

    const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const over = (event) => {
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = "copy";
      zone.classList.add("eh-drop-over");
    };
    zone.addEventListener("dragenter", over);
    zone.addEventListener("dragover", over);
    zone.addEventListener("dragleave", (event) => {
      if (!zone.contains(event.relatedTarget)) zone.classList.remove("eh-drop-over");
    });
    const drop = (event) => {
      event.preventDefault();
      event.stopPropagation();
      zone.classList.remove("eh-drop-over");
      const folders = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.())
        .filter((entry) => entry?.isDirectory).map((entry) => entry.name);
      take([...event.dataTransfer.files].filter((file) => !folders.includes(file.name)), folders);
    };
    zone.addEventListener("drop", drop);
    // A file that is let go beside the zone would replace the page by the file. While the zone is folded, all of the page is
    // the zone.
    const aside = (event) => {
      if (!holdsFiles(event) || event.defaultPrevented) return;
      event.preventDefault();
      if (!model.get("folded")) event.dataTransfer.dropEffect = "none";
      else if (event.type === "drop") drop(event);
    };
    const page = document.body.classList.contains("eh") ? window : null;  // JupyterLab takes files elsewhere
    for (const kind of ["dragover", "drop"]) page?.addEventListener(kind, aside);

    const write = () => {
      label.textContent = model.get("label");
      hint.textContent = model.get("hint");
      word.textContent = model.get("choose");
      set(input, "aria-invalid", model.get("errors").length ? "true" : null);
      errors.replaceChildren(...model.get("errors").map((text) => writeError(h("p", { class: "eh-error" }), model, text)));
    };
    for (const name of ["label", "hint", "choose", "errors"]) model.on(`change:${name}`, write);
    const fold = () => { el.hidden = model.get("folded"); };
    model.on("change:folded", fold);
    fold();
    write();
    el.append(model.get("closed") ? errors : zone);
    return () => { for (const kind of ["dragover", "drop"]) page?.removeEventListener(kind, aside); };
  },
};
