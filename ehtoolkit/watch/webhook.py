"""Post a report as JSON to an address: once, over verified TLS, and wherever it leads to, no further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.system.text_safety import json_text
from ehtoolkit.watch.configuration import WebhookTarget

_USER: Final = "webhook"
"""The user name of a token in the keyring."""


def post_webhook(target: WebhookTarget, payload: Mapping[str, Any], transport: HttpTransport) -> None:
    """Post ``payload``. A redirect is not followed: what was meant for one address goes to no other.

    Raises `errors.DeliveryFailed` (reason ``connect``, ``timeout``, ``untrusted``, ``redirect``, ``status`` or
    ``answer``), and what `Credential.read` raises.
    """
    headers = {"Accept": "*/*", "Content-Type": "application/json"}
    if target.token is not None:
        headers["Authorization"] = f"Bearer {target.token.read(_USER).reveal()}"
    host = target.host
    try:
        answer = transport.post(target.url, json_text(payload).encode(), headers)
    except errors.PlatformUntrusted as error:
        raise errors.DeliveryFailed(host=host, reason="untrusted") from error
    except errors.PlatformTimeout as error:
        raise errors.DeliveryFailed(host=host, reason="timeout") from error
    except errors.ResponseInvalid as error:
        raise errors.DeliveryFailed(host=host, reason="answer") from error
    except errors.PlatformError as error:
        raise errors.DeliveryFailed(host=host, reason="connect") from error
    if 300 <= answer.status < 400:
        raise errors.DeliveryFailed(host=host, reason="redirect", code=answer.status)
    if not 200 <= answer.status < 300:
        raise errors.DeliveryFailed(host=host, reason="status", code=answer.status)
