// The class of a trainer: asks for a name, which this browser keeps until it sees another class, and tells the kernel
// whether the page is seen: of several pages of one browser only one reports.
const KEPT = "eh-class";
export default {
  render({ model, el }) {
    if (!document.body.classList.contains("eh")) return;  // in a notebook of JupyterLab
    let kept = {}, later = false;
    const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const read = () => { try { kept = JSON.parse(localStorage.getItem(KEPT)) ?? kept; } catch { /* memory will do */ } };
    const keep = (name) => {
      kept = { class_id: model.get("class_id"), visitor: kept.visitor ?? random(), name };
      try { localStorage.setItem(KEPT, JSON.stringify(kept)); } catch { /* memory will do */ }
    };
    const name = () => (kept.class_id === model.get("class_id") ? String(kept.name ?? "") : "");
    const words = (key) => model.get("words")[key];
    const readOn = () => document.querySelector("main h1")?.focus();  // what had the focus is no longer there

    const input = h("input", { class: "eh-input", id: "eh-class-name", type: "text", maxlength: "40", autocomplete: "off", spellcheck: "false" });
    const label = h("label", { for: input.id, class: "eh-label" }), enter = h("button", { type: "submit", class: "eh-button eh-small" });
    const title = h("b"), note = h("p", { class: "eh-note", id: "eh-class-note" });
    const wait = h("button", { type: "button", class: "eh-button eh-quiet eh-small", onclick: () => { later = true; draw(); readOn(); } });
    const form = h("form", { class: "eh-class-form", novalidate: true }, title, note, label,
      h("div", { class: "eh-row" }, input, enter, wait));
    const inside = h("span"), station = h("a");
    const leave = h("button", { type: "button", class: "eh-button eh-quiet eh-small", onclick: () => { keep(""); later = true; tell(); draw(); readOn(); } });
    const line = h("p", { class: "eh-row eh-class-line" }, inside, station, leave);
    const bar = h("section", { class: "eh-class", hidden: true });
    set(input, "aria-describedby", note.id);

    const tell = () => {
      if (model.get("class_id") && kept.visitor) {
        model.send({ action: "enter", class_id: model.get("class_id"), visitor: kept.visitor, name: name() });
      }
    };
    const draw = () => {
      const known = name();
      bar.hidden = !model.get("class_id") || model.get("hushed") || (later && !known);
      const shown = bar.hidden ? [] : [known ? line : form];  // a field that is not shown would be found by its label
      if (bar.firstChild !== (shown[0] ?? null)) bar.replaceChildren(...shown);
      set(bar, "aria-label", words("title"));
      title.textContent = words("title");
      note.textContent = words("note");
      label.textContent = words("label");
      enter.textContent = words("enter");
      wait.textContent = words("later");
      leave.textContent = words("leave");
      inside.textContent = words("inside").replace("{name}", () => known);
      station.textContent = model.get("station");
      station.hidden = !station.textContent;
      set(station, "href", model.get("href"));
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!input.value.trim()) { input.focus(); return; }
      keep(input.value.trim());
      input.value = "";
      tell();
      draw();
      readOn();
    });
    input.addEventListener("input", (event) => event.stopPropagation());  // nothing that is lost when the page is left
    const seen = () => model.send({ action: "visible", visible: !document.hidden });
    const elsewhere = (event) => { if (event.key === KEPT) { read(); tell(); draw(); } };
    document.addEventListener("visibilitychange", seen);
    window.addEventListener("storage", elsewhere);
    model.on("change:class_id", () => { later = false; read(); tell(); draw(); });
    for (const trait of ["hushed", "words", "station", "href"]) model.on(`change:${trait}`, draw);
    read();
    seen();
    tell();
    draw();
    el.append(bar);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      window.removeEventListener("storage", elsewhere);
    };
  },
};
