/* Cards in JupyterLab's launcher, for the notebooks that `ehtoolkit lab` has copied.

   A prebuilt extension as JupyterLab loads it: a container with `init`, which is handed the packages that JupyterLab
   shares, and `get`, which gives the plugin. It is short enough to be written by hand, so nothing has to build it. */
(() => {
  "use strict";

  const NAME = "ehtoolkit";
  const COMMAND = "ehtoolkit:open-notebook";
  const ICON =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 30"><rect width="30" height="30" rx="7" fill="#0b5b70"/>' +
    '<path d="M8 9.5h9M8 14.5h5.5M13.5 19.8l3 3L23 15.5" fill="none" stroke="#fff" stroke-width="2.1" ' +
    'stroke-linecap="round" stroke-linejoin="round"/></svg>';
  /* Cards with a rank below nought come before those of the kernels. */
  const FIRST = 100;
  let shared = {};

  /* A package that JupyterLab shares, in the one version that it has. */
  async function load(name) {
    const [version] = Object.values(shared[name] ?? {});
    if (version === undefined) throw new Error(`JupyterLab does not share ${name}`);
    return (await version.get())();
  }

  function cards() {
    const configuration = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    return configuration.ehtoolkitCards ?? [];
  }

  async function plugin() {
    const { ILauncher } = await load("@jupyterlab/launcher");
    const { LabIcon } = await load("@jupyterlab/ui-components");
    return {
      id: `${NAME}:launcher`,
      description: "A card in the launcher for each notebook of ehtoolkit.",
      autoStart: true,
      requires: [ILauncher],
      activate: (app, launcher) => {
        const icon = new LabIcon({ name: `${NAME}:notebook`, svgstr: ICON });
        app.commands.addCommand(COMMAND, {
          label: (card) => card.title,
          caption: (card) => card.about,
          icon,
          execute: ({ path }) => app.commands.execute("docmanager:open", { path }),
        });
        cards().forEach((card, rank) => {
          launcher.add({
            command: COMMAND,
            category: "Notebook",
            args: card,
            rank: rank - FIRST,
            kernelIconUrl: `data:image/svg+xml,${encodeURIComponent(ICON)}`,
          });
        });
      },
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB[NAME] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const found = await plugin();
      return () => ({ __esModule: true, default: found });
    },
  };
})();
