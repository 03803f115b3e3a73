"""The undocumented parts of PyKCS11 that the worker uses, and nothing else of it.

- ``PyKCS11Lib.lib.C_SignInit`` and ``C_Sign``: without them, no PIN can be shown between the two halves of a signature,
  which keys behind CKA_ALWAYS_AUTHENTICATE want, and the module is asked for the length of each signature by a call of
  its own. ``Session.sign`` makes the three calls at once. No upstream issue found.
- ``Session.session``: the handle that these take. No upstream issue found.
- ``PyKCS11Lib.lib.C_Finalize`` and ``C_Initialize``: without them, the library of a module that looks for readers only
  as it is initialised has to be loaded again. No upstream issue found.

`tests/unit/card/test_pykcs11_internals.py` fails when one of them is gone or means something else.
"""

from __future__ import annotations

from typing import Final

import PyKCS11

_SIGNATURE_ROOM: Final = 1024
"""Bytes: room for any signature."""


def begin_signature(module: PyKCS11.PyKCS11Lib, session: PyKCS11.Session, mechanism: int, key: object) -> int:
    """Begin to sign with ``key``, and return the module's code."""
    native = PyKCS11.Mechanism(mechanism).to_native()
    return int(module.lib.C_SignInit(session.session, native, key))


def end_signature(module: PyKCS11.PyKCS11Lib, session: PyKCS11.Session, data: bytes) -> tuple[int, bytes]:
    """Sign ``data`` as `begin_signature` has begun, and return the module's code and the signature."""
    signature = PyKCS11.ckbytelist(bytes(_SIGNATURE_ROOM))
    code = module.lib.C_Sign(session.session, PyKCS11.ckbytelist(data), signature)
    return int(code), bytes(signature)


def initialise_again(module: PyKCS11.PyKCS11Lib) -> bool:
    """End the loaded module's work and begin it again, and return whether it has begun."""
    module.lib.C_Finalize()
    return bool(module.lib.C_Initialize() == PyKCS11.CKR_OK)
