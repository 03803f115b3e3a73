"""Revoke a certificate, also one whose file or password is lost: list, reason, contract, signed revocation.

`holdings`, `draw_up_revocation` and `send_revocation` are the procedure; `revoke` runs them in order for the command
line and for Python, and a form calls them one by one, since people read and choose between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card import Card, CardKey, check_certificates
from ehtoolkit.card.port import CardSigner
from ehtoolkit.display import Displayed
from ehtoolkit.ehealth.contract import Contract, RevocationReason, check_common_name
from ehtoolkit.identity import DistinguishedName, Person
from ehtoolkit.procedures.again import Again, name_of
from ehtoolkit.procedures.holdings import Holding, holdings
from ehtoolkit.procedures.moves import next_of
from ehtoolkit.procedures.outcome import Next, State
from ehtoolkit.procedures.parts import Parts
from ehtoolkit.procedures.pick import Pick
from ehtoolkit.procedures.remembering import remember_word
from ehtoolkit.procedures.request import PinPrompt, one_at_a_time
from ehtoolkit.secret import Secret

WORDS: Final[Mapping[str, RevocationReason]] = MappingProxyType(
    {
        "forgotten": RevocationReason.SUPERSEDED,
        "lost": RevocationReason.SUPERSEDED,
        "replace": RevocationReason.SUPERSEDED,
        "compromised": RevocationReason.KEY_COMPROMISE,
        "changed": RevocationReason.AFFILIATION_CHANGED,
        "stopped": RevocationReason.CESSATION_OF_OPERATION,
    }
)
"""What a user says (he forgot the password, lost the file, wants another certificate; somebody else may have it; what
it says is no longer right; he stops), and the platform's reason for it. The official program's own mapping is not
public (assumed)."""
REASONS: Final[Mapping[str, RevocationReason]] = MappingProxyType(
    {**{reason.value: reason for reason in RevocationReason}, **WORDS}
)
"""Everything that is understood as a reason: the platform's own four, and the words above."""


@dataclass(frozen=True, slots=True, repr=False)
class Revoked(Displayed):
    """What a revocation leaves behind. ``keystore``: the newest file with the key, None when there is none here; it
    still opens old messages. ``again``: what is known for a new request."""

    key_id: str
    reason: RevocationReason
    keystore: Path | None
    again: Again
    state: State = State.REVOKED

    def displayed(self) -> Iterator[tuple[str, object]]:
        for name in ("state", "reason", "key_id", "keystore"):
            yield name, getattr(self, name)

    @property
    def next(self) -> Next | None:
        return next_of(self.state)


def reason_of(word: str) -> RevocationReason:
    """The platform's reason for one of `REASONS`, in any case.

    Raises `errors.InputInvalid` (reason ``revocation_reason``).
    """
    wanted = word.strip().casefold()
    for known, reason in REASONS.items():
        if known.casefold() == wanted:
            return reason
    raise errors.InputInvalid(reason="revocation_reason")


def require_revocable(holding: Holding) -> None:
    """Raise `errors.NotRevocable` when the platform says that nothing can be revoked, with the state that tells why."""
    if not holding.revocable:
        raise errors.NotRevocable(key_id=holding.key_id, state=holding.state)


def draw_up_revocation(holding: Holding, signer: Person, reason: RevocationReason, parts: Parts) -> Contract:
    """The platform's contract, which has to be shown before it is signed; checked to be about this certificate, this
    person and this reason. Raises as `require_revocable` does."""
    require_revocable(holding)
    name, holder = name_of(holding.info), holding.holder
    contract = parts.platform.certra.generate_revocation_contract(holding.key_id, signer, reason, name)
    if name is None:
        check_common_name(contract, holder.type, holder.number, holder.application_id)
    return contract


def send_revocation(
    holding: Holding, contract: Contract, card: Card, pin: Secret | None, parts: Parts
) -> Revoked:
    """Second PIN: sign the contract and send it, once. After a lost answer the list is asked for again, with the same
    PIN: the card has one.

    A wrong PIN, or a card that was pulled out, leaves everything as it was. Raises one of `errors.OUTCOME_UNKNOWN`
    when the list still has the certificate as it was, or cannot be had.
    """
    signer = CardSigner(card, CardKey.SIGNATURE, pin)
    try:
        parts.platform.certra.revoke(holding.key_id, contract, signer)
    except errors.OUTCOME_UNKNOWN:
        if not _is_revoked(holding.key_id, card, pin, parts):
            raise
    reason = RevocationReason(contract.revocation_reason or "")
    revoked = Revoked(holding.key_id, reason, holding.file, Again.of(holding.info))
    remember_word(revoked.key_id, revoked.state, parts)
    return revoked


def revoke(
    card: Card,
    pin: PinPrompt,
    pick: Pick,
    reason: RevocationReason,
    parts: Parts,
    *,
    show: Callable[[Contract], None],
) -> Revoked:
    """The whole procedure. ``pick``: see `ehtoolkit.procedures.pick`; ``show`` presents the contract and raises to
    stop.

    Raises what ``pick`` raises, `errors.NotRevocable`, `errors.RequestRunning`, and as `send_revocation` does.
    """
    check_certificates(card, parts.clock.now())
    listed = holdings(card, pin(CardKey.AUTHENTICATION), parts)
    holding = pick(listed)
    require_revocable(holding)
    with one_at_a_time_for(holding, parts):
        contract = draw_up_revocation(holding, card.identity().person, reason, parts)
        show(contract)
        return send_revocation(holding, contract, card, pin(CardKey.SIGNATURE), parts)


@contextmanager
def one_at_a_time_for(holding: Holding, parts: Parts) -> Iterator[None]:
    """Nobody requests for the holder meanwhile. A type that this program does not know cannot be requested for."""
    name: DistinguishedName | None = name_of(holding.info)
    if name is None:
        yield
        return
    with one_at_a_time(name, parts):
        yield


def _is_revoked(key_id: str, card: Card, pin: Secret | None, parts: Parts) -> bool:
    """Whether the list says so; False also when it cannot be had: then nobody knows."""
    try:
        return any(one.key_id == key_id and one.state is State.REVOKED for one in holdings(card, pin, parts))
    except (errors.PlatformError, errors.CardError, errors.FileUnreadable):
        return False
