"""The procedures as single calls, for Python and notebooks: each builds its parts from the settings and lets go of
them. What is asked on the way (a PIN, an acceptance) is a function that the caller gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from pathlib import Path

from ehtoolkit.bootstrap import open_toolkit, revocation_asker
from ehtoolkit.card import CardIdentity, CardKey
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.identity import ContactData, Organisation, Person
from ehtoolkit.procedures.activate import Activated, activate
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.foreign import ForeignWish, request_foreign
from ehtoolkit.procedures.holdings import Holding, holdings
from ehtoolkit.procedures.messages import (
    OpenedFile,
    SealedFile,
    authorities_in_files,
    open_file,
    own_recipient,
    seal_file,
    token_at_depot,
    token_in_file,
)
from ehtoolkit.procedures.outcome import Outcome
from ehtoolkit.procedures.pick import by_key
from ehtoolkit.procedures.renew import registered_contact, renew
from ehtoolkit.procedures.request import Wish, request
from ehtoolkit.procedures.revoke import Revoked, reason_of, revoke
from ehtoolkit.procedures.standing import Standing
from ehtoolkit.procedures.status import status
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings, load_settings


def read_card(card: str | None = None, *, settings: Settings | None = None) -> CardIdentity:
    """Who the holder of the card is; no PIN needed. ``card``: ``training:NAME`` or ``pkcs11:MODULE#READER``.

    Raises `errors.CardError`.
    """
    with (
        closing(open_toolkit(settings or load_settings())) as toolkit,
        closing(toolkit.open_card(card)) as reader,
    ):
        return reader.identity()


def request_certificate(
    contact: ContactData,
    *,
    pin: Callable[[CardKey], Secret | None],
    password: Secret,
    agree: Callable[[Contract], None],
    card: str | None = None,
    organisation: Organisation | None = None,
    application_id: str | None = None,
    settings: Settings | None = None,
) -> Outcome:
    """Ask for a certificate for the card's holder, or for ``organisation``.

    ``pin`` is called for each key with its name, and gives None where the middleware or the reader asks.
    ``agree`` gets the contract, has to show it, and raises `errors.TermsNotAccepted` to stop. Raises what
    `ehtoolkit.procedures.request` raises; a private key that was made is then on disk.
    """
    with (
        closing(open_toolkit(settings or load_settings())) as toolkit,
        closing(toolkit.open_card(card)) as reader,
    ):
        person = reader.identity().person
        wish = Wish(person, organisation or person, contact, application_id)
        return request(wish, reader, pin, password, toolkit.parts, show=agree)


def complete_certificate(keystore: Path, password: Secret, *, settings: Settings | None = None) -> Outcome:
    """Install the certificate and make its encryption token, from wherever the file is.

    A certificate that is not delivered yet is an outcome (state ``waiting``), not an error.
    """
    with closing(open_toolkit(settings or load_settings())) as toolkit:
        return complete(toolkit.open_keystore(keystore, password), toolkit.parts)


def renew_certificate(
    keystore: Path,
    password: Secret,
    *,
    pin: Callable[[CardKey], Secret | None],
    agree: Callable[[Contract], None],
    contact: ContactData | None = None,
    new_password: Secret | None = None,
    card: str | None = None,
    settings: Settings | None = None,
) -> Outcome:
    """Renew the certificate of a keystore: a new file beside it, with its decryption keys; the old one is untouched.

    ``pin`` and ``agree`` as in `request_certificate`. ``contact``: None sends what the platform has. The new file has
    ``new_password``, else the old one's. Raises what `ehtoolkit.procedures.renew` raises. The outcome is that of the
    new file, which is then completed and activated.
    """
    with (
        closing(open_toolkit(settings or load_settings())) as toolkit,
        closing(toolkit.open_card(card)) as reader,
    ):
        file = toolkit.open_keystore(keystore, password)
        change = registered_contact if contact is None else lambda _: contact
        return renew(file, reader, pin, new_password or password, toolkit.parts, show=agree, contact=change)


def activate_etk(keystore: Path, password: Secret, *, settings: Settings | None = None) -> Activated:
    """Make the depot give out the token of a renewed keystore, and prove that it does; done before, it is proven
    only."""
    with closing(open_toolkit(settings or load_settings())) as toolkit:
        return activate(toolkit.open_keystore(keystore, password), toolkit.parts)


def list_certificates(
    *,
    pin: Callable[[CardKey], Secret | None],
    card: str | None = None,
    settings: Settings | None = None,
) -> tuple[Holding, ...]:
    """What the platform has for the card's holder and his organisations, also where file or password are lost; the
    newest request first."""
    with (
        closing(open_toolkit(settings or load_settings())) as toolkit,
        closing(toolkit.open_card(card)) as reader,
    ):
        return holdings(reader, pin(CardKey.AUTHENTICATION), toolkit.parts)


def revoke_certificate(
    key_id: str,
    reason: str,
    *,
    pin: Callable[[CardKey], Secret | None],
    agree: Callable[[Contract], None],
    card: str | None = None,
    settings: Settings | None = None,
) -> Revoked:
    """Revoke a certificate of the card's holder, or of an organisation of his, and its ETK with it.

    ``key_id``: as `list_certificates` and the keystore have it. ``reason``: one of
    `ehtoolkit.procedures.revoke.REASONS`, for example ``lost``. ``pin`` and ``agree`` as in `request_certificate`.
    Raises what `ehtoolkit.procedures.revoke` raises. What is known for a new request is in the answer.
    """
    why, pick = reason_of(reason), by_key(key_id)
    with (
        closing(open_toolkit(settings or load_settings())) as toolkit,
        closing(toolkit.open_card(card)) as reader,
    ):
        return revoke(reader, pin, pick, why, toolkit.parts, show=agree)


def request_foreign_certificate(
    person: Person, contact: ContactData, password: Secret, *, settings: Settings | None = None
) -> Outcome:
    """Ask for a certificate for somebody who has a BIS number and no card. The outcome's ``validation`` says where he
    logs in and confirms it, and until when; then `complete_certificate`."""
    wish = ForeignWish(person, contact)
    with closing(open_toolkit(settings or load_settings())) as toolkit:
        return request_foreign(wish, password, toolkit.parts)


def certificate_status(keystore: Path, password: Secret, *, settings: Settings | None = None) -> Standing:
    """What the platform and the depot say of a keystore's certificate; no card needed. Where they cannot be asked,
    what the file alone says."""
    with closing(open_toolkit(settings or load_settings())) as toolkit:
        return status(toolkit.open_keystore(keystore, password), toolkit.parts)


def seal(
    content: Path,
    output: Path,
    keystore: Path,
    password: Secret,
    *,
    recipients: Sequence[str | Path],
    to_self: bool = False,
    authorities: Sequence[Path] = (),
    settings: Settings | None = None,
) -> SealedFile:
    """Seal a file for one or more holders of encryption tokens, signed with a keystore.

    Args:
        content: the file to seal; it is read once, in pieces.
        output: the new file; it must not exist.
        keystore: the sender's.
        password: of it.
        recipients: ``TYPE=ID[,APPID]`` of holders whose token the depot has, as text; files with tokens, as paths.
        to_self: seal it for the keystore's own newest token, too.
        authorities: files with certificates to believe, beside those of the keystore.
        settings: None reads those of the environment.

    Raises what `ehtoolkit.procedures.messages.seal_file` raises, and `errors.RecipientUnusable`.
    """
    with closing(open_toolkit(settings or load_settings())) as toolkit:
        parts, sender = toolkit.parts, toolkit.open_keystore(keystore, password).keystore
        believed = parts.message_authorities().with_anchors(authorities_in_files(authorities).anchors)
        believed = believed.adding(sender.chain)
        now = parts.clock.now()
        found = [
            token_in_file(one, believed, now)
            if isinstance(one, Path)
            else token_at_depot(one, parts, believed)
            for one in recipients
        ]
        if to_self:
            found.append(own_recipient(sender))
        return seal_file(content, output, found, sender, now)


def unseal(
    message: Path,
    keystore: Path,
    password: Secret,
    output: Path | None = None,
    *,
    unproven: bool = False,
    online: bool = False,
    authorities: Sequence[Path] = (),
    settings: Settings | None = None,
) -> OpenedFile:
    """Open a sealed message and check all of it. Its ``message.proven`` says whether the content is to be believed.

    Args:
        message: the file.
        keystore: the reader's; its older encryption keys open older messages.
        password: of it.
        output: a new file for the content, written only when it is proven; None to check alone.
        unproven: write it, too, when it was opened and is not proven.
        online: ask the signer's authority whether the certificate is revoked.
        authorities: files with certificates to believe, beside those of the keystore.
        settings: None reads those of the environment.

    Raises what `ehtoolkit.procedures.messages.open_file` raises.
    """
    with closing(open_toolkit(settings or load_settings())) as toolkit:
        parts, reader = toolkit.parts, toolkit.open_keystore(keystore, password).keystore
        believed = parts.message_authorities().with_anchors(authorities_in_files(authorities).anchors)
        now = parts.clock.now()
        with revocation_asker(toolkit.settings) if online else nullcontext() as ask:
            return open_file(
                message, reader, believed, now, output=output, unproven=unproven, ask_revocation=ask
            )
