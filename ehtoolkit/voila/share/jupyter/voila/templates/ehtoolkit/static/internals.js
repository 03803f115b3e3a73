// The undocumented parts of Voila, JupyterLab and ipywidgets that a page uses, and nothing else of them:
//
// - Voila: data-kernel-id of the body, voila_finish, jupyterapp and its widgetManager with registeredModels. Without
//   them, Voila starts without a kernel, or fails at its end, or nothing below can be mended. No upstream issue found.
// - ipywidgets: get_model and has_model of a manager. Without them, a busy page says for good that a widget is missing
//   (jupyter-widgets/ipywidgets#4033).
// - ipywidgets: handle_comm_open, _create_comm, restored and restoredStatus of a manager; jsServicesComm and on_msg of
//   its comms; onMsg of JupyterLab's. Without them, a page stays at "Loading widget..." or shows what has been
//   (jupyter-widgets/ipywidgets#4026 is close to it).
//
// tests/unit/voila/test_page_internals.py fails when one of them is gone, tests/browser/test_frame.py when it means
// something else.
window.ehInternals = (() => {
  // Who wants to show a widget that is not there yet asks for it every tenth of a second, for two seconds, and then
  // says for good that there is none: also where all have come since it last asked, as on a busy computer (ipywidgets
  // 8.1.9, jupyter-widgets/ipywidgets#4033). So it looks once more.
  const lookAgain = (manager) => {
    const ask = manager.get_model.bind(manager);
    manager.get_model = (id) => ask(id).catch((error) => {
      if (!manager.has_model(id)) throw error;
      return ask(id);
    });
  };
  // Of a widget that the kernel makes before it answers which ones there are, the page hears twice: at once, when those
  // that it refers to are not there yet, which ipywidgets takes for an error, and by the answer.
  const awaitAnswer = (manager) => {
    const open = manager.handle_comm_open.bind(manager), create = manager._create_comm.bind(manager);
    const restored = new Promise((resolve) => { manager.restored.connect(() => resolve()); });
    const early = [];
    let answered = manager.registeredModels?.size > 0;  // before the page came here
    manager.handle_comm_open = async (comm, message) => {
      if (answered || manager.restoredStatus) return open(comm, message);
      early.push([comm, message]);
    };
    manager.restored.connect(() => { for (const one of early.splice(0)) open(...one); });  // the answer was without them
    manager._create_comm = async (target, ...rest) => {
      if (target === "jupyter.widget.control") return create(target, ...rest);
      answered = true;
      for (const [comm] of early.splice(0)) comm.jsServicesComm.dispose();  // the answer's take their place
      const comm = await create(target, ...rest), line = comm.jsServicesComm, hear = comm.on_msg.bind(comm);
      // What is said to a widget before it has been made and can hear it waits.
      const made = new Promise((resolve) => { comm.on_msg = (listener) => { hear(listener); resolve(); }; });
      const wait = async (message) => {
        await Promise.race([made, restored]);
        if (line.onMsg !== wait) await line.onMsg(message);
      };
      line.onMsg = wait;
      return comm;
    };
  };
  return {
    // Voila reads the id from its configuration or, failing that, from the body's data.
    useKernel: (id) => { document.body.dataset.kernelId = id; },
    // Calls `follow` with the kernel's connection. Voila sets jupyterapp when it has started, before it shows anything.
    whenStarted: (follow) => {
      let app;
      window.voila_finish = () => {};
      Object.defineProperty(window, "jupyterapp", {
        configurable: true,
        get: () => app,
        set: (started) => {
          app = started;
          const manager = app.widgetManager;
          if (!manager) return;  // the kernel is gone already
          awaitAnswer(manager);
          lookAgain(manager);
          follow(manager.kernel);
        },
      });
    },
  };
})();
