"""A year of a watch: thirty keystores of six practices, one run a day, and what happens to them in between.

What is due on a day is decided here by dates that openssl reads from each keystore and by what was done to it, without
the program: see `Year.due`.
"""

from __future__ import annotations

import errno
import os
import random
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.acknowledgements import Acknowledgement, AcknowledgementStore
from ehtoolkit.auditing.audit import Audit, audit_folder
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.ehealth.revocation_answers import RevocationResult, RevocationStatus
from ehtoolkit.identity import Niss, Person
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.secret import Secret
from ehtoolkit.watch.configuration import MailTarget, WatchConfig, WebhookTarget
from ehtoolkit.watch.outbox import Fates, WatchMessage
from ehtoolkit.watch.runner import RunResult, WatchRunner
from ehtoolkit.watch.store import WatchStore
from tests.auditing.conftest import NOW
from tests.keystore.conftest import ROLES, KeystoreMaker
from tests.support.keys import KeyPack

DAYS: Final = 365
PRACTICES: Final = 6
EACH: Final = 5
WEEK: Final = 7
NEAR: Final = 90
SILENCE: Final = 8
"""Days for which the last answer of an issuer counts."""
OLD, NEW = Secret("Tilleul-26"), Secret("Tilleul-29")
NAMES: Final = Pseudonyms(b"k" * 32)
BELGIUM: Final = ZoneInfo("Europe/Brussels")
REGISTRY: Final = "registry.db"
FIRST, SECOND = "me@example.be", "practice@example.be"
GREYLISTED: Final = errors.DeliveryFailed(host="example.be", reason="deferred", code=451, address=SECOND)
ISSUER: Final = "crl.example.be"


def numbers() -> Iterator[str]:
    """NISS numbers of invented people, with valid check digits."""
    for count in range(1, 1000):
        body = f"800101{count:03}"
        yield f"{body}{97 - int(body) % 97:02}"


def seen_by_openssl(file: Path, password: Secret) -> tuple[datetime, int]:
    """The last moment of the holder's certificate, and its serial number, as openssl reads them."""
    environment = {**os.environ, "PASSWORD": password.reveal()}
    command = ["openssl", "pkcs12", "-in", str(file), "-passin", "env:PASSWORD", "-nokeys", "-clcerts"]
    leaf = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60).stdout
    command = ["openssl", "x509", "-noout", "-enddate", "-serial", "-dateopt", "iso_8601"]
    text = subprocess.run(command, input=leaf, capture_output=True, check=True, timeout=60).stdout.decode()
    said = dict(line.split("=", 1) for line in text.splitlines())
    return datetime.fromisoformat(said["notAfter"].replace("Z", "+00:00")), int(said["serial"], 16)


@dataclass
class Kept:
    """A keystore of the year.

    Attributes:
        file: where it lies, or lay; also while its folder is away.
        end, serial: by openssl.
        content: of the sound file.
        is_known_revoked: its issuer has said so.
        answered: the last day on which its issuer said that it is not revoked.
    """

    niss: str
    practice: int
    file: Path
    end: datetime
    serial: int
    content: bytes
    is_closed: bool = False
    is_damaged: bool = False
    is_gone: bool = False
    is_revoked: bool = False
    is_known_revoked: bool = False
    is_acknowledged: bool = False
    answered: datetime | None = None

    def days(self, at: datetime) -> int:
        """Days in Belgium until its end."""
        return (self.end.astimezone(BELGIUM).date() - at.astimezone(BELGIUM).date()).days

    def serves(self, at: datetime) -> bool:
        is_there = not (self.is_closed or self.is_damaged or self.is_gone)
        return is_there and not self.is_known_revoked and self.end >= at


