// The address of what a page shows: navigator.js makes the entries of the browser's history.
export default {
  render({ model }) {
    const change = (detail) => document.dispatchEvent(new CustomEvent("eh-address", { detail }));
    model.on("msg:custom", change);
    return () => model.off("msg:custom", change);
  },
};
