"""The record of a request: what the keystore cannot hold, and no secret. Best effort: the platform's word counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment
from ehtoolkit.keystore.storage.json_store import JsonStore


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """The note of a request, kept beside its keystore.

    Attributes:
        key_id: of the authentication key, 40 hexadecimal digits, upper case.
        distinguished_name: the one that was asked for, as the contract has it; `DistinguishedName.parse` reads it.
        requested_at, expires: aware.
        without_card: an unsigned request.
        base_services: of eHealth, that the request names; None in a record of an earlier version.
        validation_url, expires: where, and until when, its holder confirms it, once the platform has said so.
    """

    key_id: str
    distinguished_name: str
    environment: Environment
    requested_at: datetime
    email: str | None = None
    phone: str | None = None
    general_email: str | None = None
    general_phone: str | None = None
    validation_url: str | None = None
    expires: datetime | None = None
    without_card: bool = False
    base_services: tuple[str, ...] | None = None


_STORE: Final = JsonStore(RequestRecord)


def write_request_record(folder: Path, record: RequestRecord) -> None:
    """Write ``<key id>.json``, readable by its owner alone, over an older one.

    Raises what `save_file` raises.
    """
    _STORE.write(folder, record)


def read_request_record(folder: Path, key_id: str) -> RequestRecord | None:
    """Return the record of a key; None when there is none, or one that cannot be read."""
    record = _STORE.read(folder, key_id)
    try:
        if record is not None:
            DistinguishedName.parse(record.distinguished_name)
    except errors.DistinguishedNameInvalid:
        return None
    return record
