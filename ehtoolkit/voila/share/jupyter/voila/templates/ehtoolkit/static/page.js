// The page while its kernel starts, works and goes: hands over the kernel's id, ends the waiting, tells when the
// connection is lost. All sentences are in the page already.
(() => {
  const kernel = document.getElementById("eh-kernel");
  const wait = document.getElementById("eh-wait");
  const lost = document.getElementById("eh-lost");
  const cells = document.getElementById("eh-cells");
  const SLOW = 20000, LOOK = 100, ASK = 500, EVERY = 5000, GONE = 8000;

  // Voila reads the id from its configuration or, failing that, from the body's data.
  if (kernel) document.body.dataset.kernelId = kernel.dataset.kernelId;
  window.voila_finish = () => {};

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

  let leaving = false;
  const timers = [];
  addEventListener("beforeunload", () => { leaving = true; });
  const tell = () => {
    if (leaving || !lost.hidden) return;
    wait.remove();
    lost.hidden = false;
    lost.scrollIntoView({ block: "center" });
  };
  // A lost connection is often back at once; a kernel that is gone never comes back, and nobody tells the page.
  const ask = (url) => fetch(url, { cache: "no-store" }).then((answer) => { if (answer.status === 404) tell(); }, () => {});
  const follow = (connection) => {
    const url = `${document.body.dataset.baseUrl}../api/kernels/${connection.id}`;
    connection.statusChanged.connect((_, status) => {
      if (["dead", "terminating", "autorestarting", "restarting"].includes(status)) tell();
    });
    connection.connectionStatusChanged.connect((_, status) => {
      timers.splice(0).forEach(clearTimeout);
      if (status === "connected") lost.hidden = true;
      else if (status === "disconnected") tell();
      else timers.push(setTimeout(ask, ASK, url), setTimeout(tell, GONE));
    });
    setInterval(ask, EVERY, url);
  };
  const look = setInterval(() => {
    const connection = window.jupyterapp?.widgetManager?.kernel;
    if (connection) { clearInterval(look); follow(connection); }
  }, LOOK);
})();
