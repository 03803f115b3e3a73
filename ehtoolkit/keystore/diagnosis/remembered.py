"""What platform and issuer said of a certificate when they were asked last, as findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ehtoolkit.finding import Finding, Severity, Topic, Urgency, error
from ehtoolkit.keystore.standing import Action, Standing
from ehtoolkit.keystore.state import FileState, KeystoreState, State
from ehtoolkit.keystore.storage.records import LastAnswer

REVOKED: Final = "revocation_revoked"
"""The key of the finding that an issuer said so."""
SAID_BY_PLATFORM: Final[Mapping[State, Finding]] = {
    State.EXPIRED: Finding("expired", Severity.ERROR, catalogue="standing", topic=Topic.REMEMBERED),
    State.REVOKED: Finding("revoked", Severity.ERROR, catalogue="standing", topic=Topic.REMEMBERED),
    State.REFUSED: Finding(
        "refused", Severity.ERROR, catalogue="standing", variant="before", topic=Topic.REMEMBERED
    ),
    State.TO_ACTIVATE: Finding(
        "etk_to_activate",
        Severity.WARNING,
        catalogue="standing",
        topic=Topic.REMEMBERED,
        urgency=Urgency.SOON,
    ),
    State.NO_ETK: Finding("etk_missing", Severity.ERROR, catalogue="standing", topic=Topic.REMEMBERED),
}
"""What is said of the platform's last word, where the file does not show it."""


def by_issuer(answer: LastAnswer) -> Finding:
    """Return that an issuer said that a certificate is revoked."""
    found = error(REVOKED, host=answer.host, date=answer.since or answer.at)
    return found.about(Topic.REMEMBERED)


BLOCKED: Final = Finding("request_blocked", Severity.INFO, catalogue="standing", topic=Topic.REMEMBERED)
"""That a request was never sent, and would be refused now: rule 10 of `ehtoolkit.keystore.storage.holder_keystores`."""


def remembered(
    standing: Standing, shown: KeystoreState | None, word: State | None, answer: LastAnswer | None
) -> Iterator[Finding]:
    """Yield what was said last, where the file does not show it: by the platform, where that tells how the keystore
    stands; by the issuer, that its certificate is revoked, unless it has ended or is for another environment.

    Args:
        standing: how it stands; ``shown``: by the file alone, None where it does not show that.
        word: the platform's last word.
        answer: the last definite answer of the issuer.
    """
    state = standing.state
    if state is State.PREPARED and standing.action is Action.NONE:
        yield BLOCKED
    if state is word and state is not shown and state in SAID_BY_PLATFORM:
        yield SAID_BY_PLATFORM[state]
    if answer is not None and answer.revoked and state not in (State.EXPIRED, FileState.ELSEWHERE):
        yield by_issuer(answer)
