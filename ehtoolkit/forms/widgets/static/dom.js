// Shared by the widgets: it is put in front of each one's own module. No sentence stands in these files.

const h = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
};

// HTML from Python (icons, passages, charts) is not built node by node: Python has escaped what is in it.
const svg = (source) => {
  const holder = document.createElement("template");
  holder.innerHTML = source || "";
  return holder.content;
};

const set = (node, name, value) => {
  if (value === null || value === undefined || value === false || value === "") node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : value);
};

// A word with the icon and the colour of its severity.
const tag = (cell, text) => h("span", { class: `eh-tag eh-is-${cell.severity}` }, svg(cell.icon), h("span", {}, text));

// Writes an error of a field into its paragraph, which is hidden without one.
const writeError = (paragraph, model, text) => {
  paragraph.hidden = !text;
  paragraph.replaceChildren(...(text ? [svg(model.get("error_icon")),
    h("span", {}, h("span", { class: "eh-sr" }, `${model.get("error_word")} `), text)] : []));
  return paragraph;
};

// A press of a button counts once: not also the second click of a double one, which would press what has come in the place
// of the first, and not again and again while Enter is held down.
const once = (press) => ({
  onclick: (event) => { if (event.detail < 2) press(); },
  onkeydown: (event) => { if (event.repeat && event.key === "Enter") event.preventDefault(); },
});

const LONGEST_PRESS = 5000;  // ms; nothing is held up for good

// A function that lets ``draw`` draw ``el`` anew, once for all that changes together. What is replaced between the
// beginning and the end of a press is not pressed at all: while something in ``el`` is pressed, by a pointer or by Space,
// drawing waits. Where ``draw`` does not move the focus, it stays on what has the same ``data-key``; where nothing has it
// any more, it goes to what the function returns that ``elsewhere`` made of the part that had it.
const drawing = (el, draw, elsewhere = () => () => null) => {
  let wanted = false, pressed = null;
  const settle = () => {
    if (!wanted || pressed) return;
    wanted = false;
    const active = document.activeElement, key = el.contains(active) ? active.dataset.key : undefined;
    const other = key === undefined ? null : elsewhere(active);
    draw();
    if (!other || el.contains(document.activeElement)) return;
    ([...el.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key) ?? other())?.focus();
  };
  const begin = ({ type, key }) => {
    if (type === "keydown" && key !== " ") return;
    pressed?.abort();
    const press = pressed = new AbortController();
    const over = () => {
      if (pressed !== press) return;
      press.abort();
      pressed = null;
      settle();
    };
    setTimeout(over, LONGEST_PRESS);
    for (const kind of ["pointerup", "pointercancel", "keyup"])
      document.addEventListener(kind, () => setTimeout(over), { capture: true, signal: press.signal });  // after its click
  };
  for (const kind of ["pointerdown", "keydown"]) el.addEventListener(kind, begin);
  return () => {
    if (wanted) return;
    wanted = true;
    queueMicrotask(settle);
  };
};

const formOf = (node) => node.closest(".eh-form") ?? document.body;

// What all fields of a form hold now. Secrets leave their fields only with `secrets`, and leave them empty.
const collect = (node, secrets) => {
  const found = { values: {}, secrets: {} };
  for (const field of formOf(node).querySelectorAll("[data-eh-field]")) field.ehCollect(found, secrets);
  return found;
};

const submitOnEnter = (input) => input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  if (event.repeat) return;
  const form = formOf(input), all = form.querySelectorAll(".eh-actions button");
  const meant = form.querySelector("button.eh-primary, button.eh-submit") ?? (all.length === 1 ? all[0] : null);
  if (meant) meant.click();
});

// Label, hint and error of one control, in this order, tied to it for screen readers and kept in step with the model.
const field = (model, el, control, options = {}) => {
  const id = `eh-${model.get("name")}`;
  const label = h(options.group ? "legend" : "label", { class: "eh-label", for: options.group ? null : id });
  const hint = h("span", { class: "eh-hint", id: `${id}-hint` });
  const error = h("p", { class: "eh-error", id: `${id}-error` });
  const root = h(options.group ? "fieldset" : "div", { class: "eh-field" }, label, hint, error,
    ...(options.extra ?? []), control);
  const target = options.target ?? control;
  target.id = id;
  const described = options.group ? root : target;
  const write = () => {
    label.textContent = model.get("label");
    hint.textContent = model.get("hint");
    hint.hidden = !hint.textContent;
    const text = model.get("error");
    writeError(error, model, text);
    root.classList.toggle("eh-has-error", Boolean(text));
    if (!options.group) set(target, "aria-invalid", text ? "true" : null);
    const parts = [!hint.hidden && hint.id, text && error.id, ...(options.describedBy?.() ?? [])];
    set(described, "aria-describedby", parts.filter(Boolean).join(" "));
    options.write?.();
  };
  for (const name of ["label", "hint", "error", ...(options.traits ?? [])]) model.on(`change:${name}`, write);
  write();
  root.dataset.ehField = model.get("name");
  root.ehCollect = options.collect;
  el.append(root);
  return root;
};
