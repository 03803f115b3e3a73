"""Whose keystore it is, and whether the person whose card is in the reader may ask for its holder."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit import errors
from ehtoolkit.card.port import Card, CardKey, CardSigner, PinSource, check_certificates, pin_for
from ehtoolkit.ehealth.certra import ActorQualities
from ehtoolkit.ehealth.sealing.models import DecryptionKey
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.identity import Actor, DistinguishedName, Environment, Person
from ehtoolkit.keystore.codec.pkcs12 import password_matches
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import read_request_record
from ehtoolkit.procedures.context import Context, EnvironmentInUse
from ehtoolkit.secret import Secret


def require_holder(file: KeystoreFile) -> DistinguishedName:
    """Return whose keystore it is, by its certificate.

    Raises `errors.WrongState` (state ``prepared``) while it has none, and `errors.DistinguishedNameInvalid`
    (reason ``form``) for a name that is not one of the platform's.
    """
    keystore = file.keystore
    if not keystore.installed:
        raise errors.WrongState(path=str(file.path), state=State.PREPARED)
    return keystore.holder or DistinguishedName.of_subject(keystore.chain[0].subject)


def signer_of(file: KeystoreFile) -> KeySigner:
    """Return what signs messages for the holder: the authentication key with its certificate."""
    return KeySigner(file.keystore.authentication.key, file.keystore.chain)


def decryption_keys(keystore: Keystore) -> tuple[DecryptionKey, ...]:
    """Return the keys that open messages, named by the serial numbers of their certificates: those that were carried
    over from older keystores, too."""
    found = []
    for key in keystore.encryption:
        certificate, alias = key.chain[0] if key.chain else None, key.alias or ""
        if not isinstance(key.key, RSAPrivateKey):
            continue
        if certificate is not None:
            found.append(DecryptionKey(certificate.serial_number, certificate, key.key))
        elif alias.isascii() and alias.isdecimal():
            found.append(DecryptionKey(int(alias[:60]), None, key.key))
    return tuple(found)


def require_same_holder(file: KeystoreFile, person: Person) -> None:
    """Raise `errors.DifferentKeystoreHolder` for a personal keystore of someone else than ``person``. Who may act for
    an organisation, only the platform knows: see `require_entitled`."""
    holder = require_holder(file)
    if holder.identifier.is_person and holder.identifier != person.identifier:
        raise _of_another(file, holder, DistinguishedName.for_person(person))


def require_entitled(holder: DistinguishedName, person: Person, qualities: ActorQualities) -> None:
    """Raise `errors.NotEntitled` when ``person`` may not renew for the organisation ``holder``. A person may always
    ask for himself: where the registers do not know him, someone looks at his request.

    Only a renewal requires it. A first request may come before the mandate is registered, and a person checks it. At a
    renewal, another card is probably the wrong one, and a check that takes days may outlast the certificate.
    """
    if holder.identifier.is_person:
        return
    allowed = {(organisation.type, organisation.number) for organisation in qualities.organisations}
    if (holder.identifier.type, holder.identifier.value) not in allowed:
        raise errors.NotEntitled(organisation=shown(holder), card=person.full_name)


def requested_name(file: KeystoreFile, context: Context) -> DistinguishedName | None:
    """Return the requested name by our note; without one, by what the file's name says; None when neither says it."""
    record = read_request_record(context.notes, file.keystore.key_id)
    if record is not None:
        return record.holder
    named = file.named
    if named.identifier is None:
        return None
    return DistinguishedName(named.identifier, "UNKNOWN", named.application_id)


def require_requested_for(file: KeystoreFile, name: DistinguishedName, context: Context) -> None:
    """Raise `errors.DifferentKeystoreHolder` when a keystore without certificate was made for someone else."""
    asked = requested_name(file, context)
    if asked is not None and not asked.same_holder(name):
        raise _of_another(file, asked, name)


def shown(name: DistinguishedName) -> str:
    """Return name and number, for a sentence."""
    number = ", ".join(filter(None, (name.identifier.text, name.application_id)))
    return f"{name.name} ({number})"


def _of_another(
    file: KeystoreFile, holder: DistinguishedName, card: DistinguishedName
) -> errors.DifferentKeystoreHolder:
    return errors.DifferentKeystoreHolder(path=str(file.path), holder=shown(holder), card=shown(card))


