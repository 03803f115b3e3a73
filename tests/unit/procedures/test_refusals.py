"""Why a certificate may not be renewed or activated, by its situation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.state.situation import (
    Situation,
    require_activatable,
    require_newest,
    require_renewable,
)
from tests.support.situations import DAY, NEWER, NOW, REFUSED, UNREACHABLE, info, installed, successor

UNREADABLE = errors.FileUnreadable(path="folder")
DUE = info(replaceable=True)
WAITS = info(etk="WAIT_FOR_ACTIVATION")


def refusal_by(require: Callable[[Situation], object], seen: Situation) -> str | tuple[str, str] | None:
    """The key of the error, with the fact that tells it from others of its key; None without one."""
    try:
        require(seen)
    except errors.EhToolkitError as error:
        refusal = error
    else:
        return None
    fact = refusal.facts.get("state") or refusal.facts.get("reason") or ""
    return (refusal.key, str(fact)) if fact else refusal.key


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (installed(DUE), None),
        (installed(info()), "not_replaceable"),
        (installed(info(replaceable_from=NOW + DAY)), "renewal_too_early"),
        (installed(info(replaceable_from=NOW)), "not_replaceable"),
        (installed(info("EXPIRED")), ("state_unfit", "expired")),
        (installed(info("REVOKED", replaceable=True)), ("state_unfit", "revoked")),
        (installed(REFUSED), "platform_refused"),
        (installed(REFUSED, not_after=NOW - DAY), ("state_unfit", "expired")),
        (installed(UNREACHABLE, not_after=NOW - DAY), ("platform_unreachable", "connect")),
        (installed(DUE, newer=UNREADABLE), "file_unreadable"),
        (installed(DUE, newer=UNREACHABLE), ("platform_unreachable", "connect")),
        (installed(DUE, newer=(successor(State.PREPARED),)), "never_sent"),
        (installed(info("SUSPENDED", replaceable=True)), "status_unclear"),
        (installed(info(etk="ASLEEP", replaceable=True)), "status_unclear"),
        (installed(DUE, newer=(successor(State.UNKNOWN),)), "request_unclear"),
        (installed(DUE, newer=(successor(State.WAITING),)), ("request_waiting", "renewal")),
        # The platform lets the certificate be replaced, so what was delivered since was revoked.
        (installed(DUE, newer=(successor(State.COMPLETE),)), None),
        (installed(info(), newer=(successor(State.COMPLETE),)), "already_renewed"),
        (installed(info("EXPIRED"), newer=(successor(State.COMPLETE),)), "already_renewed"),
        (installed(info(), newer=(successor(State.NO_ETK),)), ("request_waiting", "renewal")),
    ],
)
def test_renewal(seen: Situation, expected: str | tuple[str, str] | None) -> None:
    assert refusal_by(require_renewable, seen) == expected


def test_a_renewal_that_is_replaced_does_not_count() -> None:
    seen = installed(DUE, newer=(successor(State.PREPARED),))
    assert require_renewable(seen, besides=[NEWER]) is DUE
    with pytest.raises(errors.NeverSent):
        require_renewable(seen, besides=[Path("other.p12")])


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (installed(info()), None),
        (installed(WAITS), None),
        (installed(UNREACHABLE), ("platform_unreachable", "connect")),
        (installed(REFUSED, not_after=NOW - DAY), "platform_refused"),
        (installed(info("EXPIRED")), ("state_unfit", "expired")),
        (installed(info("REVOKED", "REVOKED")), ("state_unfit", "revoked")),
        (installed(info(etk="NOT_REQUESTED")), ("state_unfit", "no_etk")),
        (installed(info(etk="ASLEEP")), "status_unclear"),
        (installed(info("SUSPENDED")), "status_unclear"),
        (installed(info(), newer=(successor(State.UNKNOWN),)), "request_unclear"),
        (installed(WAITS, newer=(successor(State.UNKNOWN),)), None),
        (installed(WAITS, has_encryption_key=False), "etk_key_missing"),
        (installed(info(), newer=(successor(State.COMPLETE),)), ("already_renewed", "old")),
        (installed(WAITS, newer=(successor(State.COMPLETE),)), ("already_renewed", "old")),
        (installed(info(), newer=(successor(State.WAITING),)), ("request_waiting", "old")),
        (installed(WAITS, newer=(successor(State.WAITING),)), None),
        (installed(info(), newer=(successor(State.PREPARED),)), "never_sent"),
        (installed(WAITS, newer=(successor(State.PREPARED),)), None),
        (installed(info(), newer=UNREACHABLE), ("platform_unreachable", "connect")),
        (installed(WAITS, newer=UNREACHABLE), None),
        (installed(info(), newer=UNREADABLE), None),
    ],
)
def test_activation(seen: Situation, expected: str | tuple[str, str] | None) -> None:
    assert refusal_by(require_activatable, seen) == expected


def test_the_error_leads_to_the_newer_keystore() -> None:
    with pytest.raises(errors.AlreadyRenewed) as complete:
        require_newest(installed(info(), newer=(successor(State.COMPLETE),)))
    assert complete.value.facts == {"path": "this.p12", "newer": "newer.p12", "reason": "old"}
    with pytest.raises(errors.RequestWaiting) as waiting:
        require_newest(installed(info(), newer=(successor(State.WAITING),)))
    assert (waiting.value.facts["path"], waiting.value.facts["old"]) == ("newer.p12", "this.p12")


def test_the_answer_of_the_platform_is_the_cause() -> None:
    with pytest.raises(errors.WrongState) as caught:
        require_renewable(installed(REFUSED, not_after=NOW - DAY))
    assert caught.value.__cause__ is REFUSED
    with pytest.raises(errors.PlatformUnreachable) as unreachable:
        require_renewable(installed(UNREACHABLE))
    assert unreachable.value is UNREACHABLE
