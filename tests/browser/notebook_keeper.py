"""Runs the Password notebook as nbclient does, sends it secrets as its page would, and saves what there is to save.

A program of its own, since the secrets come on standard input: ``folder`` (to save into), ``notebook`` (to run),
``file`` (a keystore), ``wrong`` and ``right`` (passwords), ``title`` (of the step after it), and ``others`` (notebooks
with the state of widgets, by name). Each is saved with a checkpoint, as Jupyter's own contents manager does it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from nbclient import NotebookClient

_TRIES = 200

_STATE = """
import json
from ipywidgets import Widget
print(json.dumps(Widget.get_manager_state(drop_defaults=False)))
"""

_SAID = """
from ipywidgets.embed import embed_minimal_html
embed_minimal_html({page!r}, views=None, drop_defaults=False)
print(get_ipython().history_manager.input_hist_raw)
get_ipython().history_manager.writeout_cache()
"""


async def run(notebook: Any, page: Path, *, file: str, wrong: str, right: str, title: str) -> None:
    """Open ``file`` with the wrong password, then with the right one, which leads to the step called ``title``."""
    history = str(
        Path(os.environ["IPYTHONDIR"]) / "history.sqlite"
    )  # on disk, where JupyterLab's kernels have theirs
    client = NotebookClient(notebook, kernel_name="python3", record_timing=False, ipython_hist_file=history)
    async with client.async_setup_kernel():
        for number in range(len(notebook.cells)):
            await client.async_execute_cell(notebook.cells[number], number)
        said = nbformat.v4.new_code_cell(_SAID.format(page=str(page)))
        notebook.cells += [nbformat.v4.new_code_cell(_STATE), said]

        async def state() -> dict[str, Any]:
            """Of all widgets, as the kernel has it: what nbclient hears between two cells it does not keep."""
            await client.async_execute_cell(notebook.cells[-2], len(notebook.cells) - 2)
            return dict(json.loads(notebook.cells[-2].outputs[0]["text"]))

        async def until(name: str, wanted: str) -> None:
            """Wait for a widget whose trait ``name`` holds ``wanted``, or anything where that is empty."""
            for _ in range(_TRIES):
                values = [str(widget["state"].get(name, "")) for widget in (await state())["state"].values()]
                if any(value == wanted if wanted else value for value in values):
                    return
                await asyncio.sleep(0.1)
            raise TimeoutError(name)

        async def send(password: str) -> None:
            """Press Next; the buttons count presses, and the kernel knows how many there were."""
            widgets = (await state())["state"]
            (model, bar), *_ = [
                (key, widget["state"])
                for key, widget in widgets.items()
                if "buttons" in widget["state"] and "serial" in widget["state"]
            ]
            content = {
                "action": "next",
                "serial": bar["serial"],
                "values": {"keystore": file},
                "secrets": {"password": password},
            }
            message = {"comm_id": model, "data": {"method": "custom", "content": content}}
            assert client.kc is not None
            client.kc.shell_channel.send(client.kc.session.msg("comm_msg", message))

        await send(wrong)
        await until("error", "")
        await send(right)
        await until("title", title)
        await client.async_execute_cell(notebook.cells[-1], len(notebook.cells) - 1)
        notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": await state()}


def read(plain: object) -> Any:
    return nbformat.reads(json.dumps(plain), as_version=4)


def save(manager: LargeFileManager, name: str, notebook: Any) -> None:
    manager.save({"type": "notebook", "format": "json", "content": notebook}, f"{name}.ipynb")
    manager.create_checkpoint(f"{name}.ipynb")


def main() -> None:
    task = json.load(sys.stdin)
    notebook, folder = read(task["notebook"]), Path(task["folder"])
    said = {name: task[name] for name in ("file", "wrong", "right", "title")}
    asyncio.run(run(notebook, folder / "password.html", **said))
    manager = LargeFileManager(root_dir=str(folder))
    save(manager, "password", notebook)
    for name, other in task["others"].items():
        save(manager, f"{name}-typed", read(other))


if __name__ == "__main__":
    main()
