"""Validation of a request without a card: the holder logs in at a web address and confirms it."""

from __future__ import annotations

from datetime import datetime

from ehtoolkit import errors
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import read_request_record
from ehtoolkit.procedures.authorization import requested_name
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import Validation


def validation_of(file: KeystoreFile, context: Context) -> Validation | None:
    """Return where and until when the request of a keystore is confirmed; None for one that was signed with a card.

    By our note; when the platform's answer was lost, the address is not known here. Without a note, a BIS number tells
    that there was no card. Whether it was confirmed already, only the platform knows, and it does not say.
    """
    record = read_request_record(context.notes, file.keystore.key_id)
    if record is not None:
        return Validation(record.validation_url, record.expires) if record.without_card else None
    name = requested_name(file, context)
    return Validation() if name is not None and name.has_bis_number else None


def open_validation(file: KeystoreFile, context: Context) -> Validation | None:
    """Return the same as `validation_of` while there is time to confirm; None once that is over: what the platform has
    not refused by then was confirmed."""
    validation = validation_of(file, context)
    return None if is_overdue(validation, context.clock.now()) else validation


def is_overdue(validation: Validation | None, now: datetime) -> bool:
    """Return whether the time for the confirmation is over. It may have been confirmed before, so the platform is asked
    first."""
    return validation is not None and validation.until is not None and now > validation.until


def as_foreigners(error: errors.KeystoreError, file: KeystoreFile, context: Context) -> errors.KeystoreError:
    """Return what it means for a request without a card that the platform does not give its certificate: nobody
    confirmed it in time, or it is taken up again without a card. ``error``: what it means for all others.

    The codes of the real platform are not public, so the date in our note decides.
    """
    validation = validation_of(file, context)
    if validation is None:
        return error
    if is_overdue(validation, context.clock.now()):
        return errors.ValidationOverdue(path=str(file.path), date=validation.until)
    if isinstance(error, errors.NeverSent):
        return errors.NeverSent(path=str(file.path), key_id=file.keystore.key_id, kind="foreign")
    return error
