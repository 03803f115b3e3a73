// Hands out a file that is neither on disk nor in any state: bytes of one message, saved by the browser.
export default {
  render({ model, el }) {
    const button = h("button", { type: "button", onclick: () => model.send({ action: "want" }) });
    const draw = () => {
      button.className = `eh-button${model.get("look").split(" ").filter(Boolean).map((one) => ` eh-${one}`).join("")}`;
      button.replaceChildren(svg(model.get("icon")), h("span", {}, model.get("label")));
    };
    model.on("msg:custom", (message, buffers) => {
      if (message.action !== "file") return;
      const url = URL.createObjectURL(new Blob([buffers[0]], { type: message.mime }));
      h("a", { href: url, download: message.name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    });
    for (const name of ["label", "icon", "look"]) model.on(`change:${name}`, draw);
    draw();
    el.append(button);
  },
};
