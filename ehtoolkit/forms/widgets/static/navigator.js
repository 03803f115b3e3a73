// Links between our pages, Back and Forward: the kernel shows the other form in this page, under its real address; and
// within a form its steps are entries of the history, each with what was typed, but for secrets and numbers of persons.
// What is no plain click on one of our pages is left to the browser; so is everything once the kernel is lost.
const SLOW = 400, STUCK = 20000, PAUSE = 250, NEWS = 10000;
const TYPED = "input:not([type=checkbox]):not([type=radio]):not([type=file]):not([type=search]):not(.eh-password), textarea";

export default {
  render({ model, el }) {
    el.hidden = true;
    if (!document.body.classList.contains("eh")) return;  // in a notebook of JupyterLab links are links
    const main = document.querySelector("main"), status = document.getElementById("eh-status");
    let language = document.documentElement.lang;
    // The language that was chosen last holds for every entry, whatever its address says.
    const plain = (url) => {
      const query = url.search.slice(1).split("&").filter((one) => one && !one.startsWith("lang=")).join("&");
      return `${url.pathname}${query ? `?${query}` : ""}`;
    };
    const address = () => plain(location);
    let at = history.state?.eh ?? 0, current = address();
    let serial = 0, way = null, typed = false, turning = null, form = null, wanted = null, moved = null, going = false, pause = 0;
    history.scrollRestoration = "manual";
    const put = (more, url) => history.replaceState({ ...history.state, eh: at, ...more }, "", url);
    put({});

    const wordsOf = (node) => {
      const found = [], walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) if (walker.currentNode.data.trim()) found.push(walker.currentNode);
      return found;
    };
    const title = () => main.querySelector("h1");
    let said = 0;
    const say = (words) => {  // and no news any more after a while
      clearTimeout(said);
      status.textContent = words;
      said = setTimeout(() => { if (status.textContent === words) status.textContent = ""; }, NEWS);
    };
    const lost = () => document.getElementById("eh-lost")?.hidden === false;
    const pageOf = (url) => {
      const folder = location.pathname.replace(/[^/]*$/, "");
      const name = url.pathname.startsWith(folder) ? url.pathname.slice(folder.length) : "";
      const page = name.endsWith(".ipynb") ? decodeURIComponent(name.slice(0, -6)) : "";
      const other = (url.searchParams.get("lang") ?? language) !== language;
      return url.origin === location.origin && !url.hash && !other && model.get("pages").includes(page) ? page : "";
    };

    // ── what would be lost ─────────────────────────────────────────────────────────────────────────────────
    // Of a form with steps what was typed is there again when one comes back; what was signed is not, and what it is
    // doing would go on unseen. On other pages a button takes what was typed, and .eh-unsaved marks what the kernel has
    // and did not save yet, or a password that a page keeps in memory. Of a password alone nobody is asked, unless its field says that it is to be kept.
    // Of their work nobody is asked, unless it is long: then it has a button that stops it.
    const loss = () => {
      if (going || lost() || !title()) return "";
      const trail = main.querySelector(".eh-stepper")?.ehTrail;
      const secret = () => [...main.querySelectorAll("[data-eh-kept]")].some((field) => field.value);
      if (!trail) {
        if (typed || secret() || main.querySelector(".eh-unsaved")) return model.get("asking");
        return main.querySelector(".eh-is-busy .eh-stop") ? model.get("working") : "";
      }
      return main.querySelector(".eh-is-busy") ? model.get("working") : trail.now().loss;
    };
    const mayLeave = () => !loss() || window.confirm(loss());
    const type = (event) => {
      if (event.target.matches?.(TYPED) && main.contains(event.target)) typed = true;
      clearTimeout(pause);
      pause = setTimeout(save, PAUSE);
    };
    const save = () => {
      const trail = main.querySelector(".eh-stepper")?.ehTrail;
      if (trail && !way && !turning && history.state?.step === trail.now().place) put({ kept: trail.kept() });
    };
    const leave = (event) => {
      save();
      if (loss()) event.preventDefault();
    };

    // ── the steps of a form ────────────────────────────────────────────────────────────────────────────────
    // Each entry has its step, the steps of the form's entries up to it, and what was typed so far.
    const turn = (by, then) => {
      if (!by) { then(); return; }
      turning = then;
      history.go(by);
    };
    const arrive = (trail, path) => {
      put({ step: path[path.length - 1], path, kept: trail.kept() });
    };
    const stepped = (event) => {
      const nav = event.target, trail = nav.ehTrail;
      if (way || turning || !trail || nav !== main.querySelector(".eh-stepper")) return;
      const { place, settled } = trail.now(), state = history.state ?? {}, path = state.path ?? [];
      if (nav !== form) {  // another form, or the same anew
        form = nav;
        wanted = moved = null;
        if (state.step && place) { wanted = { resume: true }; trail.resume(state.step, state.kept ?? {}); } else if (place) arrive(trail, [place]);
        return;
      }
      if (!settled) return;  // an answer is on its way
      if (moved) {  // by Back or Forward, while the form was answering: what it shows now may be told again
        [wanted, moved] = [moved, null];
        if (place !== wanted.step) { trail.go(wanted.step); return; }
      }
      const asked = wanted;
      wanted = null;
      if (asked?.step && place !== asked.step) {  // there is no way there: stay where one was
        // Entries of a form that was left and opened anew lead nowhere: on to what was before it.
        const by = asked.back && place && !path.includes(place) && asked.to - path.length >= 0 ? -path.length : asked.from - asked.to;
        if (by < 0) { history.go(by); return; }
        turn(by, () => {});
        return;
      }
      const there = path.lastIndexOf(place);
      if (!place) {  // done: nothing behind can be gone to
        if (path.length) turn(1 - path.length, () => put({ step: "", path: [], kept: {} }));
      } else if (place === state.step) arrive(trail, path);
      else if (there >= 0) turn(there + 1 - path.length, () => arrive(trail, path.slice(0, there + 1)));
      else if (asked?.resume) arrive(trail, [place]);
      else {
        history.pushState({ eh: ++at }, "");
        arrive(trail, [...path, place]);
      }
    };

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
      say(document.title);
      const nav = main.querySelector(".eh-stepper");
      if (nav) stepped({ target: nav });
    };
    const followAddress = () => {
      current = address();
      // The language switch leads to the same place in another language.
      for (const link of document.querySelectorAll(".eh-lang a")) {
        const kept = location.search.slice(1).split("&").filter((one) => one && !one.startsWith("lang="));
        link.setAttribute("href", `?${[...kept, `lang=${link.hreflang}`].join("&")}`);
      }
    };
    // The page shows another record, its list, or a part of it.
    const changeAddress = ({ detail: { query, entry } }) => {
      const url = new URL(location.href), chosen = url.searchParams.get("lang");
      url.search = [query, chosen ? `lang=${encodeURIComponent(chosen)}` : ""].filter(Boolean).join("&");
      if (way || turning || plain(url) === current) return;
      if (!entry) put({}, url);
      else if (history.state?.before === plain(url)) { turn(-1, followAddress); return; }
      else {
        put({ top: window.scrollY });
        history.pushState({ eh: ++at, before: current }, "", url);
      }
      followAddress();
    };
    const send = (url, top) => {
      if (way) end();
      typed = false;  // it was asked about
      const stay = () => location.reload();
      way = { before: title(), top, answered: false, watch: new MutationObserver(look), stuck: setTimeout(stay, STUCK) };
      way.slow = setTimeout(() => say(model.get("loading")), SLOW);
      way.watch.observe(main, { childList: true, subtree: true, characterData: true });
      main.setAttribute("aria-busy", "true");
      followAddress();
      // So does the link to the manual: to the page about this form.
      for (const link of document.querySelectorAll("[data-manual]")) link.href = `${link.dataset.manual}/${pageOf(url)}`;
      model.send({ action: "go", page: pageOf(url), query: url.search.slice(1), serial: ++serial });
    };

    // The frame in another language comes from the server, which remembers the choice.
    const reframe = async (url, code) => {
      const page = pageOf(new URL(location.pathname, location.origin));
      const answer = await fetch(`${location.pathname.replace(/[^/]*$/, "")}frame/${page}${url.search}`);
      const frame = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || frame.documentElement.lang !== code) throw new Error();
      for (const part of [".eh-skip", ".eh-header", ".eh-footer"]) {
        document.querySelector(part).replaceChildren(...frame.querySelector(part).childNodes);
      }
      // What is said when the kernel is lost has listeners: its words alone.
      const [old, other] = [document, frame].map((one) => wordsOf(one.getElementById("eh-lost")));
      old.forEach((word, n) => { word.data = other[n].data; });
      language = document.documentElement.lang = code;
      put({}, url);
    };

    // A form in steps changes its language in its own kernel, so that the card that was read and what was signed stay.
    const speak = async (url, code) => {
      const before = language, back = new URL(location.href);
      back.searchParams.set("lang", before);
      let stayed = false, reframed = null;
      const again = () => { going = true; put({}, url); location.reload(); };
      const stay = () => {  // the form cannot be made, and the user keeps the one of before
        stayed = true;
        end();
        reframed.then(() => reframe(back, before)).catch(() => {});
      };
      const trail = main.querySelector(".eh-stepper")?.ehTrail, page = pageOf(new URL(location.pathname, location.origin));
      if (!trail || !page || way || turning || lost() || main.querySelector(".eh-is-busy")) {
        if (mayLeave()) again();
        return;
      }
      save();
      if (trail.now().place) trail.go(trail.now().place);  // what is typed and was not shared yet
      way = { before: title(), top: window.scrollY, answered: false, watch: new MutationObserver(look), stuck: setTimeout(again, STUCK), again, stay };
      way.watch.observe(main, { childList: true, subtree: true, characterData: true });
      main.setAttribute("aria-busy", "true");
      model.send({ action: "language", language: code, serial: ++serial });
      reframed = reframe(url, code);
      try {
        await reframed;
      } catch {
        if (!stayed) again();
      }
    };

    const click = (event) => {
      if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const link = event.target.closest?.("a[href]");
      if (!link && event.target.closest?.(".eh-actions button") && !main.querySelector(".eh-stepper")) typed = false;
      if (!link || link.target || link.hasAttribute("download") || !link.getAttribute("href") || lost()) return;
      const url = new URL(link.href);
      if (link.closest(".eh-lang")) {  // the same entry, so that step and what was typed are there again
        event.preventDefault();
        speak(url, link.hreflang);
        return;
      }
      if (!pageOf(url)) return;
      // A way out among the buttons of a form says itself what it does.
      event.preventDefault();
      if (!link.closest(".eh-actions") && !mayLeave()) return;
      save();
      const chosen = new URLSearchParams(location.search).get("lang");
      if (chosen && !url.searchParams.has("lang")) url.search += `${url.search ? "&" : "?"}lang=${encodeURIComponent(chosen)}`;
      put({ top: window.scrollY });
      if (plain(url) === current) history.replaceState({ eh: at }, "", url);
      else history.pushState({ eh: ++at }, "", url);
      send(url, 0);
    };
    const pop = (event) => {
      const to = event.state?.eh;
      if (turning) {
        const then = turning;
        turning = null;
        at = to ?? at;
        then();
        return;
      }
      const nav = main.querySelector(".eh-stepper"), trail = nav?.ehTrail;
      if (address() === current) {
        if (to === undefined) { put({ eh: ++at }); return; }  // only the part after # is another: the skip link
        const move = { step: event.state.step, back: to < at, from: at, to };
        at = to;
        if (!trail || way || nav !== form || move.step === undefined) return;
        if (!trail.now().settled) moved = move;
        else if (move.step !== trail.now().place) {
          wanted = move;
          trail.go(move.step);
        }
        return;
      }
      const url = new URL(location.pathname + location.search, location.origin);
      if (url.searchParams.has("lang") && url.searchParams.get("lang") !== language) {
        url.searchParams.set("lang", language);
        history.replaceState(event.state, "", url);
      }
      if (lost() || !pageOf(url)) { location.reload(); return; }
      if (!mayLeave()) {
        turn(at - (to ?? 0) || 1, () => {});
        return;
      }
      at = to ?? 0;
      send(url, event.state?.top ?? 0);
    };

    const heard = [[document, "click", click], [document, "input", type], [document, "eh-step", stepped], [document, "eh-address", changeAddress],
      [window, "popstate", pop], [window, "eh-leave", leave]];
    for (const [target, name, listener] of heard) target.addEventListener(name, listener);
    model.on("change:shown", () => {
      if (!way || model.get("shown") !== serial) return;
      way.answered = true;
      look();
    });
    model.on("msg:custom", (message) => {
      if (message.failed !== serial) return;
      if (!way?.again) location.reload();
      else if (mayLeave()) way.again();
      else way.stay();
    });
    const nav = main.querySelector(".eh-stepper");
    if (nav) stepped({ target: nav });
    return () => { for (const [target, name, listener] of heard) target.removeEventListener(name, listener); };
  },
};
