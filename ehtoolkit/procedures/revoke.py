"""Revoke a certificate, also one whose file or password is lost: list, reason, contract, signed revocation.

`list_certificates`, `fetch_revocation_contract` and `submit_revocation` are the procedure; `revoke` runs them in
order for the command line and for Python, and a form calls them one by one, since people read and choose between
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.port import Card, CardKey, CardSigner, PinPrompt, check_certificates
from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo, CertStatus, require_understood
from ehtoolkit.ehealth.contract import Contract, RevocationReason, check_common_name
from ehtoolkit.identity import DistinguishedName, Person
from ehtoolkit.keystore.standing import Action, proposed_action
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.request import holder_lock
from ehtoolkit.procedures.result import record_platform_state
from ehtoolkit.procedures.send_once import send_once
from ehtoolkit.procedures.state.certificate_list import (
    ListedCertificate,
    Pick,
    by_key,
    holder_name,
    list_certificates,
)
from ehtoolkit.result_display import Displayed
from ehtoolkit.secret import Secret

REASON_CHOICES: Final[Mapping[str, RevocationReason]] = MappingProxyType(
    {
        "forgotten": RevocationReason.SUPERSEDED,
        "lost": RevocationReason.SUPERSEDED,
        "replace": RevocationReason.SUPERSEDED,
        "compromised": RevocationReason.KEY_COMPROMISE,
        "changed": RevocationReason.AFFILIATION_CHANGED,
        "stopped": RevocationReason.CESSATION_OF_OPERATION,
    }
)
"""What a user says (he forgot the password, lost the file, wants another certificate; someone else may have it; what
it says is no longer right; he stops), and the platform's reason for it. The official program's own mapping is not
public (assumed)."""
REASONS: Final[Mapping[str, RevocationReason]] = MappingProxyType(
    {**{reason.value: reason for reason in RevocationReason}, **REASON_CHOICES}
)
"""Everything that is understood as a reason: the platform's own four, and the words above."""


@dataclass(frozen=True, slots=True, repr=False)
class CompletedRevocation(Displayed):
    """What a revocation leaves behind.

    Attributes:
        keystore: the newest file with the key, None when there is none here; it still opens old messages.
        again: the platform's words about the certificate, for a new request. Its contact data may be older than
            today's rules.
    """

    key_id: str
    reason: RevocationReason
    keystore: Path | None
    again: CertificateInfo
    state: State = State.REVOKED

    def displayed(self) -> Iterator[tuple[str, object]]:
        for name in ("state", "reason", "key_id", "keystore"):
            yield name, getattr(self, name)

    @property
    def next(self) -> Action | None:
        return proposed_action(self.state)


def reason_of(word: str) -> RevocationReason:
    """Return the platform's reason for one of `REASONS`, in upper or lower case.

    Raises `errors.InputInvalid` (reason ``revocation_reason``).
    """
    wanted = word.strip().casefold()
    for known, reason in REASONS.items():
        if known.casefold() == wanted:
            return reason
    raise errors.InputInvalid(reason="revocation_reason")


def require_revocable(holding: ListedCertificate) -> None:
    """Raise `errors.NotRevocable` when the platform says that nothing can be revoked, with the state that tells why."""
    if not holding.revocable:
        raise errors.NotRevocable(key_id=holding.key_id, state=holding.state)


def fetch_revocation_contract(
    holding: ListedCertificate, signer: Person, reason: RevocationReason, context: Context
) -> Contract:
    """Return the platform's contract, which has to be shown before it is signed; it is checked to be about this
    certificate, this person and this reason. Raises as `require_revocable` does."""
    require_revocable(holding)
    name, holder = holder_name(holding.info), holding.holder
    contract = context.platform.certra.generate_revocation_contract(holding.key_id, signer, reason, name)
    if name is None:
        check_common_name(contract, holder.type, holder.number, holder.application_id)
    return contract


def submit_revocation(
    holding: ListedCertificate,
    contract: Contract,
    card: Card,
    pin: Secret | None,
    context: Context,
    *,
    retry: bool = False,
) -> CompletedRevocation:
    """Sign the contract, with the second PIN, and send it, once. After a lost answer the list is asked for again, with
    the same PIN: the card has only one. ``retry``: it was tried before and may have arrived, so that the list is asked
    for first.

    A wrong PIN, or a card that was pulled out, leaves everything as it was. Raises one of `errors.OUTCOME_UNKNOWN`
    when the list still has the certificate as it was, or cannot be had or understood, and `errors.NotRevocable` (reason
    ``contract``) for the contract of another certificate: then nothing is signed or sent. With ``retry``, a list that
    is not understood raises `errors.StatusUnclear`, and one without the certificate `errors.CertificateNotListed`; then
    nothing was sent.
    """
    if contract.key_id != holding.key_id:
        raise errors.NotRevocable(key_id=holding.key_id, state=holding.state, reason="contract")
    send_once(
        lambda: context.platform.certra.revoke(
            holding.key_id, contract, CardSigner(card, CardKey.SIGNATURE, pin)
        ),
        lambda: _revoked(holding.key_id, card, pin, context),
        retry=retry,
    )
    reason = RevocationReason(contract.revocation_reason or "")
    revoked = CompletedRevocation(holding.key_id, reason, holding.file, holding.info)
    record_platform_state(revoked.key_id, revoked.state, context)
    return revoked


def revoke(
    card: Card,
    pin: PinPrompt,
    pick: Pick,
    reason: RevocationReason,
    context: Context,
    *,
    show: Callable[[Contract], None],
) -> CompletedRevocation:
    """Revoke a certificate: the whole procedure. ``pick``: see `ehtoolkit.procedures.state.certificate_list`; ``show``
    presents the contract and raises to stop.

    Raises what ``pick`` raises, `errors.NotRevocable`, `errors.RequestRunning`, and as `submit_revocation` does.
    """
    check_certificates(card, context.clock.now())
    listed = list_certificates(card, pin(CardKey.AUTHENTICATION), context, to_revoke=True)
    holding = pick(listed)
    require_revocable(holding)
    with revocation_lock(holding, context):
        contract = fetch_revocation_contract(holding, card.identity().person, reason, context)
        show(contract)
        return submit_revocation(holding, contract, card, pin(CardKey.SIGNATURE), context)


@contextmanager
def revocation_lock(holding: ListedCertificate, context: Context) -> Iterator[None]:
    """Hold the holder's lock, so that no request for the holder starts meanwhile. A type that this program does not
    know cannot be requested for: then there is no lock."""
    name: DistinguishedName | None = holder_name(holding.info)
    if name is None:
        yield
        return
    with holder_lock(name, context):
        yield


def _revoked(key_id: str, card: Card, pin: Secret | None, context: Context) -> ListedCertificate | None:
    """Return the certificate when the platform's list says that it is revoked; None when it says that it is not.

    Raises `errors.CertificateNotListed` and `errors.StatusUnclear` when that is unknown, and as `list_certificates`.
    """
    certificate = by_key(key_id)(list_certificates(card, pin, context, to_revoke=True))
    if certificate.info.known_status is None:
        require_understood(certificate.info)
    return certificate if certificate.info.known_status is CertStatus.REVOKED else None
