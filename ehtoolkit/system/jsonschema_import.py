"""Import jsonschema without the grammar of international addresses; to be imported before anything of Jupyter's.

Jupyter checks its events and notebooks with jsonschema, which imports rfc3987-syntax where it is installed, for schemas
with the format ``iri``. That package builds a parser when it is imported, which took 0.9 of the 1.6 seconds of
processor that the server needed until it answered. No schema here has that format, which is not checked in processes
that import this module (tests/voila/test_jsonschema_import.py).
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, Final

_GRAMMAR: Final = "rfc3987_syntax"


def _import_jsonschema() -> None:
    modules: dict[str, Any] = sys.modules
    if "jsonschema" in modules or _GRAMMAR in modules:
        return
    modules[_GRAMMAR] = None  # Python's way to say that there is no such module
    try:
        with suppress(ImportError):
            import_module("jsonschema")
    finally:
        del modules[_GRAMMAR]


_import_jsonschema()
