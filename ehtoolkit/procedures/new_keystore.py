"""Write a new keystore and the record of its request, before anything is sent."""

from __future__ import annotations

from pathlib import Path

from ehtoolkit.identity import ContactData, DistinguishedName
from ehtoolkit.keystore import Keystore, KeystoreFile, RequestRecord, keystore_path, write_request_record
from ehtoolkit.procedures.context import Context
from ehtoolkit.secret import Secret


def request_record(
    key_id: str,
    name: str,
    contact: ContactData,
    parts: Context,
    *,
    base_services: tuple[str, ...] | None = None,
    without_card: bool = False,
) -> RequestRecord:
    """Return the record of what is requested now for a key. ``name``: the distinguished name, as the contract has
    it."""
    return RequestRecord(
        key_id=key_id,
        distinguished_name=name,
        environment=parts.environment,
        requested_at=parts.clock.now(),
        email=contact.email,
        phone=contact.phone,
        general_email=contact.general_email,
        general_phone=contact.general_phone,
        without_card=without_card,
        base_services=base_services,
    )


def write_new_keystore(
    keystore: Keystore,
    record: RequestRecord,
    name: DistinguishedName,
    password: Secret,
    parts: Context,
    *,
    folder: Path | None = None,
) -> KeystoreFile:
    """Write the record, then the keystore as a new file, and return it.

    Args:
        name: of the holder, for the name of the file.
        folder: None is the keystore folder.

    Raises what writing a keystore raises.
    """
    moment = parts.clock.now()
    path = keystore_path(
        *(folder or parts.keystores, name.identifier, name.application_id, moment, parts.environment)
    )
    write_request_record(parts.notes, record)
    return KeystoreFile.create(path, keystore, password, parts.profile)
