// Foreign HTML, where it can do nothing: no scripts, no origin, no request, no link that leads anywhere.
export default {
  render({ model, el }) {
    const frame = h("iframe", { class: "eh-contract-frame", sandbox: "", referrerpolicy: "no-referrer", tabindex: "0" });
    const draw = () => { set(frame, "title", model.get("label")); frame.srcdoc = model.get("document"); };
    model.on("change:document", draw);
    model.on("change:label", draw);
    draw();
    el.append(frame);
  },
};
