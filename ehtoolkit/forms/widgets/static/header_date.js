// The training date in the header of the page's frame, which the server wrote when the page was loaded.
export default {
  render({ model }) {
    const write = () => {
      const place = document.getElementById("eh-date");
      if (place && model.get("text")) place.textContent = model.get("text");
    };
    model.on("change:text", write);
    write();
  },
};
