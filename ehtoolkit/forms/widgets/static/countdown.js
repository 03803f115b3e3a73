// Seconds that go by in the browser; Python is told once, at the end.
export default {
  render({ model, el }) {
    const text = h("p", {}, h("b"));
    const rules = new Intl.PluralRules(document.documentElement.lang || "en");
    let end = 0, timer;
    const draw = () => {
      const total = model.get("seconds"), left = Math.max(0, Math.round((end - Date.now()) / 1000));
      const clock = { minutes: Math.floor(left / 60), seconds: left % 60 };
      const words = Object.entries(clock).filter(([unit, count]) => count || (unit === "seconds" && !clock.minutes))
        .map(([unit, count]) => model.get("units")[unit][rules.select(count) === "one" ? 0 : 1].replace("{count}", count));
      text.firstChild.textContent = model.get("text").replace("{left}", words.join(" "));
      if (left > 0 || !total) return;
      clearInterval(timer);
      model.send({ action: "over", serial: model.get("serial") });
    };
    const begin = () => {
      clearInterval(timer);
      el.hidden = !model.get("seconds");
      if (!model.get("seconds")) return;
      end = Date.now() + model.get("seconds") * 1000;
      timer = setInterval(draw, 1000);
      draw();
    };
    model.on("change:serial", begin);
    begin();
    el.append(text);
    return () => clearInterval(timer);
  },
};
