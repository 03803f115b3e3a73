// Links between our pages, Back and Forward: the kernel shows the other form in this page, under its real address.
// What is no plain click on one of our pages is left to the browser; so is everything once the kernel is lost.
const SLOW = 400, STUCK = 20000;
const TYPED = "input:not([type=checkbox]):not([type=radio]):not([type=file]):not([type=search]):not(.eh-password), textarea";

export default {
  render({ model, el }) {
    el.hidden = true;
    if (!document.body.classList.contains("eh")) return;  // in a notebook of JupyterLab links are links
    const main = document.querySelector("main"), status = document.getElementById("eh-status");
    const language = document.documentElement.lang;
    const address = () => location.pathname + location.search;
    let at = history.state?.eh ?? 0, current = address();
    let serial = 0, way = null, typed = false, turning = false;
    history.scrollRestoration = "manual";
    history.replaceState({ ...history.state, eh: at }, "");

    const title = () => main.querySelector("h1");
    const lost = () => document.getElementById("eh-lost")?.hidden === false;
    const pageOf = (url) => {
      const folder = location.pathname.replace(/[^/]*$/, "");
      const name = url.pathname.startsWith(folder) ? url.pathname.slice(folder.length) : "";
      const page = name.endsWith(".ipynb") ? decodeURIComponent(name.slice(0, -6)) : "";
      const other = (url.searchParams.get("lang") ?? language) !== language;
      return url.origin === location.origin && !url.hash && !other && model.get("pages").includes(page) ? page : "";
    };

    // ── what would be lost ─────────────────────────────────────────────────────────────────────────────────
    // A form with steps is done with its last one, and what it is doing would go on unseen; on other pages a button
    // takes what was typed. A password alone is typed again in a moment, on whatever page: nobody is asked about it.
    const holds = () => {
      if (lost() || !title()) return false;
      const stepper = main.querySelector(".eh-stepper");
      if (stepper && !stepper.querySelector("[aria-current=step]")) return false;
      return typed || Boolean(stepper && main.querySelector(".eh-is-busy"));
    };
    const mayLeave = () => !holds() || window.confirm(model.get("asking"));
    const type = (event) => { if (event.target.matches?.(TYPED) && event.target.closest(".eh-form")) typed = true; };
    const leave = (event) => { if (holds()) event.preventDefault(); };

    // ── on the way ─────────────────────────────────────────────────────────────────────────────────────────
    const end = () => {
      way.watch.disconnect();
      clearTimeout(way.slow);
      clearTimeout(way.stuck);
      main.removeAttribute("aria-busy");
      way = null;
    };
    const look = () => {
      const head = title();
      if (!way?.answered || !head || head === way.before || !head.textContent) return;
      const top = way.top;
      end();
      head.tabIndex = -1;
      head.focus({ preventScroll: true });
      window.scrollTo({ top });
      status.textContent = document.title;
    };
    const send = (url, top) => {
      if (way) end();
      typed = false;  // it was asked about
      const stay = () => location.reload();
      way = { before: title(), top, answered: false, watch: new MutationObserver(look), stuck: setTimeout(stay, STUCK) };
      way.slow = setTimeout(() => { status.textContent = model.get("loading"); }, SLOW);
      way.watch.observe(main, { childList: true, subtree: true, characterData: true });
      main.setAttribute("aria-busy", "true");
      current = address();
      // The language switch leads to the same place in another language.
      for (const link of document.querySelectorAll(".eh-lang a")) {
        const kept = location.search.slice(1).split("&").filter((one) => one && !one.startsWith("lang="));
        link.setAttribute("href", `?${[...kept, `lang=${link.hreflang}`].join("&")}`);
      }
      // So does the link to the manual: to the page about this form.
      for (const link of document.querySelectorAll("[data-manual]")) link.href = `${link.dataset.manual}/${pageOf(url)}`;
      model.send({ page: pageOf(url), query: url.search.slice(1), serial: ++serial });
    };

    const click = (event) => {
      if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const link = event.target.closest?.("a[href]");
      if (!link && event.target.closest?.(".eh-actions button") && !main.querySelector(".eh-stepper")) typed = false;
      if (!link || link.target || link.hasAttribute("download") || !link.getAttribute("href") || lost()) return;
      const url = new URL(link.href);
      if (!pageOf(url)) return;
      // A way out among the buttons of a form says itself what it does.
      event.preventDefault();
      if (!link.closest(".eh-actions") && !mayLeave()) return;
      const chosen = new URLSearchParams(location.search).get("lang");
      if (chosen && !url.searchParams.has("lang")) url.search += `${url.search ? "&" : "?"}lang=${encodeURIComponent(chosen)}`;
      history.replaceState({ ...history.state, eh: at, top: window.scrollY }, "");
      if (url.pathname + url.search === current) history.replaceState({ eh: at }, "");
      else history.pushState({ eh: ++at }, "", url);
      send(url, 0);
    };
    const pop = (event) => {
      if (turning) { turning = false; return; }
      if (address() === current) {  // only the part after # is another: the skip link
        if (event.state?.eh === undefined) history.replaceState({ eh: ++at }, "");
        else at = event.state.eh;
        return;
      }
      const url = new URL(location.pathname + location.search, location.origin), to = event.state?.eh ?? 0;
      if (lost() || !pageOf(url)) { location.reload(); return; }
      if (!mayLeave()) {
        turning = true;
        history.go(at - to || 1);
        return;
      }
      at = to;
      send(url, event.state?.top ?? 0);
    };

    const heard = [[document, "click", click], [document, "input", type], [window, "popstate", pop], [window, "eh-leave", leave]];
    for (const [target, name, listener] of heard) target.addEventListener(name, listener);
    model.on("change:shown", () => {
      if (!way || model.get("shown") !== serial) return;
      way.answered = true;
      look();
    });
    model.on("msg:custom", (message) => { if (message.failed === serial) location.reload(); });
    return () => { for (const [target, name, listener] of heard) target.removeEventListener(name, listener); };
  },
};
