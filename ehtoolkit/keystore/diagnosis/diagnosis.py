"""The diagnosis of one file, for Python, Jupyter and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import Certificate

from ehtoolkit.clock import DUE_WITHIN, days_until
from ehtoolkit.crypto.certificates import name_text
from ehtoolkit.finding import (
    Finding,
    Severity,
    Topic,
    WithFindings,
    describe_finding,
    error,
    ok,
    sort_by_severity,
    warning,
    with_severity,
)
from ehtoolkit.i18n import Translator, texts_of_settings
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.diagnosis.content import FileContent, FileFacts, Outline
from ehtoolkit.keystore.diagnosis.remembered import REVOKED
from ehtoolkit.keystore.entries import serials_among
from ehtoolkit.keystore.keystore import Certified
from ehtoolkit.keystore.standing import Content, Known, Standing, standing
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.found_keystore import LONG_AGO, FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import Beside
from ehtoolkit.keystore.storage.records import CachedState, LastAnswer, last_answer
from ehtoolkit.result_display import Displayed, for_print, masked
from ehtoolkit.system.text_safety import printable


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis(Displayed, Certified, WithFindings):
    """A value without secrets, which shows itself as a card in Jupyter.

    Attributes:
        now: the moment that it was made for, aware.
        opened: whether everything was decrypted.
        findings: worst first.
        outline: None for what is no PKCS#12 keystore.
        state: by content alone; None when that does not tell.
        key_id: the platform's identifier of the authentication key, 40 hexadecimal digits, None while it cannot be
            seen.
        authentication_key: its kind, as ``EC P-384``, None while it cannot be seen.
        keys: the private keys that are known, in the order of the file; without the password those that can be seen,
            which is all of them in files of the usual programs.
        certificates: how many the file holds, doubles included; None while they cannot be seen.
        proper_name: what the official program would call the file, which is its name when that is right; None if
            its holder is unknown.
        refused: no password opens the file as it is.
        key_refused: one of its keys is of a kind that eHealth, or this program, refuses.
        waits: of a file that was not opened: whether it has no encryption key of its own, as far as shows.
        beside: what the other files of its folder are to it.
        word: the platform's last word of its certificate; None where it was not asked on this computer.
        delivered: whether the platform said that its certificate can be installed.
        recalled: what the file showed when it was opened last, if it has not changed since.
        answer: the last definite answer of its issuer, whenever that was asked.
        last_seen: of a file that does not open: what the keystore with its key, or the file, showed when it was
            opened last.
        chain: the holder's certificate and its issuers, as far as they can be seen.
    """

    card_maker: ClassVar[str] = "ehtoolkit.keystore.html:diagnosis_card"

    file: FileFacts
    now: datetime
    opened: bool = False
    findings: tuple[Finding, ...] = ()
    outline: Outline | None = None
    state: State | None = None
    key_id: str | None = None
    authentication_key: str | None = None
    keys: tuple[KeyOutline, ...] = field(default=(), repr=False)
    certificates: int | None = None
    proper_name: str | None = None
    refused: bool = False
    key_refused: bool = False
    waits: bool = False
    beside: Beside = Beside.ALONE
    word: State | None = None
    delivered: bool = False
    answer: LastAnswer | None = None
    recalled: CachedState | None = field(default=None, repr=False)
    last_seen: CachedState | None = field(default=None, repr=False)
    chain: tuple[Certificate, ...] = field(default=(), repr=False)

    @property
    def owner(self) -> DistinguishedName | None:
        """The same as ``holder``."""
        return self.holder

    @property
    def subject(self) -> str | None:
        """The whole name in the certificate, in one line."""
        return None if self.leaf is None else name_text(self.leaf.subject)

    @property
    def issuer(self) -> str | None:
        """The issuer's whole name, in one line."""
        return None if self.leaf is None else name_text(self.leaf.issuer)

    @property
    def etk_serials(self) -> tuple[str, ...]:
        """Serial numbers of encryption certificates, the decimal names of their keys."""
        return serials_among([key.alias for key in self.keys])

    @property
    def known(self) -> Known:
        """What is known of the keystore."""
        content = None if self.recalled is None else Content.of_cached(self.recalled)
        if self.state is not None:
            content = Content(self.not_before, self.not_after, self.state is not State.NO_ETK)
        is_other = self.opened and self.state is None
        answer = self.answer
        return Known(
            whole=self.is_readable and not self.refused and not is_other,
            content=content,
            last_seen=None if self.last_seen is None else Content.of_cached(self.last_seen),
            waits=self.waits,
            key_refused=self.key_refused,
            password_refused=self.has("password_wrong"),
            word=self.word,
            delivered=self.delivered,
            revoked=None if answer is None else answer.revoked,
            revocation_at=None if answer is None else answer.at,
            beside=self.beside,
            without_card=self.found_keystore().without_card,
        )

    def standing(self, within: timedelta = DUE_WITHIN) -> Standing:
        """Return how the keystore stands, by all that is known of it here: its content, the other files of its folder,
        and what this computer remembers of it. ``within``: an end that is as near as this is urgent."""
        return standing(self.known, self.now, within)

    def found_keystore(self, *, closed: bool = False) -> FoundKeystore:
        """Return the file as one of its holder's files, which only a file with a name can be. ``closed``: the password
        that was given does not open it. No program of the field reads a Java keystore: it takes no other's place."""
        is_keystore = self.outline is not None
        named = self.file.named or parse_name("")
        return FoundKeystore(
            self.file.path or Path(self.file.name or ""),
            named,
            named.moment or self.file.changed or LONG_AGO,
            lambda: None if self.outline is None else self.keys,
            owner=self.owner,
            environment=self.environment,
            issuer=self.issuer,
            not_before=self.not_before,
            state=self.state if is_keystore else None,
            content_key_id=self.key_id,
            opened=self.opened and is_keystore,
            closed=closed,
            faulty=self.severity is Severity.ERROR,
        )

    def with_finding(self, finding: Finding) -> Diagnosis:
        """Return the same diagnosis with one finding more; one of the same key gives way to it."""
        others = (each for each in self.findings if each.key != finding.key)
        return replace(self, findings=sort_by_severity((*others, finding)))

    def with_answer(self, finding: Finding, answer: LastAnswer | None) -> Diagnosis:
        """Return the same diagnosis with what the issuer said now. ``answer``: None where that is not definite; then
        what it said before stays."""
        counts = last_answer(self.answer, answer)
        is_revoked = counts is not None and counts.revoked
        kept = tuple(each for each in self.findings if is_revoked or each.key != REVOKED)
        return replace(self, findings=kept, answer=counts).with_finding(finding)

    @property
    def thumbprint(self) -> str | None:
        """SHA-1 of the holder's certificate, hexadecimal, as Windows shows it; None while it cannot be seen."""
        return None if self.leaf is None else self.leaf.fingerprint(SHA1()).hex().upper()  # noqa: S303  # what it is

    @property
    def is_readable(self) -> bool:
        """Whether it is a keystore whose content can be seen, at least in part: PKCS#12, or a sound JKS or JCEKS."""
        return self.outline is not None or self.certificates is not None

    @property
    def days_left(self) -> int | None:
        """Whole days until the certificate ends, or since, negative; None without a certificate."""
        return None if self.not_after is None else days_until(self.not_after, self.now)

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield "file", self.file.shown
        yield from (("opened", self.opened), ("state", self.standing().state))
        for name in ("environment", "authentication_key", "not_after"):
            yield name, getattr(self, name)
        yield "findings", tuple(finding.key for finding in self.findings)

    def __str__(self) -> str:
        """Return the file and its findings with their next steps, as ``keystore diagnose`` prints them, but with ``->``
        for an arrow; NISS numbers are masked."""
        texts = texts_of_settings()
        lines = [self.file.shown or texts.get("finding.label.file")]
        for finding in self.findings:
            lines.append(f"  {with_severity(finding.severity, finding.message(texts), texts)}")
            if finding.severity is not Severity.OK:
                lines.append(f"    → {finding.next_step(texts)}")
        return for_print("\n".join(masked(printable(line)) for line in lines))


