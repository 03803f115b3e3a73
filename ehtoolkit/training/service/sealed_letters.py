"""Sealed messages of colleagues to all who have a token: sealed as the clock goes on, kept as they were sent."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.crypto.keys import generate_key
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.keystore.key_pairs import load_private_key, store_private_key
from ehtoolkit.training.authority.certificate_register import issue
from ehtoolkit.training.state.classroom import class_language
from ehtoolkit.training.state.database import from_text, to_text
from ehtoolkit.training.state.invented_people import TrainingPerson, person_named
from ehtoolkit.training.state.people_store import person_with_number
from ehtoolkit.training.state.platform_texts import template

if TYPE_CHECKING:
    from ehtoolkit.ehealth.soap.signature import KeySigner
    from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform

LETTERS: Final = (
    ("result", timedelta()),
    ("question", timedelta()),
    ("discharge", timedelta(days=30)),
    ("medication", timedelta(days=365)),
)
"""What is written to each token, and how long after it became active; nothing to one that is not the current one."""
_SENDERS: Final = ("rita", "claire", "ines")
"""Who writes, in turn: none of them to herself. Claire's key is EC, those of the others are RSA."""
_BEFORE: Final = timedelta(days=30)
"""How old a colleague's certificate is when she signs the first time."""


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """A sealed message that was sent. What is in it shows with its holder's key alone.

    Attributes:
        number: by which it is saved; counts from 1.
        key_id: of the certificate whose token it was sealed for.
        serial: of the encryption certificate in that token: the name of the key that opens it.
        identifier: of the holder.
        application_id: of the holder; None without.
        holder: name, as people write it.
        sender: the same.
        language: of the content.
        sent: the signing time, aware, whole seconds.
        data: the message, DER.
    """

    number: int
    key_id: str
    serial: int
    identifier: Identifier
    application_id: str | None
    holder: str
    sender: str
    language: str
    sent: datetime
    data: bytes = field(repr=False)

    def is_for(self, holder: DistinguishedName) -> bool:
        """Return whether the letter was sent to that holder."""
        return (self.identifier, self.application_id) == (holder.identifier, holder.application_id)


def sealed_letters(platform: EmbeddedPlatform) -> list[SealedLetter]:
    """Return all letters whose moment has come, newest first; those that are due and not sealed yet are sealed
    first."""
    now = platform.clock.now()
    if list(_due(platform, now)):
        with platform.database.writing():
            for token, ordinal, sent in _due(platform, now):  # again: another process may have been faster
                _write(platform, token, ordinal, sent.replace(microsecond=0))
    query = (
        "SELECT sealed_letter.*, identifier_type, identifier, application_id, holder_first_names, holder_name "
        "FROM sealed_letter JOIN certificate USING (key_id) WHERE sent_at <= ? "
        "ORDER BY sent_at DESC, number DESC"
    )
    return [_from_row(row) for row in platform.database.rows(query, to_text(now))]


# ── what has to be sealed ────────────────────────────────────────────────────────────────────────────
def _due(platform: EmbeddedPlatform, now: datetime) -> Iterator[tuple[sqlite3.Row, int, datetime]]:
    """Yield the letters that have to be sealed: the token and who asked for it, the place in `LETTERS`, and when the
    letter is due."""
    query = (
        "SELECT token.*, identifier_type, identifier, application_id, signer, "
        "(SELECT count(*) FROM sealed_letter WHERE sealed_letter.serial = token.serial) AS written "
        "FROM token JOIN certificate USING (key_id) "
        "WHERE activated_at IS NOT NULL AND token.der IS NOT NULL ORDER BY activated_at"
    )
    rows = platform.database.rows(query)
    for place, row in enumerate(rows):
        begin, end = from_text(row["activated_at"]), _end(row, rows[place + 1 :], now)
        for ordinal in range(row["written"], len(LETTERS)):
            sent = begin + LETTERS[ordinal][1]
            if sent > end:
                break
            yield row, ordinal, sent


def _write(platform: EmbeddedPlatform, token: sqlite3.Row, ordinal: int, sent: datetime) -> None:
    from ehtoolkit.ehealth.sealing.seal import seal

    sender = _sender(token["signer"], ordinal)
    reader = person_with_number(platform.database, token["signer"])
    own = "fr" if reader is None else reader.language
    language = class_language(platform.database) or own
    text = template(f"letter-{LETTERS[ordinal][0]}-{language}.txt").substitute(sender=sender.person.full_name)
    certificate = x509.load_der_x509_certificate(token["der"])
    _, sealed = seal(text.encode(), [certificate], _credentials(platform, sender, sent), sent)
    platform.database.insert(
        "sealed_letter",
        key_id=token["key_id"],
        serial=token["serial"],
        sent_at=to_text(sent),
        sender=sender.person.full_name,
        language=language,
        sealed=sealed,
    )


def _sender(signer: str, ordinal: int) -> TrainingPerson:
    others = [person for person in map(person_named, _SENDERS) if person.person.niss.digits != signer]
    return others[ordinal % len(others)]


# ── whose key signs ──────────────────────────────────────────────────────────────────────────────────
def _credentials(platform: EmbeddedPlatform, sender: TrainingPerson, sent: datetime) -> KeySigner:
    """Return the key and the certificate that a colleague had at ``sent``; one more certificate is issued where
    none was valid then.

    It is not in the register: the colleague may be played by a learner, who asks for a certificate of their
    own.
    """
    from ehtoolkit.ehealth.soap.signature import KeySigner

    issuer = platform.authorities.issuer_for(sender)
    database = platform.database
    query = "SELECT * FROM colleague WHERE name = ? AND ? BETWEEN not_before AND not_after"
    with database.writing():
        row = database.row(query, sender.name, to_text(sent))
        if row is not None:
            certificate = x509.load_der_x509_certificate(row["der"])
            return KeySigner(load_private_key(row["private_key"]), (certificate, *issuer.chain))
        key = generate_key(sender.key_kind)
        name = DistinguishedName.for_person(sender.person)
        certificate = issue(name, key.public_key(), sent - _BEFORE, issuer)
        database.insert(
            "colleague",
            name=sender.name,
            not_before=to_text(certificate.not_valid_before_utc),
            not_after=to_text(certificate.not_valid_after_utc),
            private_key=store_private_key(key),
            der=certificate.public_bytes(Encoding.DER),
        )
    return KeySigner(key, (certificate, *issuer.chain))


def _end(row: sqlite3.Row, later: list[sqlite3.Row], now: datetime) -> datetime:
    """Return until when the depot gives a token out, at most ``now``: the holder's next one, its end, or its
    revocation."""
    holder = ("identifier_type", "identifier", "application_id")
    ends = [row["not_after"], row["revoked_at"]]
    ends += [other["activated_at"] for other in later if all(other[part] == row[part] for part in holder)]
    return min([now, *(from_text(end) for end in ends if end is not None)])


def _from_row(row: sqlite3.Row) -> SealedLetter:
    return SealedLetter(
        number=row["number"],
        key_id=row["key_id"],
        serial=int(row["serial"]),
        identifier=Identifier(row["identifier_type"], row["identifier"]),
        application_id=row["application_id"] or None,
        holder=" ".join(filter(None, (row["holder_first_names"], row["holder_name"]))),
        sender=row["sender"],
        language=row["language"],
        sent=from_text(row["sent_at"]),
        data=row["sealed"],
    )
