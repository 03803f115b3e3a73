"""ehtoolkit: eHealth certificates of Belgian health care, from Python, a shell or the browser.

The public face is flat; names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_WHERE: dict[str, str] = {
    "Settings": "ehtoolkit.settings",
    "errors": "ehtoolkit.errors",
}

__all__ = ["Settings", "__version__", "errors"]

if TYPE_CHECKING:
    from ehtoolkit import errors
    from ehtoolkit.settings import Settings


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module 'ehtoolkit' has no attribute {name!r}")
    module = import_module(_WHERE[name])
    return module if _WHERE[name].rpartition(".")[2] == name else getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
