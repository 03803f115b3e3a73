"""The server behind ``ehtoolkit lab``: JupyterLab in this process, on this computer alone and without the network.

What it adds to JupyterLab: a token for this start, kernels in this interpreter with our settings, cards in the launcher
(`ehtoolkit.lab.launcher_cards`), and no question to another computer: no news, no updates, no extensions to install.
The server takes no setting from Jupyter's configuration files, which may open it to other computers or sites. The
user's own settings of JupyterLab (theme, keys) hold; its windows are remembered apart from those of other folders.
"""

from __future__ import annotations

import logging
import os
import secrets
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import JupyterServerAuthWarning
from jupyterlab.labapp import LabApp
from traitlets.config import Config

from ehtoolkit.lab.launcher_cards import CARDS, LABEXTENSIONS, LauncherCard
from ehtoolkit.settings import Settings
from ehtoolkit.system.files import make_private_folder
from ehtoolkit.voila.configuration import environment
from ehtoolkit.voila.kernels import transport_encryption
from ehtoolkit.voila.listening_sockets import ADDRESS, bind
from ehtoolkit.voila.log_redaction import keep_out_of_logs
from ehtoolkit.voila.server import say

_WORKSPACES: Final = "jupyterlab-workspaces"


class LabKernels(KernelSpecManager):  # type: ignore[misc]
    """Runs Python notebooks in this interpreter, also if the user has another ``python3``; other kernels are offered
    unchanged."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        from ipykernel.kernelspec import RESOURCES, get_kernel_dict

        if kernel_name != "python3":
            return super().get_kernel_spec(kernel_name)
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


class LabServer(ServerApp):
    """A Jupyter server that is configured by its constructor alone.

    Jupyter merges the files of the user, of this computer and of every server extension into a server's settings, and
    they override arguments of the constructor. Each may contain an address to listen on, another password, or a permit
    for other sites.
    """

    def load_config_file(self, *_: object, **__: object) -> None:
        """Ignore ``jupyter_config`` and ``jupyter_server_config``."""

    def update_config(self, config: Config) -> None:
        """Take JupyterLab's addresses from what an extension passes on, and ignore the rest."""
        passed_on = config.get("ServerApp", {})
        kept = {name: passed_on[name] for name in ("default_url", "file_url_prefix") if name in passed_on}
        super().update_config(Config({"ServerApp": kept}))


def serve_lab(
    settings: Settings,
    folder: Path,
    cards: tuple[LauncherCard, ...],
    port: int = 0,
    *,
    open_browser: bool = True,
    announce: Callable[[str], None] = say,
) -> None:
    """Serve JupyterLab on ``folder`` until SIGTERM or Ctrl+C.

    ``port``: 0 means any. ``announce``: gets the address with the token. Kernels get ``settings`` through their
    environment. Raises `errors.SettingInvalid` (reason ``page_port``) when the port cannot be had.
    """
    listener, port = bind(port)
    listener.close()  # JupyterLab opens its own
    os.environ.update(environment(settings))
    workspaces = settings.home / _WORKSPACES
    make_private_folder(workspaces)
    # Both are for developers of Jupyter: Voila has the first printed; the second names routes that need a token now.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="traitlets")
    warnings.filterwarnings("ignore", category=JupyterServerAuthWarning)
    token = secrets.token_urlsafe(32)
    server = LabServer.instance(**_server_options(folder, port, open_browser, token, workspaces))
    server.initialize(argv=[], starter_extension=LabApp.name)
    server.web_app.settings["page_config_data"][CARDS] = list(map(asdict, cards))
    keep_out_of_logs(token)
    server.io_loop.add_callback(announce, f"http://{ADDRESS}:{port}/lab?token={token}")
    server.start()


def _server_options(
    folder: Path, port: int, open_browser: bool, token: str, workspaces: Path
) -> dict[str, Any]:
    lab = {
        "workspaces_dir": str(workspaces),
        "extra_labextensions_path": [str(LABEXTENSIONS)],
        "extension_manager": "readonly",
        "news_url": None,
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "log_level": logging.ERROR,
    }
    return {
        "jpserver_extensions": {"jupyterlab": True},
        "ip": ADDRESS,
        "port": port,
        "port_retries": 0,
        "base_url": "/",
        "root_dir": str(folder),
        "open_browser": open_browser,
        "allow_root": True,  # as our other servers: a container has no other user
        "answer_yes": True,  # Ctrl+C ends it as it ends our other servers
        "log_level": logging.ERROR,
        "kernel_spec_manager_class": LabKernels,
        "allow_unauthenticated_access": False,  # a variable of Jupyter's can set it
        # A setting that is there is not replaced by an extension's files.
        "tornado_settings": {"headers": {}},
        "config": Config(
            {
                "IdentityProvider": {"token": token},
                "GatewayClient": {"url": None},  # a variable of Jupyter's can set it
                "KernelManager": {"transport_encryption": transport_encryption()},
                "LabApp": lab,
            }
        ),
    }