# ── The environment that is worked in ────────────────────────────────────────────────────────────────────
def require_environment(file: KeystoreFile | FoundKeystore, in_use: EnvironmentInUse) -> None:
    """Check that a keystore is not of another environment than the one in use. Raises `errors.WrongEnvironment`."""
    found = environment_of(file, in_use)
    if found not in (None, in_use.environment):
        raise errors.WrongEnvironment(path=str(file.path), kind=found, wanted=in_use.environment)


def environment_of(file: KeystoreFile | FoundKeystore, in_use: EnvironmentInUse) -> Environment | None:
    """Return the environment of a keystore, opened or as far as it is known; None when nothing tells.

    Whatever was asked for here is of here: our note says so, and a stand-in for a real environment may have
    authorities of its own. Otherwise the issuer of the certificate decides. Until there is one, or when no service
    knows the issuer, a note of another environment does, the ending of the file's name (``.acc-p12`` is
    acceptance's, while ``.p12`` says nothing), and last the folder that it lies in.
    """
    if isinstance(file, KeystoreFile):
        key_ids, issued, name = {file.keystore.key_id}, file.keystore.environment, file.named
    else:
        key_ids, issued, name = shown_key_ids(file), file.environment, file.name
    recorded = _recorded_in(key_ids, in_use)
    if recorded is in_use.environment:
        return recorded
    return issued or recorded or name.environment or _by_folder(file.path, in_use)


def shown_key_ids(found: FoundKeystore) -> set[str]:
    """Return the identifier of the authentication key, or those of all keys where the file does not show which that is:
    the platform calls no other keys by theirs."""
    own = found.key_id
    return {own} if own is not None else {key.key_id for key in found.keys if key.key_id is not None}


def may_belong_here(file: FoundKeystore, in_use: EnvironmentInUse) -> bool:
    """Return whether a closed keystore whose key the platform does not know may have been made in the environment of
    ``in_use``. Where nothing else tells, the ending does, which this program gives to all that it makes in
    acceptance: acceptance and production share a folder."""
    found = environment_of(file, in_use)
    if found is None:
        return in_use.environment is not Environment.ACCEPTANCE
    return found is in_use.environment


def _by_folder(path: Path, in_use: EnvironmentInUse) -> Environment | None:
    if in_use.elsewhere is None:
        return None
    folder, environment = in_use.elsewhere
    # Path.resolve raises for a link to itself, and this does not.
    place = Path(os.path.realpath(path))
    return environment if place.is_relative_to(os.path.realpath(folder)) else None


def _recorded_in(key_ids: Collection[str], in_use: EnvironmentInUse) -> Environment | None:
    """Return the environment whose notes have a request for one of the keys, the one in use first; None without
    one. The notes of all environments lie side by side, in folders of their names."""
    for environment in sorted(Environment, key=lambda each: each is not in_use.environment):
        here = environment is in_use.environment
        folder = in_use.notes if here else in_use.notes.parent / environment
        if any(read_request_record(folder, key_id) is not None for key_id in key_ids):
            return environment
    return None


# ── Passwords of organisations and persons ───────────────────────────────────────────────────────────────
TRIED: Final = 8
"""Files that the password is tried on, the newest: a try costs some hundredths of a second."""


def check_not_reused(
    password: Secret, signer: Person, actor: Actor, qualities: ActorQualities, context: Context
) -> None:
    """Try the new password for ``actor`` on the keystores in the folder that ``signer`` has for the other use: on their
    personal ones when it is for an organisation, on those of their organisations when it is for ``signer``.

    Raises `errors.PasswordReused`. Says nothing about files that are elsewhere.
    """
    personal = actor.identifier.is_person
    organisations = {organisation.identifier for organisation in qualities.organisations} - {None}
    others = organisations if personal else {signer.identifier}
    found = [keystore.path for keystore in find_keystores(context.keystores) if keystore.identifier in others]
    for path in found[:TRIED]:
        if password_matches(path, password):
            raise errors.PasswordReused(path=str(path), kind="organisation" if personal else "personal")


# ── Whom the holder of a card may act for ────────────────────────────────────────────────────────────────
def ask_qualities(card: Card, pin: PinSource, context: Context) -> ActorQualities:
    """Ask the platform, with the first PIN, whether the card's holder may ask for themselves, and for which
    organisations. The card is checked before ``pin`` asks for it."""
    check_certificates(card, context.clock.now())
    signer = CardSigner(card, CardKey.AUTHENTICATION, pin_for(CardKey.AUTHENTICATION, pin))
    return context.platform.certra.get_actor_qualities(card.identity().person, signer)
