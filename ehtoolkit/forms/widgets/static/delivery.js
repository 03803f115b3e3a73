// Asks Python to look after some seconds, only while the page is visible; and notifies, if the user has allowed it.
export default {
  render({ model, el }) {
    const known = Boolean(window.Notification);
    const note = h("p", { class: "eh-note", tabindex: "-1", onblur: () => setTimeout(draw) });
    const button = h("button", { type: "button", class: "eh-button eh-quiet", onclick: async () => {
      await Notification.requestPermission();
      draw();
      if (!note.hidden) note.focus();
    } });
    let end = 0, timer;
    const draw = () => {
      const permission = known && model.get("offer") ? Notification.permission : "denied";
      if (document.activeElement === note) return;  // what is hidden would lose the focus
      note.hidden = permission !== "granted";
      note.textContent = model.get("granted");
      button.textContent = model.get("offer");
      button.hidden = permission !== "default";
    };
    const check = () => {
      clearTimeout(timer);
      if (!end || document.visibilityState !== "visible") return;
      const left = end - Date.now();
      if (left > 0) {
        timer = setTimeout(check, left);
        return;
      }
      end = 0;
      model.send({ action: "over", serial: model.get("serial") });
    };
    const begin = () => {
      end = model.get("seconds") ? Date.now() + model.get("seconds") * 1000 : 0;
      check();
    };
    const notify = () => {
      if (!known || Notification.permission !== "granted") return;
      try {
        const shown = new Notification(model.get("title"), { body: model.get("body"), tag: "ehtoolkit" });
        shown.onclick = () => { window.focus(); shown.close(); };
      } catch { /* some browsers on telephones have none for a page */ }
    };
    for (const name of ["offer", "granted"]) model.on(`change:${name}`, draw);
    model.on("change:serial", begin);
    model.on("change:rung", notify);
    document.addEventListener("visibilitychange", check);
    draw();
    begin();
    el.append(button, note);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", check);
    };
  },
};
