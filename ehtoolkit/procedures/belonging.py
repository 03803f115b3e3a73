"""Whose keystore it is, and whether the person whose card is in the reader may ask for its holder."""

from __future__ import annotations

from ehtoolkit import errors
from ehtoolkit.ehealth.certra_messages import ActorQualities
from ehtoolkit.identity import DistinguishedName, Person
from ehtoolkit.keystore import KeystoreFile, read_note
from ehtoolkit.procedures.outcome import State
from ehtoolkit.procedures.parts import Parts


def require_holder(file: KeystoreFile) -> DistinguishedName:
    """Whose keystore it is, by its certificate.

    Raises `errors.WrongState` (state ``prepared``) while it has none, and `errors.DistinguishedNameInvalid`
    (reason ``form``) for a name that is not one of the platform's.
    """
    keystore = file.keystore
    if not keystore.installed:
        raise errors.WrongState(path=str(file.path), state=State.PREPARED)
    return keystore.holder or DistinguishedName.of_subject(keystore.chain[0].subject)


def require_card_of(file: KeystoreFile, person: Person) -> None:
    """Raise `errors.DifferentKeystoreHolder` for a personal keystore of somebody else than ``person``. Who may act for
    an organisation, only the platform knows: see `require_entitled`."""
    holder = require_holder(file)
    if holder.identifier.is_person and holder.identifier != person.identifier:
        raise _of_another(file, holder, DistinguishedName.for_person(person))


def require_entitled(holder: DistinguishedName, person: Person, qualities: ActorQualities) -> None:
    """Raise `errors.NotEntitled` when ``person`` may not ask for the organisation ``holder``. A person may always
    ask for himself: where the registers do not know him, somebody looks at his request."""
    if holder.identifier.is_person:
        return
    allowed = {(one.type, one.number) for one in qualities.organisations}
    if (holder.identifier.type, holder.identifier.value) not in allowed:
        raise errors.NotEntitled(organisation=shown(holder), card=person.full_name)


def requested_name(file: KeystoreFile, parts: Parts) -> DistinguishedName | None:
    """The requested name by our note; without one, by what the file's name says; None when neither says it."""
    note = read_note(parts.notes, file.keystore.key_id)
    if note is not None:
        return DistinguishedName.parse(note.distinguished_name)
    named = file.named
    if named.identifier is None:
        return None
    return DistinguishedName(named.identifier, "UNKNOWN", named.application_id)


def require_requested_for(file: KeystoreFile, name: DistinguishedName, parts: Parts) -> None:
    """Raise `errors.DifferentKeystoreHolder` when a keystore without certificate was made for somebody else."""
    asked = requested_name(file, parts)
    if asked is not None and not asked.same_holder(name):
        raise _of_another(file, asked, name)


def shown(name: DistinguishedName) -> str:
    """Name and number, for a sentence."""
    number = (
        name.identifier.text
        if name.application_id is None
        else f"{name.identifier.text}, {name.application_id}"
    )
    return f"{name.name} ({number})"


def _of_another(
    file: KeystoreFile, holder: DistinguishedName, card: DistinguishedName
) -> errors.DifferentKeystoreHolder:
    return errors.DifferentKeystoreHolder(path=str(file.path), holder=shown(holder), card=shown(card))
