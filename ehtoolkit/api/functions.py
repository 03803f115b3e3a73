"""The public functions: each calls the method of `Client` of the same name over a connection of its own.

The connection has the settings of the ``EHTOOLKIT_*`` variables.
"""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from ehtoolkit.api.client import Client, connect

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
Result = TypeVar("Result")


def _function(method: Callable[Concatenate[Client, P], Result]) -> Callable[P, Result]:
    """Return a function that connects, and calls a method of the connection with the same arguments."""

    @wraps(method)
    def call(*arguments: P.args, **named: P.kwargs) -> Result:
        with connect() as eh:
            return method(eh, *arguments, **named)

    signature = inspect.signature(method)
    parameters = [parameter for name, parameter in signature.parameters.items() if name != "self"]
    call.__dict__["__signature__"] = signature.replace(parameters=parameters)
    call.__module__, call.__qualname__ = __name__, method.__name__
    return call


read_card = _function(Client.read_card)
request_certificate = _function(Client.request_certificate)
complete_certificate = _function(Client.complete_certificate)
certificate_status = _function(Client.certificate_status)
test_certificate = _function(Client.test_certificate)
change_password = _function(Client.change_password)
rename_key = _function(Client.rename_key)
import_keys = _function(Client.import_keys)
convert_keystore = _function(Client.convert_keystore)
rescue_keystore = _function(Client.rescue_keystore)
renew_certificate = _function(Client.renew_certificate)
activate_etk = _function(Client.activate_etk)
finish_certificate = _function(Client.finish_certificate)
list_certificates = _function(Client.list_certificates)
revoke_certificate = _function(Client.revoke_certificate)
request_foreign_certificate = _function(Client.request_foreign_certificate)
save_etk = _function(Client.save_etk)
seal = _function(Client.seal)
unseal = _function(Client.unseal)
audit = _function(Client.audit)
diagnose = _function(Client.diagnose)
