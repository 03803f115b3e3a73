// Asks again and again whose turn it is, and comes back for the page when it is ours. The server holds its answer back for
// a while. When it does not answer, the browser says so better than we can.
(() => {
  const queue = document.getElementById("eh-queue"), shown = document.getElementById("eh-turn");
  let timer = 0;
  const later = () => { timer = setTimeout(ask, 200 + 300 * Math.random()); };
  async function ask() {
    timer = 0;
    try {
      const answer = await fetch(queue.dataset.turns, { cache: "no-store" });
      const { turn } = await answer.json();
      if (turn === 0) return location.reload();
      shown.textContent = turn;
      later();
    } catch {
      location.reload();
    }
  }
  later();
  // The first time as soon as the page is seen: the server lets more in when everybody sees something. A page in the
  // background is never seen, and asks all the same.
  requestAnimationFrame(() => setTimeout(() => { if (timer) { clearTimeout(timer); ask(); } }));
})();
