"""A keystore of an audit, as it stands today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.scan.scan_result import ScanResult
from ehtoolkit.clock import days_until
from ehtoolkit.ehealth.revocation_answers import IssuerAnswer, RevocationResult
from ehtoolkit.finding import Finding
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.standing import ORDER, Content, IssuerAsked, Known, Standing, standing
from ehtoolkit.keystore.state import FileState, KeystoreState, State, renewable_from
from ehtoolkit.keystore.storage.found_keystore import FileAge
from ehtoolkit.keystore.storage.holder_keystores import Beside
from ehtoolkit.keystore.storage.records import CachedState, LastAnswer
from ehtoolkit.system.text_safety import printable


@dataclass(frozen=True, slots=True)
class AuditedKeystore:
    """A keystore file as the audit judges it. Those of all files are there at once: it has what rules and rows ask for,
    and not the diagnosis that it was made of.

    Attributes:
        file: its path, as the system has it.
        folder: of the file; one for all of its files.
        reading: what was seen, without the keys.
        now: the moment that it was judged for, aware.
        file_state: by its content, else as the file shows, alone.
        holder: of the certificate; while that cannot be seen, what the name says.
        application_id: likewise.
        by_content: whether the certificate shows whose it is.
        environment: by the issuer; while that is unknown, acceptance where the file's suffix says so.
        not_before: of the certificate, aware; ``not_after`` likewise.
        etks: how many encryption keys it has; None for what is no keystore.
        key_id: of the authentication key, by whatever name; None while that cannot be seen.
        age: by the rule of `ehtoolkit.keystore.storage.holder_keystores`.
        is_misnamed: whether its name is another than the official program would give.
        proper_name: of one that is misnamed; None if unknown.
        replaced_by: the path of another, by that rule, in the same folder; of one that is over or to be renewed,
            anywhere in the audit.
        beside: what the other files of its folder are to it; `Beside.REPLACED` where ``replaced_by`` is elsewhere, too.
        waits: of one that stays closed: whether it has no encryption key of its own, as far as shows.
        word: the platform's last word of its certificate; None where it was not asked here.
        delivered: whether the platform said that its certificate can be installed.
        last_seen: of one that does not open, or is gone: what it showed when it was opened last.
        answer: the last definite answer of its issuer, whenever that was asked.
        wanted: the environment that is audited; None: any.
        usable: whether software finds it and can work with it, by that rule; of a file that stays closed, as far as
            shows.
        revocation: what its issuer says now; None: not asked.
    """

    file: str
    folder: Path
    reading: ScanResult
    now: datetime
    file_state: KeystoreState
    holder: Identifier | None
    application_id: str | None
    by_content: bool
    environment: Environment | None
    not_before: datetime | None
    not_after: datetime | None
    etks: int | None
    key_id: str | None
    age: FileAge
    is_misnamed: bool
    proper_name: str | None
    replaced_by: str | None
    beside: Beside
    waits: bool
    word: State | None
    delivered: bool
    last_seen: CachedState | None
    answer: LastAnswer | None
    wanted: Environment | None
    usable: bool
    revocation: RevocationResult | None = None

    @property
    def path(self) -> Path:
        return Path(self.file)

    @property
    def shown(self) -> str:
        return printable(self.file)

    @property
    def holder_text(self) -> str | None:
        """``TYPE=NUMBER``."""
        return None if self.holder is None else self.holder.text

    @property
    def holder_name(self) -> str | None:
        """By the certificate."""
        return self.reading.holder_name if self.by_content else None

    @property
    def last_key_id(self) -> str | None:
        """The platform's identifier of its key, also where that was seen earlier."""
        seen = None if self.last_seen is None else self.last_seen.key_id
        return self.reading.key_id or seen or None

    @property
    def begin(self) -> datetime | None:
        """The first moment of its certificate, aware, also where that was seen earlier."""
        return self.not_before or (None if self.last_seen is None else self.last_seen.not_before)

    @property
    def end(self) -> datetime | None:
        """The last moment of its certificate, aware, also where that was seen earlier."""
        return self.not_after or (None if self.last_seen is None else self.last_seen.not_after)

    @property
    def renewable_from(self) -> datetime | None:
        """By the usual months, a guess: only the platform knows."""
        return None if self.end is None else renewable_from(self.end)

    @property
    def days_left(self) -> int | None:
        """Days in Belgium until that of its end, negative afterwards."""
        return None if self.end is None else days_until(self.end, self.now)

    @property
    def known(self) -> Known:
        """What is known of it."""
        reading, file_state, answer = self.reading, self.file_state, self.answer
        content = Content(self.not_before, self.not_after, reading.decrypts)
        elsewhere = self.environment if self.wanted is not None else None
        return Known(
            whole=file_state is not FileState.UNREADABLE,
            content=content if isinstance(file_state, State) else None,
            last_seen=None if self.last_seen is None else Content.of_cached(self.last_seen),
            waits=self.waits,
            key_refused=reading.key_refused,
            password_refused=reading.guessed or reading.password_refused,
            word=self.word,
            delivered=self.delivered,
            revoked=None if answer is None else answer.revoked,
            revocation_at=None if answer is None else answer.at,
            issuer=_issuer(self.revocation),
            elsewhere=None if elsewhere is self.wanted else elsewhere,
            beside=self.beside if self.replaced_by is None else Beside.REPLACED,
            without_card=self.holder is not None and self.holder.has_bis_number,
        )

    def standing(self, within: timedelta) -> Standing:
        """Return how it stands. ``within``: an end that is as near as this is urgent."""
        return standing(self.known, self.now, within)

    @property
    def serves(self) -> bool:
        """Whether software can work with it today, as far as can be seen. No program of the field reads a Java
        keystore."""
        return self.reading.whole and isinstance(self.file_state, State) and self.file_state.serves

    def audit_finding(self, finding: Finding, **about: Any) -> AuditFinding:
        """Return ``finding`` as one about this keystore. ``about``: the other fields of `AuditFinding`."""
        mine = {"file": self.shown, "holder": self.holder_text, "holder_name": self.holder_name}
        return AuditFinding.of(finding, self.now, **mine, **about)

    def is_copy_of(self, other: AuditedKeystore) -> bool:
        """Return whether both are of the same certificate."""
        return self.key_id is not None and self.key_id == other.key_id


_ISSUER: Final[Mapping[IssuerAnswer, IssuerAsked]] = {
    IssuerAnswer.REVOKED: IssuerAsked.ANSWERED,
    IssuerAnswer.GOOD: IssuerAsked.ANSWERED,
    IssuerAnswer.UNKNOWN: IssuerAsked.SILENT,
    IssuerAnswer.UNASKED: IssuerAsked.SILENT,
    IssuerAnswer.UNASKABLE: IssuerAsked.NOT_ASKED,
}
"""Whether an issuer was asked, and gave a definite answer."""


def _issuer(said: RevocationResult | None) -> IssuerAsked:
    return IssuerAsked.NOT_ASKED if said is None else _ISSUER[said.answer]


def keystore_order(seen: Mapping[str, AuditedKeystore]) -> list[str]:
    """Return the files in the order of their table: the first to end first; those without a certificate last."""
    ranks = {state: place for place, state in enumerate(ORDER)}

    def order(file: str) -> tuple[object, ...]:
        keystore = seen[file]
        days = keystore.days_left
        return (days is None, days or 0, ranks[keystore.file_state], keystore.shown)

    return sorted(seen, key=order)
