"""The undocumented parts of PyKCS11 are there, and mean what `pykcs11_internals` takes them for."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import PyKCS11
import pytest

from ehtoolkit.card.pkcs11.pykcs11_internals import begin_signature, end_signature, initialise_again


@pytest.mark.parametrize("name", ["C_SignInit", "C_Sign", "C_Finalize", "C_Initialize"])
def test_the_library_has_the_function(name: str) -> None:
    assert callable(getattr(PyKCS11.PyKCS11Lib().lib, name))


def test_session_sign_passes_what_we_pass() -> None:
    source = inspect.getsource(PyKCS11.Session.sign)
    assert "self.lib.C_SignInit(self.session, m, key)" in source
    assert "self.lib.C_Sign(self.session, data1, signature)" in source
    assert "m = mecha.to_native()" in source


class Library:
    """The functions of a module, which notes how it was called."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.calls: list[tuple[object, ...]] = []

    def C_SignInit(self, *arguments: object) -> int:  # noqa: N802
        self.calls.append(arguments)
        return self.code

    def C_Sign(self, session: object, data: object, signature: object) -> int:  # noqa: N802
        signature[:] = data  # type: ignore[index]
        return self.code

    def C_Finalize(self) -> int:  # noqa: N802
        self.calls.append(("finalize",))
        return 0

    def C_Initialize(self) -> int:  # noqa: N802
        self.calls.append(("initialize",))
        return self.code


def test_the_two_halves_of_a_signature() -> None:
    module, session = SimpleNamespace(lib=Library(0x32)), SimpleNamespace(session="handle")
    assert begin_signature(module, session, PyKCS11.CKM_ECDSA, "key") == 0x32
    ((handle, mechanism, key),) = module.lib.calls
    assert (handle, mechanism.mechanism, key) == ("handle", PyKCS11.CKM_ECDSA, "key")
    assert end_signature(module, session, b"data") == (0x32, b"data")


@pytest.mark.parametrize(("code", "begun"), [(0, True), (0x05, False)])
def test_a_module_is_initialised_again(code: int, begun: bool) -> None:
    module = SimpleNamespace(lib=Library(code))
    assert initialise_again(module) is begun
    assert module.lib.calls == [("finalize",), ("initialize",)]
