"""List readers, or load one module, in a process that may hang and be ended.

Started by ``python -m ehtoolkit.card.readers.probe_worker``. It speaks as `worker` does, and never opens a session or
logs in. PC/SC waits for its daemon, and a module for its reader, as long as they please: here they keep nobody but
themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ehtoolkit import errors
from ehtoolkit.system.worker_process import read_message, take_channel, write_message


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what PC/SC says of the readers, or a module of itself, as the request's ``call`` asks. Raises
    `errors.CardError`."""
    if request["call"] == "readers":
        from ehtoolkit.card.readers import pcsc

        return pcsc.look(request["library"])
    return _about(request["module"])


def _about(path: str) -> dict[str, Any]:
    """Return what a PKCS#11 module says of itself."""
    if find_spec("PyKCS11") is None:
        raise errors.ModuleMissing(module="PyKCS11", reason="extra")
    import PyKCS11

    from ehtoolkit.card.pkcs11.modules import kind_of

    module = PyKCS11.PyKCS11Lib()
    try:
        module.load(path)
        about = module.getInfo()
    except PyKCS11.PyKCS11Error as error:
        raise errors.ModuleMissing(module=path) from error
    kind = kind_of(Path(path).name, about.manufacturerID, about.libraryDescription)
    return {"kind": kind.value, "version": ".".join(map(str, about.libraryVersion))}


def main() -> None:
    requests, answers = take_channel()
    write_message(answers, {"ready": True})
    while (request := read_message(requests)) is not None:
        try:
            write_message(answers, {"result": answer(request)})
        except errors.CardError as error:
            write_message(answers, {"error": type(error).__name__, "facts": error.facts})


if __name__ == "__main__":
    try:
        main()
    except OSError:  # the client is gone: nobody is left to tell
        sys.exit()