def state_finding(state: State, begin: datetime, end: datetime, now: datetime) -> Finding | None:
    """Return a finding on the state of a certificate, by its dates and its encryption key; None where the state is not
    told by them alone."""
    days = days_until(end, now)
    match state:
        case State.EXPIRED:
            return error("state_expired", date=end, days=-days).about(Topic.CIRCUMSTANCES)
        case State.NOT_YET_VALID:
            return warning("state_not_yet_valid", moment=begin).about(Topic.CIRCUMSTANCES)
        case State.RENEWABLE:
            return warning("state_renewable", date=end, days=days).about(Topic.CIRCUMSTANCES)
        case State.COMPLETE:
            return ok("state_complete", date=end, days=days).about(Topic.CIRCUMSTANCES)
    return None


# ── What the rules look at ───────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class DiagnosisContext:
    """What the rules look at.

    Attributes:
        seen: the diagnosis, without findings.
    """

    seen: Diagnosis
    content: FileContent


# ── A diagnosis as JSON ──────────────────────────────────────────────────────────────────────────────────
def describe_diagnosis(diagnosis: Diagnosis, texts: Translator) -> dict[str, Any]:
    """Describe a file as one object; datetimes stay what they are.

    What cannot be seen is None. Keys that need a word:

    - ``state``, ``urgency``, ``action``: how it stands, as in an audit.
    - ``mac``: the algorithm that seals the file; None for a file without, which may have been changed by anybody.
    - ``holder``: ``TYPE=NUMBER``, as the audit has it; ``owner``: the whole name, for those who read it so far.
    - ``serial_number``: of the holder's certificate, decimal.
    - ``thumbprint``, ``sha256``: of that certificate, hexadecimal; the first is SHA-1, as Windows shows it.
    - ``authentication_key``, and ``kind`` in ``keys``: kinds of keys, as ``EC P-384``.
    - ``certificates``: how many, doubles included.
    - ``size``: in bytes.
    """
    owner, leaf, stands = diagnosis.owner, diagnosis.leaf, diagnosis.standing()
    return {
        "file": diagnosis.file.shown,
        "kind": diagnosis.file.kind,
        "size": diagnosis.file.size,
        "state": str(stands.state),
        "urgency": str(stands.urgency),
        "action": str(stands.action),
        "opened": diagnosis.opened,
        "mac": None if diagnosis.outline is None else diagnosis.outline.mac,
        "owner": None if owner is None else owner.text,
        "holder": None if owner is None else owner.identifier.text,
        "holder_name": None if owner is None else owner.name,
        "subject": diagnosis.subject,
        "issuer": diagnosis.issuer,
        "serial_number": None if leaf is None else str(leaf.serial_number),
        "thumbprint": diagnosis.thumbprint,
        "sha256": None if leaf is None else leaf.fingerprint(SHA256()).hex().upper(),
        "environment": None if diagnosis.environment is None else str(diagnosis.environment),
        "key_id": diagnosis.key_id,
        "authentication_key": diagnosis.authentication_key,
        "not_before": diagnosis.not_before,
        "not_after": diagnosis.not_after,
        "days_left": diagnosis.days_left,
        "keys": [
            {"alias": key.alias, "local_key_id": key.local_key_id, "kind": key.kind} for key in diagnosis.keys
        ],
        "certificates": diagnosis.certificates,
        "findings": [describe_finding(finding, texts) for finding in diagnosis.findings],
    }
