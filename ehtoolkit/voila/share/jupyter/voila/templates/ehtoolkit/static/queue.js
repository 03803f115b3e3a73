// Asks from time to time whose turn it is, and comes back for the page when it is ours. When the server does not answer,
// the browser says so better than we can.
(() => {
  const queue = document.getElementById("eh-queue"), shown = document.getElementById("eh-turn");
  const later = () => setTimeout(ask, 1500 + 1000 * Math.random());
  async function ask() {
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
})();
