// The page while its kernel starts, works and goes: hands over the kernel's id, ends the waiting, tells when the
// connection is lost, and ends the kernel when the page is left. All sentences are in the page already.
(() => {
  const kernel = document.getElementById("eh-kernel");
  const wait = document.getElementById("eh-wait");
  const lost = document.getElementById("eh-lost");
  const cells = document.getElementById("eh-cells");
  const base = document.body.dataset.baseUrl;
  const SLOW = 20000, ASK = 500, EVERY = 5000, GONE = 8000, SILENT = 3;

  if (kernel) ehInternals.useKernel(kernel.dataset.kernelId);

  const ready = () => cells.querySelector(".jupyter-widgets, .eh-panel");
  const slow = setTimeout(() => {
    wait.querySelector("[role=status]").textContent = wait.dataset.slow;
    wait.querySelector(".eh-wait-slow").hidden = false;
  }, SLOW);
  const end = () => {
    if (!ready()) return;
    watch.disconnect();
    clearTimeout(slow);
    wait.remove();
  };
  const watch = new MutationObserver(end);
  watch.observe(cells, { childList: true, subtree: true });
  end();

  // ── the page is left ─────────────────────────────────────────────────────────────────────────────────────
  // Voila ends the kernel before the reader has answered whether to leave; here it is asked first (eh-leave is
  // cancelled by a form that holds something), and the kernel ends when the page really goes.
  let leaving = false;
  addEventListener("beforeunload", (event) => {
    event.stopImmediatePropagation();
    if (!dispatchEvent(new CustomEvent("eh-leave", { cancelable: true }))) {
      event.preventDefault();
      event.returnValue = true;
    }
    leaving = true;
    setTimeout(() => { leaving = false; }, ASK);  // stayed
  }, { capture: true });
  addEventListener("pagehide", () => {
    leaving = true;
    if (!kernel) return;
    const data = new FormData();
    data.append("_xsrf", document.cookie.match("\\b_xsrf=([^;]*)\\b")?.[1] ?? "");
    navigator.sendBeacon(`${base}api/shutdown/${kernel.dataset.kernelId}`, data);
  });
  // Back from another site, out of the browser's memory: the page is as it was, its kernel is not.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // ── the kernel or the server is lost ─────────────────────────────────────────────────────────────────────
  let over = false, silent = 0;
  const timers = [];
  const tell = (forGood) => {
    over ||= forGood;
    if (leaving || !lost.hidden) return;
    wait.remove();
    lost.hidden = false;
    lost.scrollIntoView({ block: "center" });
  };
  cells.addEventListener("click", () => { if (!lost.hidden) lost.scrollIntoView({ block: "center" }); }, { capture: true });
  // A server that has stopped would answer a reload with the browser's own page, in which nothing can be done.
  lost.querySelector("a").addEventListener("click", (event) => {
    event.preventDefault();
    const down = lost.querySelector(".eh-lost-down");
    down.hidden = true;
    fetch(`${base}templates/ehtoolkit/static/favicon.svg`, { cache: "no-store" })
      .then(() => location.reload(), () => { down.hidden = false; });
  });
  // A lost connection is often back at once; a kernel that is gone never comes back, and nobody tells the page.
  const ask = (url) => fetch(url, { cache: "no-store" }).then(
    (answer) => { silent = 0; if (answer.status === 404) tell(true); },
    () => { if (++silent >= SILENT) tell(false); });
  const follow = (connection) => {
    const url = `${base}../api/kernels/${connection.id}`;
    connection.statusChanged.connect((_, status) => {
      // One that was started anew in its place knows nothing of this page.
      if (["dead", "terminating", "autorestarting", "restarting"].includes(status)) tell(true);
    });
    connection.connectionStatusChanged.connect((_, status) => {
      timers.splice(0).forEach(clearTimeout);
      if (status === "connected") lost.hidden = !over;
      else if (status === "disconnected") tell(false);
      else timers.push(...[1, 2, 4].map((times) => setTimeout(ask, times * ASK, url)), setTimeout(tell, GONE, false));
    });
    setInterval(ask, EVERY, url);
  };
  ehInternals.whenStarted(follow);
})();
