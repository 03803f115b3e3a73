// The rules of a new password, told while it is typed. They are read from the two fields where they stand: nothing
// of them is sent, kept or written into the page.
export default {
  render({ model, el }) {
    const inputs = () => ["first", "second"].map((name) => document.getElementById(`eh-${model.get(name)}`));
    const judge = {
      printable: (first) => (!first ? "open" : /^[ -~]+$/.test(first) ? "met" : "broken"),
      // Counted as Python does; too short is no mistake of somebody who is still typing.
      long: (first, second) => ([...first].length >= model.get("least") ? "met" : second ? "broken" : "open"),
      ends: (first, second) => (!first ? "open" : first === first.trim() ? "met" : second || /^\s/.test(first) ? "broken" : "open"),
      // While the second is being typed it is only a part of the first.
      same: (first, second) => (!second ? "open" : first === second ? "met" : first.startsWith(second) ? "open" : "broken"),
    };
    const rules = model.get("rules");
    const lines = rules.map((rule) => {
      const mark = h("span", { class: "eh-rule-mark" }), word = h("span", { class: "eh-sr" });
      return { rule, mark, word, line: h("li", {}, mark, h("span", {}, rule.text, word)) };
    });
    const said = h("p", { class: "eh-sr", role: "status" });
    const look = { open: "eh-is-off", met: "eh-is-ok", broken: "eh-is-danger" };
    const draw = () => {
      const typed = inputs().map((input) => input?.value ?? "");
      const told = [];
      for (const { rule, mark, word, line } of lines) {
        const state = judge[rule.kind](...typed);
        if (state === "broken") told.push(`${rule.text} ${model.get("words")[state]}`);
        if (line.dataset.state === state) continue;
        line.dataset.state = state;
        line.className = look[state];
        mark.replaceChildren(svg(model.get("icons")[state]));
        word.textContent = state === "open" ? "" : ` ${model.get("words")[state]}`;
      }
      const sentence = told.join(". ");
      if (said.textContent !== sentence) said.textContent = sentence;
    };
    // Sending empties the fields without an event of theirs, but then the focus moves.
    const heard = ["input", "focusin"];
    for (const event of heard) document.addEventListener(event, draw);
    el.append(h("ul", { class: "eh-checks eh-rules", "aria-label": model.get("label") }, ...lines.map((one) => one.line)), said);
    draw();
    return () => { for (const event of heard) document.removeEventListener(event, draw); };
  },
};
