"""Answers with another status than the platform gave: another code, a failure of its own, nothing but the status."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ehtoolkit.ehealth.soap.client import NOT_YET_DELIVERED, RESPONDER
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.ehealth.soap.xml import COMMONS, ETEE, SUCCESS, add, unwrap, wrap
from ehtoolkit.training.service.answers import add_plain
from ehtoolkit.training.service.endpoint import REFUSED as REQUESTER

__all__ = ["REQUESTER", "RESPONDER", "SUCCESS", "status_instead", "with_codes"]

_CODE: Final = re.compile(rb"<Code>([A-Z_]+)</Code>")


def status_instead(top: str, code: str) -> Callable[[Response], Response]:
    """Return what makes of an answer one to the same question that has this status alone. ``code``: of the one error
    in it; empty: none."""

    def act(answer: Response) -> Response:
        response = unwrap(answer.body)
        for child in list(response):
            response.remove(child)
        status = add(response, COMMONS, "Status")
        add(status, COMMONS, "StatusCode", Value=top)
        if code:
            add(status, COMMONS, "StatusMessage", "No.")
            detail = add(add(status, COMMONS, "StatusDetail"), ETEE, "EteeStatusDetail")
            error = add_plain(detail, "Errors")
            add_plain(error, "Code", code)
            add_plain(error, "Message", "No.")
        return replace(answer, status=200, body=wrap(response))

    return act


def with_codes(renamed: Callable[[str], str]) -> Callable[[Response], Response]:
    """Return what renames the code of a refusal, but for `NOT_YET_DELIVERED`, which is known of the real platform."""

    def other(found: re.Match[bytes]) -> bytes:
        code = found[1].decode()
        return found[0] if code == NOT_YET_DELIVERED else f"<Code>{renamed(code)}</Code>".encode()

    return lambda answer: replace(answer, body=_CODE.sub(other, answer.body))
