"""Why a certificate may not be renewed or activated, by its situation."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.state.situation import (
    Situation,
    may_activate,
    may_renew,
    not_newest,
    require_allowed,
)
from tests.support.situations import DAY, NEWER, NOW, REFUSED, UNREACHABLE, info, installed, successor

UNREADABLE = errors.FileUnreadable(path="folder")
DUE = info(replaceable=True)
WAITS = info(etk="WAIT_FOR_ACTIVATION")


def described(refusal: errors.EhToolkitError | None) -> str | tuple[str, str] | None:
    """The key of a refusal, with the fact that tells it from others of its key."""
    if refusal is None:
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
        (installed(DUE, newer=(successor(State.WAITING),)), ("request_waiting", "renewal")),
        # The platform lets the certificate be replaced, so what was delivered since was revoked.
        (installed(DUE, newer=(successor(State.COMPLETE),)), None),
        (installed(info(), newer=(successor(State.COMPLETE),)), "already_renewed"),
        (installed(info("EXPIRED"), newer=(successor(State.COMPLETE),)), "already_renewed"),
        (installed(info(), newer=(successor(State.NO_ETK),)), ("request_waiting", "renewal")),
    ],
)
def test_renewal(seen: Situation, expected: str | tuple[str, str] | None) -> None:
    assert described(may_renew(seen)) == expected


def test_a_renewal_that_is_replaced_does_not_count() -> None:
    seen = installed(DUE, newer=(successor(State.PREPARED),))
    assert may_renew(seen, besides=NEWER) is None
    assert isinstance(may_renew(seen, besides=Path("other.p12")), errors.NeverSent)


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
        (installed(info(etk="ASLEEP")), ("state_unfit", "no_etk")),
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
    assert described(may_activate(seen)) == expected


def test_the_error_leads_to_the_newer_keystore() -> None:
    complete = not_newest(installed(info(), newer=(successor(State.COMPLETE),)))
    assert complete is not None
    assert complete.facts == {"path": "this.p12", "newer": "newer.p12", "reason": "old"}
    waiting = not_newest(installed(info(), newer=(successor(State.WAITING),)))
    assert waiting is not None
    assert (waiting.facts["path"], waiting.facts["old"]) == ("newer.p12", "this.p12")


def test_the_answer_of_the_platform_is_the_cause() -> None:
    require_allowed(None, installed(info()))
    over = installed(REFUSED, not_after=NOW - DAY)
    with pytest.raises(errors.WrongState) as caught:
        require_allowed(may_renew(over), over)
    assert caught.value.__cause__ is REFUSED
    silent = installed(UNREACHABLE)
    with pytest.raises(errors.PlatformUnreachable) as unreachable:
        require_allowed(may_renew(silent), silent)
    assert unreachable.value is UNREACHABLE
    early = installed(info())
    with pytest.raises(errors.NotReplaceable) as refused:
        require_allowed(may_renew(early), early)
    assert refused.value.__cause__ is None
