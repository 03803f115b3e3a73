"""The last messages are remembered as they passed, bounded in number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.operations import GET_ETK, GET_GENERIC_ORGANIZATION_TYPES
from ehtoolkit.ehealth.soap.transport import KEPT, LastExchange, Response
from ehtoolkit.ehealth.soap.xml import wrap

ASKED = wrap(GET_GENERIC_ORGANIZATION_TYPES.new_request(datetime(2026, 11, 24, tzinfo=UTC)))


class Echo:
    """A platform that answers with what it was asked, or not at all."""

    def __init__(self, failure: errors.EhToolkitError | None = None) -> None:
        self.failure = failure

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        if self.failure is not None:
            raise self.failure
        return Response(200, {"x-correlationid": "c-1"}, body)


def test_what_passed_is_remembered_byte_for_byte() -> None:
    last = LastExchange(Echo())
    assert last.post("https://there.example/CertRa/v2", ASKED, {}).body == ASKED
    (message,) = last.messages
    assert (message.operation, message.url) == (
        "getGenericOrganizationTypes",
        "https://there.example/CertRa/v2",
    )
    assert (message.request, message.status, message.answer) == (ASKED, 200, ASKED)
    assert (message.correlation_id, message.failure) == ("c-1", None)


def test_a_failure_is_remembered_by_its_key_and_raised() -> None:
    last = LastExchange(Echo(errors.PlatformTimeout(host="there.example", seconds=30, sent=True)))
    with pytest.raises(errors.PlatformTimeout):
        last.post("https://there.example", b"no message", {})
    (message,) = last.messages
    assert (message.operation, message.failure, message.status) == ("unknown", "platform_timeout", None)


def test_the_oldest_are_forgotten() -> None:
    last = LastExchange(Echo())
    last.post("first", ASKED, {})
    for number in range(KEPT):
        last.post(str(number), wrap(GET_ETK.new_request(datetime(2026, 11, 24, tzinfo=UTC))), {})
    assert [message.url for message in last.messages] == [str(number) for number in range(KEPT)]
