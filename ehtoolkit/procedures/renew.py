"""Renew a certificate in its replacement period: new key pair, same holder, the old decryption keys come along.

`renewable`, then `ask_qualities`, `fetch_contract` and `sign` of `ehtoolkit.procedures.request`, then
`prepare_renewal` and its `submit` are the procedure; `renew` runs them in order for the command line and for
Python, and a form calls them one by one. The old file is never written: it serves until the new one does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.card.port import Card, PinPrompt, check_certificates
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo, RegisteredContact
from ehtoolkit.ehealth.certra import ActorQualities
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.identity import Actor, ContactData, DistinguishedName, Organisation, Person
from ehtoolkit.keystore.codec.pkcs12 import password_matches
from ehtoolkit.keystore.passwords import check_new_password, names_in
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import folder_in_use
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.authorization import (
    ask_qualities,
    check_not_reused,
    require_entitled,
    require_environment,
    require_holder,
    require_same_holder,
)
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.request import (
    CertificateRequest,
    PreparedRequest,
    archive_given_up,
    archive_unfit,
    fit_and_unfit,
    holder_lock,
    sign_shown,
    submit,
    write_new_keystore,
)
from ehtoolkit.procedures.request_preconditions import (
    ApplicantInfo,
    fetch_applicant_info,
    unclear_or_listed,
)
from ehtoolkit.procedures.result import ProcedureResult, record_state
from ehtoolkit.procedures.state.observe import Purpose, observe
from ehtoolkit.procedures.state.requests import KeyAnswer, RequestStatus
from ehtoolkit.procedures.state.situation import Successor, require_renewable
from ehtoolkit.secret import Secret


@dataclass(frozen=True, slots=True)
class Renewal:
    """A certificate that the platform lets be replaced now.

    Attributes:
        old: the keystore, opened.
        info: the platform's words about it.
        unsent: a renewal that was never sent and has a key of another kind than the one that is wanted now: it is put
            into the archive when this one is sent.
        unclear: newer renewals that the platform may have: it gave an answer about their keys that is not understood.
            They go into the archive, too, once another is sent that the user insists on.
    """

    old: KeystoreFile
    holder: DistinguishedName
    info: CertificateInfo = field(repr=False)
    unsent: KeystoreFile | None = None
    unclear: tuple[Successor, ...] = ()

    @property
    def contact(self) -> RegisteredContact:
        """The contact data as the platform has them: to be shown, and perhaps corrected."""
        return self.info.contact

    @property
    def not_after(self) -> datetime | None:
        """Until when the old certificate serves."""
        return self.old.keystore.not_after

    def request(self, person: Person, contact: ContactData) -> CertificateRequest:
        """Return what is asked for: the same holder, by the card's holder ``person``, who signs.

        A person's names are those of the card now, an organisation's those that the platform has; the base services
        are informed as they were of the old certificate.
        """
        actor: Actor = person
        if not self.holder.identifier.is_person:
            actor = Organisation(self.holder.identifier, self.info.holder.name)
        services = self.info.base_services or None
        return CertificateRequest(person, actor, contact, self.holder.application_id, services)


def renewable(
    file: KeystoreFile,
    context: Context,
    person: Person | None = None,
    *,
    password: Secret | None = None,
    kind: NewKeyKind | None = None,
    even_unclear: bool = False,
) -> Renewal:
    """Ask the platform, signed by the keystore itself, whether this certificate can be replaced now.

    Args:
        person: the holder of the card, once it was read.
        password, kind: of the new keystore. A renewal that was never sent is replaced where it has this password and a
            key of another kind than ``kind``.
        even_unclear: return newer renewals that the platform may have, to be held against its list.

    Raises, each with what to do next: `errors.WrongState` (state ``prepared``: complete it; ``expired`` or ``revoked``:
    request a new one), `errors.WrongEnvironment`, `errors.DifferentKeystoreHolder`, `errors.RenewalTooEarly` (with the
    date of the platform), `errors.NotReplaceable` (it gives none; reason ``foreign``: a renewal needs a card),
    what `require_renewable` raises when a newer file takes its place already, and `errors.PlatformError`.
    """
    holder = require_holder(file)
    require_environment(file, context)
    if holder.has_bis_number:
        raise errors.NotReplaceable(path=str(file.path), reason="foreign")
    if person is not None:
        require_same_holder(file, person)
    situation, unsent = observe(file, context, Purpose.RENEWAL), None
    unclear = tuple(each for each in situation.replacing if each.state is State.UNKNOWN)
    unclear = unclear if even_unclear else ()
    besides = [each.path for each in unclear]
    try:
        known = require_renewable(situation, besides=besides)
    except errors.NeverSent as refusal:
        unsent = _of_other_kind(Path(refusal.path), password, kind)
        if unsent is None:
            raise
        known = require_renewable(situation, besides=[*besides, unsent.path])
    except errors.NotReplaceable:
        require_renewable(situation)  # perhaps because the platform has a newer request
        raise
    record_state(file, context, State.RENEWABLE, known.replaceable_from)
    return Renewal(file, holder, known, unsent, unclear)


def require_given_up(renewal: Renewal, applicant: ApplicantInfo, *, insist: bool) -> None:
    """Check the newer requests that the platform may have against its list for the card. Raises what that says of
    them, for example `errors.RequestWaiting`, and `errors.RequestUnclear` for one that is not in it, or without a list,
    unless ``insist``."""
    listed = {info.key_id for info in applicant.certificates}
    for newer in renewal.unclear:
        if newer.key_id in listed or not insist:
            status = RequestStatus(KeyAnswer.NOT_UNDERSTOOD, refusal=newer.words)
            raise unclear_or_listed(newer.path, newer.key_id, status, applicant)


def check_password(
    password: Secret,
    renewal: Renewal,
    requested: CertificateRequest,
    qualities: ActorQualities,
    context: Context,
) -> None:
    """Check the password of the new file, which may have the old one's. Another one has to be fit, and must not be that
    of a keystore for the other use: for an organisation not a personal one, nor the other way round.

    Raises `errors.PasswordNotAllowed` and `errors.PasswordReused`.
    """
    _require_fit(password, renewal.old.path, renewal.holder)
    if not password_matches(renewal.old.path, password):
        check_not_reused(password, requested.signer, requested.actor, qualities, context)


def _require_fit(password: Secret, old: Path, holder: DistinguishedName) -> None:
    """Raise `errors.PasswordNotAllowed`; what would be refused for a new file may be kept from the ``old`` one."""
    try:
        check_new_password(password, names_in(holder, old))
    except errors.PasswordNotAllowed:
        if not password_matches(old, password):
            raise
        check_new_password(password, kept=True)


def prepare_renewal(
    signed: PreparedRequest,
    password: Secret,
    renewal: Renewal,
    context: Context,
    *,
    present: Secret | None = None,
) -> KeystoreFile:
    """Write the new key pair and the old decryption keys into a new keystore beside the old one (of one in an archive:
    beside the archive), and the note of it, before anything is sent. Keys that another program added to the old file
    since it was opened come along.

    Args:
        present: the password of the old file; ``password`` when it is the same.

    Raises `errors.PasswordNotAllowed`, and what writing a keystore raises. When the old file was changed and does not
    open any more, raises what `KeystoreFile.reread` raises: then nothing was written.
    """
    _require_fit(password, renewal.old.path, renewal.holder)
    old = renewal.old
    before = old.keystore
    old.reread(present or password)
    return write_new_keystore(
        signed.pair,
        signed.record,
        renewal.holder,
        password,
        context,
        replaced=(before, old.keystore),  # also what another program left out stays
        folder=folder_in_use(old.path),
    )


def renew(
    file: KeystoreFile,
    card: Card,
    pin: PinPrompt,
    password: Secret,
    context: Context,
    *,
    show: Callable[[Contract], None],
    contact: Callable[[RegisteredContact], ContactData] = RegisteredContact.as_contact,
    kind: NewKeyKind | None = None,
    present: Secret | None = None,
    insist: bool = False,
) -> ProcedureResult:
    """Renew a certificate: the whole procedure.

    Args:
        password: of the new file, which may be the old one's.
        show: presents the contract and raises to stop.
        contact: makes the contact data to send of those that the platform has.
        kind: of the new key, where it is to be this one: a renewal that was prepared under this password with another
            kind and never sent is put into the archive when the new one is sent.
        present: the password of the old file, when the new file has another.
        insist: although the platform may have a newer renewal, which its list for the card lacks: that is put into the
            archive when the new one is sent.

    Raises as `renewable`, `check_password` and `prepare_renewal` do, and `errors.NotEntitled`. The outcome is
    that of the new file.
    """
    holder = require_holder(file)
    _require_fit(password, file.path, holder)
    person = card.identity().person
    context = context.asking_for(kind)
    with holder_lock(holder, context):
        renewal = renewable(file, context, person, password=password, kind=kind, even_unclear=True)
        check_certificates(card, context.clock.now())  # before a PIN is asked for
        qualities = _ask_about_holder(renewal, card, pin, context, insist=insist)
        require_entitled(holder, person, qualities)
        requested = renewal.request(person, contact(renewal.contact))
        check_password(password, renewal, requested, qualities, context)
        signed = sign_shown(requested, card, pin, context, show)
        new = prepare_renewal(signed, password, renewal, context, present=present)
        outcome = submit(new, signed, context)
        archive_unfit(renewal.unsent)
        archive_given_up(each.path for each in renewal.unclear)
        return outcome


def _ask_about_holder(
    renewal: Renewal, card: Card, pin: PinPrompt, context: Context, *, insist: bool
) -> ActorQualities:
    """Ask the platform, with the first PIN, whom the holder of the card may act for; and for its list where it may have
    a newer request."""
    if not renewal.unclear:
        return ask_qualities(card, pin, context)
    applicant = fetch_applicant_info(card, pin, context)
    require_given_up(renewal, applicant, insist=insist)
    return applicant.qualities


def _of_other_kind(path: Path, password: Secret | None, kind: NewKeyKind | None) -> KeystoreFile | None:
    """Return the renewal at ``path`` that was never sent, when it has the password and a key of another kind than
    ``kind``; else None."""
    if password is None or kind is None or not password_matches(path, password):
        return None
    return fit_and_unfit(KeystoreFile.open(path, password), kind)[1]
