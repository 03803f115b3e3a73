"""The e-mails that the training platform "sends": kept, dated by the training clock, never sent anywhere."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from ehtoolkit.i18n import Translator
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.database import TrainingDatabase, from_text, to_text
from ehtoolkit.training.state.people_store import PeopleStore
from ehtoolkit.training.state.scenarios import Scenario, Scenarios
from ehtoolkit.training.state.templates import template

_DELAY: Final = {
    ("fr", True): "Le certificat sera prêt le {moment}.",
    ("nl", True): "Het certificaat zal klaar zijn op {moment}.",
    ("fr", False): "Une personne doit la valider ; cela peut prendre jusqu’à dix jours.",
    ("nl", False): "Iemand moet ze nog goedkeuren; dat kan tot tien dagen duren.",
}


class MailKind(StrEnum):
    """``RECEIVED`` comes at once, ``READY`` when the certificate is delivered, ``REFUSED`` in its place.

    ``VALIDATE`` comes in the place of ``RECEIVED`` to those who have to log in first, ``REVOKED`` at once.
    """

    RECEIVED = "received"
    READY = "ready"
    REFUSED = "refused"
    VALIDATE = "validate"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail of the training platform.

    Attributes:
        sent: by the training clock, aware.
        key_id: the request that it is about.
    """

    key_id: str
    kind: MailKind
    sent: datetime
    language: str
    to: str
    subject: str
    body: str


class Mailbox:
    """One for all people of the training platform."""

    def __init__(self, database: TrainingDatabase, clock: TrainingClock) -> None:
        self._database = database
        self._clock = clock
        self._scenarios = Scenarios(database)
        self._roster = PeopleStore(database)

    def list(self) -> list[Mail]:
        """Return every e-mail that is due, newest first, but for one about a certificate that is withheld."""
        query = (
            "SELECT key_id, kind, sent_at, language, recipient, subject, text, "
            "signer, der IS NULL AND refused_at IS NULL AS waiting "
            "FROM mail JOIN certificate USING (key_id) "
            "WHERE sent_at <= ? ORDER BY sent_at DESC, id DESC"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, (to_text(self._clock.now()),)).fetchall()
        sent = [row for row in rows if not (row["kind"] == MailKind.READY and self._withheld(row))]
        return [Mail(row[0], MailKind(row[1]), from_text(row[2]), *row[3:7]) for row in sent]

    def announce(self, record: CertificateRecord) -> None:
        """Write both e-mails about an accepted request; the second is dated from the delivery."""
        for kind, moment in (
            (MailKind.RECEIVED, record.requested_at),
            (MailKind.READY, record.deliver_at),
        ):
            self._write(self._mail(record, kind, moment))

    def ask_to_validate(self, record: CertificateRecord, url: str) -> None:
        """Write where, and until when, a request without card has to be confirmed."""
        self._write(self._mail(record, MailKind.VALIDATE, record.requested_at, url))

    def announce_delivery(self, record: CertificateRecord) -> None:
        """Write the e-mail that is due when the certificate is delivered."""
        self._write(self._mail(record, MailKind.READY, record.deliver_at))

    def tell_of_revocation(self, record: CertificateRecord, moment: datetime) -> None:
        self._write(self._mail(record, MailKind.REVOKED, moment))

    def postpone(self, record: CertificateRecord, moment: datetime) -> None:
        """Date the e-mail that the certificate is ready from another moment."""
        self._replace_ready(self._mail(replace(record, deliver_at=moment), MailKind.READY, moment))

    def refuse(self, record: CertificateRecord, moment: datetime) -> None:
        """Replace the e-mail that the certificate is ready by one that the request was refused, at ``moment``."""
        self._replace_ready(self._mail(replace(record, deliver_at=moment), MailKind.REFUSED, moment))

    def _replace_ready(self, mail: Mail) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM mail WHERE key_id = ? AND kind = ?", (mail.key_id, MailKind.READY)
            )
            self._write(mail)

    def _withheld(self, row: sqlite3.Row) -> bool:
        return bool(row["waiting"]) and self._scenarios.is_on_for(Scenario.NOT_YET_DELIVERED, row["signer"])

    def _write(self, mail: Mail) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO mail (key_id, kind, sent_at, language, recipient, subject, text) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    mail.key_id,
                    mail.kind,
                    to_text(mail.sent),
                    mail.language,
                    mail.to,
                    mail.subject,
                    mail.body,
                ),
            )

    def _mail(self, record: CertificateRecord, kind: MailKind, moment: datetime, url: str = "") -> Mail:
        person = self._roster.of(record.signer)
        language = "nl" if person is not None and person.language == "nl" else "fr"
        holder = record.holder
        ready = Translator("nl" if language == "nl" else "fr").moment(record.deliver_at)
        text = template(f"mail-{kind}-{language}.txt").substitute(
            holder=f"{holder.first_names} {holder.name}" if holder.first_names else holder.name,
            key_id=record.key_id,
            delay=_DELAY[language, record.automatic].format(moment=ready),
            moment=ready,
            url=url,
        )
        subject, _, body = text.partition("\n")
        return Mail(record.key_id, kind, moment, language, record.contact.email, subject, body)