@dataclass
class Year:
    """A year that ``seed`` decides.

    Attributes:
        sent: identifiers of messages by address, in the order of their delivery.
        greylisted: those that the second address was offered once.
    """

    home: Path
    seed: int
    pack: KeyPack = field(default_factory=KeyPack)
    sent: dict[str, list[str]] = field(default_factory=lambda: {FIRST: [], SECOND: [], "webhook": []})
    events: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    given: dict[str, Secret] = field(default_factory=dict)
    away: set[int] = field(default_factory=set)
    broken: dict[str, int] = field(default_factory=dict)
    is_registry_away: bool = False
    was_registry_read: bool = False
    is_issuer_silent: bool = False
    is_greylisting: bool = False
    greylisted: set[str] = field(default_factory=set)
    is_disk_full: bool = False
    last: Audit | None = None
    repaired: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311  # no secret
        self.numbers = numbers()
        self.shared = {role: self.pack.deal(65537, 2048) for role in ROLES}
        for practice in range(PRACTICES):
            for _ in range(EACH):
                self.add(practice, next(self.numbers), self.random.uniform(5, 400))
        mail = MailTarget.make((FIRST, SECOND), "127.0.0.1", security="none")
        self.watch = WatchConfig(
            name="year",
            folders=tuple(self.folder(practice) for practice in range(PRACTICES)),
            mail=mail,
            webhook=WebhookTarget(url="https://example.be/hook"),
            revocation=True,
        )
        self.store = WatchStore(self.home / "watch")
        self.store.add(self.watch)
        self.runner = WatchRunner(
            self.store, NAMES, lambda watch: {target: self._sender(target) for target in watch.targets}
        )

    def _sender(self, target: str) -> Callable[[WatchMessage], Fates | None]:
        def post(message: WatchMessage) -> None:
            self.sent[target].append(message.id)

        def mail(message: WatchMessage) -> Fates:
            if "mail" in self.broken:
                raise errors.DeliveryFailed(host="example.be", reason="connect")
            fates: dict[str, errors.DeliveryFailed | None] = {}
            for address in message.addresses_of((FIRST, SECOND)):
                later = address == SECOND and self.is_greylisting and message.id not in self.greylisted
                self.greylisted.add(message.id)
                fates[address] = GREYLISTED if later else None
                if not later:
                    self.sent[address].append(message.id)
            return fates

        return mail if target == "mail" else post

    def folder(self, practice: int) -> Path:
        return self.home / f"practice-{practice}"

    def add(self, practice: int, niss: str, ends: float, *, begins: float = -900, day: int = 0) -> Kept:
        """Write a new keystore with keys of its own."""
        keys = {**self.shared, **{role: self.pack.deal(65537, 2048) for role in ROLES[2:4]}}
        start, end = ((NOW + timedelta(days=days)).replace(microsecond=0) for days in (begins, ends))
        maker = KeystoreMaker(keys, start, end)
        maker.person = Person(Niss.parse(niss), "Élise", f"Dubois {niss[6:9]}")
        serial = (1 << 127) + self.pack.dealt
        keystore = maker.installed.with_encryption(
            keys["encryption"], maker.encryption_certificate(serial=serial)
        )
        content = write_pkcs12(keystore.contents, OLD)
        self.folder(practice).mkdir(parents=True, exist_ok=True)
        at = (NOW + timedelta(days=day)).strftime("%Y%m%d-%H%M%S")
        file = self.folder(practice) / f"SSIN={niss} {at}.p12"
        file.write_bytes(content)
        made = Kept(niss, practice, file, *seen_by_openssl(file, OLD), content)
        self.kept.append(made)
        return made

    # ── what happens ─────────────────────────────────────────────────────────────────────────────────────
    def happen(self, day: int) -> None:
        """Let something happen to one of the keystores, folders or services, on some days."""
        self.repaired.clear()
        self.is_disk_full = False
        if self.broken and day - self.broken["mail"] > WEEK:
            self.broken.clear()
        there = [each for each in self.there() if not each.is_gone]
        if day == 0:
            return  # of what was away before the first run, nothing is known
        if not there:
            self.bring_folders(self.kept[0], day)
        elif self.random.random() < 0.3:
            kept, event = self.random.choice(there), self.random.choice(EVENTS)
            self.events.append(f"{day}: {event.__name__} {kept.file.name}")
            event(self, kept, day)

    def renew(self, kept: Kept, day: int) -> None:
        """By other software: a newer file of the holder beside the old one."""
        newest = max((each for each in self.kept if each.niss == kept.niss), key=lambda each: each.end)
        if newest is kept and not kept.is_revoked:
            self.add(kept.practice, kept.niss, day + 1000.4, begins=day - 0.5, day=day)
            self.repaired.add(kept.niss)

    def change_password(self, kept: Kept, day: int) -> None:
        if not (kept.is_closed or kept.is_damaged or kept.file.name in self.given):
            change_password(kept.file, OLD, NEW)
            kept.content, kept.is_closed = kept.file.read_bytes(), True

    def give_password(self, kept: Kept, day: int) -> None:
        """To the watch, for every keystore that is closed."""
        for each in self.there():
            if each.is_closed:
                self.given[each.file.name] = NEW
                each.is_closed = False
                self.repaired.add(each.niss)

    def damage(self, kept: Kept, day: int) -> None:
        kept.file.write_bytes(kept.content[: len(kept.content) // 2])
        kept.is_damaged = True

    def restore(self, kept: Kept, day: int) -> None:
        for each in self.there():
            if each.is_damaged and not each.is_gone:
                each.file.write_bytes(each.content)
                each.is_damaged = False
                self.repaired.add(each.niss)

    def delete(self, kept: Kept, day: int) -> None:
        kept.file.unlink()
        kept.is_gone = True

    def put_back(self, kept: Kept, day: int) -> None:
        for each in self.there():
            if each.is_gone:
                each.file.write_bytes(each.content)
                each.is_gone = each.is_damaged = False
                self.repaired.add(each.niss)

    def take_folder(self, kept: Kept, day: int) -> None:
        folder = self.folder(kept.practice)
        folder.rename(folder.with_suffix(".away"))
        self.away.add(kept.practice)

    def bring_folders(self, kept: Kept, day: int) -> None:
        for practice in self.away:
            folder = self.folder(practice)
            folder.with_suffix(".away").rename(folder)
            self.repaired |= {each.niss for each in self.kept if each.practice == practice}
        self.away.clear()

    def revoke(self, kept: Kept, day: int) -> None:
        kept.is_revoked = True

    def registry_goes_or_comes(self, kept: Kept, day: int) -> None:
        self.is_registry_away = not self.is_registry_away

    def issuer_stops_or_goes_on(self, kept: Kept, day: int) -> None:
        self.is_issuer_silent = not self.is_issuer_silent

    def mail_server_stops(self, kept: Kept, day: int) -> None:
        self.broken.setdefault("mail", day)

    def greylisting_begins_or_ends(self, kept: Kept, day: int) -> None:
        """Of the second address: each message is taken at the second attempt."""
        self.is_greylisting = not self.is_greylisting

    def disk_is_full(self, kept: Kept, day: int) -> None:
        """For a day, and only where the watches are."""
        self.is_disk_full = not self.broken

    def acknowledge(self, kept: Kept, day: int) -> None:
        """An expired keystore of a person who has left."""
        rows = () if self.last is None else self.last.rows.keystores
        for row in rows:
            sound = not (kept.is_closed or kept.is_damaged or kept.is_acknowledged)
            if row.file == str(kept.file) and row.state == "expired" and sound and self.last is not None:
                made = Acknowledgement(
                    id=f"{len(self.events):08x}",
                    key_id=row.key_id,
                    content=None,
                    finding=None,
                    reason="has left",
                    until=None,
                    made=NOW,
                    state=row.state,
                    not_after=self.last.ends[row.file],
                    file=row.file,
                )
                self.acknowledged.add((made,))
                kept.is_acknowledged = True

    @property
    def acknowledged(self) -> AcknowledgementStore:
        return AcknowledgementStore(self.home / "audit")

    def there(self) -> list[Kept]:
        """Those whose folders are there."""
        return [each for each in self.kept if each.practice not in self.away]

    # ── a run ────────────────────────────────────────────────────────────────────────────────────────────
    def audit(self, at: datetime) -> Audit:
        options = AuditOptions(
            now=at,
            processes=1,
            language="en",
            request=AuditRequest(revocation=True),
            ask_revocation=lambda chain, _: self.answer(chain[0].serial_number, at),
            notes=self.home / "notes",
            cache=self.home / "cache",
            acknowledgements=self.home / "audit",
        )
        made = audit_folder(self.watch.folders, lambda file: self.given.get(file.name, OLD), options)
        self.was_registry_read |= not self.is_registry_away
        return replace(made, registry=None if self.is_registry_away else REGISTRY)

    def answer(self, serial: int, at: datetime) -> RevocationResult:
        """Of the issuer, about one of the certificates."""
        (kept,) = (each for each in self.kept if each.serial == serial)
        if self.is_issuer_silent:
            return RevocationResult(RevocationStatus.SILENT, ISSUER)
        if kept.is_revoked:
            kept.is_known_revoked = True
            return RevocationResult(RevocationStatus.REVOKED, ISSUER, at, as_of=at)
        kept.answered = at
        return RevocationResult(RevocationStatus.GOOD, ISSUER, as_of=at)

    def run(self, at: datetime) -> RunResult:
        with pytest.MonkeyPatch.context() as patch:
            if self.is_disk_full:
                for name in ("link", "replace"):
                    patch.setattr(os, name, self._without_room(getattr(os, name)))
            found = self.runner.run(self.watch, lambda: self.audit(at), lambda: at)
        self.last = found.report.audit
        return found

    def _without_room(self, really: Callable[..., None]) -> Callable[..., None]:
        def call(source: Any, to: Any, **more: Any) -> None:
            if Path(str(to)).is_relative_to(self.home / "watch"):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            really(source, to, **more)

        return call

    # ── what is due ──────────────────────────────────────────────────────────────────────────────────────
    def due(self, at: datetime) -> set[str]:
        """What is due: files, by their pseudonyms, folders, the registry and the issuer."""
        found = {str(self.folder(practice)) for practice in self.away}
        if self.is_registry_away and self.was_registry_read:
            found.add("registry")
        if self.is_issuer_silent and any(self._is_unchecked(kept, at) for kept in self.there()):
            found.add("issuer")
        return found | {NAMES.of(str(kept.file)) for kept in self.kept if self._is_due(kept, at)}

    def _is_due(self, kept: Kept, at: datetime) -> bool:
        newer = [each for each in self.kept if each.niss == kept.niss and each.end > kept.end]
        if any(each.serves(at) for each in newer):
            return False
        if kept.is_acknowledged and not (kept.is_closed or kept.is_damaged):
            return False
        is_near = kept.days(at) <= NEAR
        if kept.practice in self.away:
            return is_near and not kept.is_known_revoked
        if kept.is_gone:
            return is_near and not kept.is_known_revoked and all(each.is_gone for each in newer)
        return is_near or kept.is_closed or kept.is_damaged or kept.is_known_revoked

    def _is_unchecked(self, kept: Kept, at: datetime) -> bool:
        """Whether its issuer is asked about it, and has been silent for too long."""
        is_old = kept.answered is None or at - kept.answered > timedelta(days=SILENCE)
        newer = (each for each in self.kept if each.niss == kept.niss and each.end > kept.end)
        return is_old and kept.serves(at) and not any(each.serves(at) for each in newer)


EVENTS: Final = (
    *(Year.renew, Year.change_password, Year.give_password, Year.damage, Year.restore, Year.delete),
    *(Year.put_back, Year.take_folder, Year.bring_folders, Year.revoke, Year.registry_goes_or_comes),
    *(Year.issuer_stops_or_goes_on, Year.mail_server_stops, Year.greylisting_begins_or_ends),
    *(Year.disk_is_full, Year.acknowledge),
)


def reported_in(payload: Mapping[str, Any]) -> set[str]:
    """What a message reports, as `Year.due` names it."""
    keys = {finding["key"] for finding in payload["findings"]}
    about = (*payload["findings"], *payload["reached"], *payload["missing"])
    return {
        *(each["keystore"] for each in about if each["keystore"] is not None),
        *(folder["folder"] for folder in payload["folders"]),
        *(["registry"] if "registry_away" in keys else []),
        *(["issuer"] if "revocation_unasked" in keys else []),
    }
