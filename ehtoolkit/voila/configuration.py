"""Everything that is set on Voila and on tornado, in one place."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from tornado.web import RequestHandler
from traitlets.config import Config
from voila import __version__ as voila_version

from ehtoolkit.settings import Settings
from ehtoolkit.voila.access import HEADERS
from ehtoolkit.voila.kernels import PageKernels, SpareKernelManager, transport_encryption
from ehtoolkit.voila.message_filter import LARGEST_MESSAGE
from ehtoolkit.voila.notebook_preparation import MANUAL, SETTINGS, prepare_notebook
from ehtoolkit.voila.page_handlers import MissingHandler
from ehtoolkit.voila.page_queue import QUEUE, PageQueue, places_of
from ehtoolkit.voila.voila_internals import STATIC_ADDRESS
from ehtoolkit.voila.warm_process import WarmProcess

OUTPUT_SECONDS: Final = 120
"""How long a kernel's output may come after its reply. The default is four seconds; then the page is made of the output
that there is: on a busy computer, none."""


def configuration() -> Config:
    """Return Voila's own settings, also for other ways to serve the same pages (a Jupyter server with its
    extension)."""
    return Config(
        {
            "VoilaConfiguration": {
                "template": "ehtoolkit",
                "theme": "light",
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "strip_sources": True,
                "show_tracebacks": False,
                "file_allowlist": [],
                "prelaunch_hook": prepare_notebook,
                "page_config_hook": page_config,
                "extension_allowlist": [
                    "@jupyter-widgets/jupyterlab-manager",
                    "@voila-dashboards/widgets-manager8",
                    "anywidget",
                ],
                "http_keep_alive_timeout": 60,
                "kernel_spec_manager_class": PageKernels,
                "multi_kernel_manager_class": SpareKernelManager,
            },
            "VoilaExecutor": {"iopub_timeout": OUTPUT_SECONDS},
            "KernelManager": {"transport_encryption": transport_encryption()},
            "IdentityProvider": {"cookie_options": {"samesite": "Lax", "expires_days": None}},
        }
    )


def page_config(current: dict[str, Any], base_url: str = "/", **_: object) -> dict[str, Any]:
    """Return Voila's page configuration, with the scripts at an address that may be cached."""
    current[STATIC_ADDRESS] = lasting_url(base_url)
    return current


def lasting_url(base_url: str) -> str:
    return f"{base_url}voila/{voila_version}/static"


def tornado_settings(settings: Settings) -> dict[str, object]:
    base_url = settings.base_url
    return {
        SETTINGS: settings,
        "headers": dict(HEADERS),
        "default_handler_class": MissingHandler,
        "log_function": log_request,
        "static_immutable_cache": [f"{base_url}voila/labextensions/"],
        MANUAL: f"{base_url}manual",
        QUEUE: PageQueue(places_of(forks=settings.fork_kernels and WarmProcess.is_possible())),
        "websocket_max_message_size": LARGEST_MESSAGE,
    }


def log_request(handler: RequestHandler) -> None:
    """Log a request that failed (status 500 or higher), without its query, which may hold the token. Having to wait
    (503) is no failure."""
    if handler.get_status() >= 500 and handler.get_status() != HTTPStatus.SERVICE_UNAVAILABLE:
        path = handler.request.path
        logging.getLogger("tornado.access").warning(
            "%d %s %s", handler.get_status(), handler.request.method, path
        )


def environment(settings: Settings) -> dict[str, str]:
    """Return ``settings`` as variables, for the kernels, which are in another folder. An environment that the user did
    not name stays unnamed."""
    unnamed = {"environment"} - settings.model_fields_set
    given = settings.model_dump(exclude_none=True, exclude=unnamed)
    return {f"EHTOOLKIT_{name.upper()}": _as_variable(value) for name, value in given.items()}


def _as_variable(value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value.absolute() if isinstance(value, Path) else value)


# ── Folders of notebooks and Jupyter data ────────────────────────────────────────────────────────────────
_HERE = Path(__file__).resolve().parent


def notebooks_folder() -> Path:
    """Return the folder of the notebooks in a wheel (``ehtoolkit/notebooks``) or in a checkout (``notebooks`` at its
    top). Raises ``FileNotFoundError`` when there is none."""
    for folder in (_HERE.parent / "notebooks", _HERE.parents[1] / "notebooks"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("the notebooks were not installed with ehtoolkit")


def jupyter_data() -> Path:
    """Return the folder that has to be on JUPYTER_PATH for Voila to find ``--template=ehtoolkit`` and its kernel."""
    return _HERE / "share" / "jupyter"
