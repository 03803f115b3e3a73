// E-mails: buttons on the left, the one that is read on the right.
export default {
  render({ model, el }) {
    let chosen = null;  // the one that was opened by hand stays open when others come
    const keyOf = (mail) => [mail.subject, mail.about, mail.body].join("\n");
    const list = h("ul", { class: "eh-mail-list" });
    const read = h("article", { class: "eh-mail-read eh-prose", tabindex: "-1" });
    const box = h("div", { class: "eh-card eh-flush eh-mail" }, list, read);
    const nothing = h("p", { class: "eh-note" });
    const show = (focus) => {
      const mails = model.get("mails"), open = Math.max(0, mails.findIndex((one) => keyOf(one) === chosen)), mail = mails[open];
      [...list.children].forEach((item, place) => set(item, "aria-current", place === open ? "true" : null));
      read.replaceChildren(...(mail ? [h("h3", { class: "eh-h3", lang: mail.language }, mail.subject),
        h("p", { class: "eh-note" }, mail.head),
        ...mail.body.trim().split(/\n\s*\n/).map((part) => h("p", { lang: mail.language }, part))] : []));
      if (focus) read.focus();
    };
    const draw = () => {
      const mails = model.get("mails");
      box.hidden = !mails.length;
      nothing.hidden = Boolean(mails.length);
      nothing.textContent = model.get("nothing");
      set(list, "aria-label", model.get("label"));
      list.replaceChildren(...mails.map((mail) => h("li", {}, h("button", { type: "button", "data-key": keyOf(mail),
        onclick: () => { chosen = keyOf(mail); show(true); } }, h("b", { lang: mail.language }, mail.subject), h("small", {}, mail.about)))));
      show(false);
    };
    const soon = drawing(list, draw);
    for (const name of ["mails", "label", "nothing"]) model.on(`change:${name}`, soon);
    draw();
    el.append(box, nothing);
  },
};
