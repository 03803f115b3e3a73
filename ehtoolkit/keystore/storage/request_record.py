"""The record of a request: what the keystore cannot hold, and no secret. Best effort: the platform's word counts."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment
from ehtoolkit.system.files import read_file
from ehtoolkit.system.locks import save_file

_KEY_ID: Final = re.compile(r"[0-9A-F]{40}")
_LONGEST: Final = 100_000
_TEXTS: Final = ("email", "phone", "general_email", "general_phone", "validation_url")


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """The note of a request, kept beside its keystore.

    Attributes:
        key_id: of the authentication key, 40 hexadecimal digits, upper case.
        distinguished_name: the one that was asked for, as the contract has it; `DistinguishedName.parse` reads it.
        requested_at, expires: aware.
        without_card: a request that nobody signed.
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


def write_request_record(folder: Path, note: RequestRecord) -> None:
    """Write ``<key id>.json``, readable by its owner alone, in the place of an older one.

    Raises what `save_file` raises.
    """
    text = json.dumps(asdict(note), default=datetime.isoformat, ensure_ascii=False, indent=1)
    save_file(_path(folder, note.key_id), text.encode())


def read_request_record(folder: Path, key_id: str) -> RequestRecord | None:
    """Return the note of a key; None when there is none, or none of which everything can be read: somebody may have
    edited it. Fields that are not known, as a later version may write them, are passed over."""
    try:
        values = json.loads(read_file(_path(folder, key_id), _LONGEST))
        DistinguishedName.parse(values["distinguished_name"])
        texts = {name: str(values[name]) for name in _TEXTS if values.get(name) is not None}
        return RequestRecord(
            key_id=key_id.upper(),
            distinguished_name=values["distinguished_name"],
            environment=Environment(values["environment"]),
            requested_at=_moment(values["requested_at"]),
            without_card=values.get("without_card") is True,
            base_services=_names(values.get("base_services")),
            expires=None if values.get("expires") is None else _moment(values["expires"]),
            **texts,
        )
    except (errors.KeystoreError, errors.FileUnreadable, errors.DistinguishedNameInvalid):
        return None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):  # whatever it is, it is no note
        return None


def _names(value: object) -> tuple[str, ...] | None:
    return tuple(str(name) for name in value) if isinstance(value, list) else None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment of a note has a zone")
    return moment


def _path(folder: Path, key_id: str) -> Path:
    if not _KEY_ID.fullmatch(key_id.upper()):  # it becomes a file name
        raise ValueError("a key identifier is 40 hexadecimal digits")
    return folder / f"{key_id.upper()}.json"
