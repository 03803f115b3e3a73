"""The e-mails that the training platform "sends": kept, dated by the training clock, never sent anywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ehtoolkit.i18n import Translator
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.classroom import class_language
from ehtoolkit.training.state.database import TrainingDatabase, from_text, to_text
from ehtoolkit.training.state.people_store import person_with_number
from ehtoolkit.training.state.platform_texts import template
from ehtoolkit.training.state.scenarios import Scenario, switches_now

if TYPE_CHECKING:
    from ehtoolkit.settings import LanguageName

_DELAY: Final = {
    ("fr", True): "Le certificat sera prêt le {moment}.",
    ("nl", True): "Het certificaat zal klaar zijn op {moment}.",
    ("fr", False): "Une personne doit la valider ; cela peut prendre jusqu’à dix jours.",
    ("nl", False): "Iemand moet ze nog goedkeuren; dat kan tot tien dagen duren.",
    ("de", True): "Das Zertifikat wird am {moment} bereit sein.",
    ("de", False): "Eine Person muss ihn noch genehmigen; das kann bis zu zehn Tage dauern.",
    ("en", True): "The certificate will be ready on {moment}.",
    ("en", False): "A person has to validate it; this can take up to ten days.",
}


class MailKind(StrEnum):
    """``RECEIVED`` comes at once, ``READY`` when the certificate is delivered, ``REFUSED`` in its place.

    ``VALIDATE`` replaces ``RECEIVED`` for those who have to log in first, ``REVOKED`` at once.
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


def sent_mails(database: TrainingDatabase, now: datetime) -> list[Mail]:
    """Return every e-mail that is due, newest first, but for one about a certificate that is withheld."""
    query = (
        "SELECT key_id, kind, sent_at, language, recipient, subject, text, "
        "signer, der IS NULL AND refused_at IS NULL AS waiting "
        "FROM mail JOIN certificate USING (key_id) "
        "WHERE sent_at <= ? ORDER BY sent_at DESC, id DESC"
    )
    switches = switches_now(database)
    return [
        Mail(row[0], MailKind(row[1]), from_text(row[2]), *row[3:7])
        for row in database.rows(query, to_text(now))
        if not (
            row["kind"] == MailKind.READY
            and row["waiting"]
            and switches.is_on_for(Scenario.NOT_YET_DELIVERED, row["signer"])
        )
    ]


def replace_ready_mail(
    database: TrainingDatabase, record: CertificateRecord, kind: MailKind, moment: datetime
) -> None:
    """Replace the e-mail that the certificate is ready: by the same (``READY``), or by one that the request was refused
    (``REFUSED``), dated from ``moment``."""
    with database.writing():
        database.write("DELETE FROM mail WHERE key_id = ? AND kind = ?", record.key_id, MailKind.READY)
        write_mail(database, replace(record, deliver_at=moment), kind, moment)


def write_mail(
    database: TrainingDatabase, record: CertificateRecord, kind: MailKind, moment: datetime, url: str = ""
) -> None:
    """Write an e-mail about a request, dated from ``moment``. ``url``: where it has to be confirmed."""
    language = _language(database, record.signer)
    ready = Translator(language).moment(record.deliver_at)
    text = template(f"mail-{kind}-{language}.txt").substitute(
        holder=record.holder.full_name,
        key_id=record.key_id,
        delay=_DELAY[language, record.automatic].format(moment=ready),
        moment=ready,
        url=url,
    )
    subject, _, body = text.partition("\n")
    database.insert(
        "mail",
        key_id=record.key_id,
        kind=kind,
        sent_at=to_text(moment),
        language=language,
        recipient=record.contact.email,
        subject=subject,
        text=body,
    )


def _language(database: TrainingDatabase, signer: str) -> LanguageName:
    """Return the language of the class that is open; else that of the person, as the real platform writes: French or
    Dutch."""
    person = person_with_number(database, signer)
    own: LanguageName = "nl" if person is not None and person.language == "nl" else "fr"
    return class_language(database) or own
