"""What the procedures write into a log, at whatever level: no PIN and no password."""

from __future__ import annotations

import logging

import pytest

from ehtoolkit import errors
from ehtoolkit.card.pin import FULL_TRIES
from ehtoolkit.procedures.request import request
from ehtoolkit.secret import Secret
from tests.procedures.conftest import Road

PIN, WRONG, MALFORMED = "907341", "907342", "90734x"
PASSWORD = "Kine-907343"


def test_no_secret_of_a_first_certificate_is_in_a_log(road: Road, caplog: pytest.LogCaptureFixture) -> None:
    """A malformed PIN, a wrong one, the right one, and the password of the new keystore."""
    caplog.set_level(logging.DEBUG)
    card = road.toolkit.open_card()
    card.change_pin(Secret("1234"), Secret(PIN))  # type: ignore[attr-defined]  # a training card's own

    def ask(pin: str) -> None:
        request(
            road.requested,
            card,
            lambda _: Secret(pin),
            Secret(PASSWORD),
            road.toolkit.context,
            show=lambda _: None,
        )

    with pytest.raises(errors.PinMalformed):
        ask(MALFORMED)
    with pytest.raises(errors.PinWrong) as refused:
        ask(WRONG)
    assert refused.value.tries_left == FULL_TRIES - 1
    ask(PIN)
    logging.getLogger("ehtoolkit").debug("the end")

    logged = [f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records]
    assert any("the end" in line for line in logged), "nothing is logged here at all"
    assert [line for line in logged for secret in (PIN, WRONG, MALFORMED, PASSWORD) if secret in line] == []
