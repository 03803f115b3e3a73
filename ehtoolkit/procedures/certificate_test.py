"""Test a certificate: its keys, sealed messages, and what the platform says of it. Nothing is changed anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.crypto.keys import EC
from ehtoolkit.display import Displayed
from ehtoolkit.ehealth.certificates.etk import Etk
from ehtoolkit.ehealth.revocation.certificate_check import AskRevocation
from ehtoolkit.ehealth.sealing import TrustedAuthorities, check_recipient
from ehtoolkit.ehealth.sts.claims import Quality
from ehtoolkit.ehealth.sts.verdict import SessionVerdict
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.finding import info as of_keystores
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.compatible_software import software_without_elliptic_keys
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.keystore_proof import (
    error,
    judge_validity,
    ok,
    prove_decryption,
    prove_message,
    prove_older,
    prove_signing,
    warning,
)
from ehtoolkit.procedures.result import State
from ehtoolkit.procedures.session import SessionReport, ask_session, session_wish
from ehtoolkit.procedures.state.certificate_status import status
from ehtoolkit.procedures.state.depot import DepotToken, TokenMatch, fetch_depot_token
from ehtoolkit.procedures.state.standing import Standing

_TOKEN: Final = ("depot_", "etk_")
"""How findings of a standing about the token begin."""
_DEPOT_NEWER: Final = "depot_newer"
"""The finding of a standing that names the newer keystore with the key of the depot's token."""
_SILENT: Final = (errors.PlatformUnreachable, errors.PlatformTimeout, errors.PlatformUntrusted)
"""After one of these nobody else is asked: the platform's services are behind one door."""


class Colour(StrEnum):
    """What a test has come to, worst first; the values are stable, and keys for texts."""

    RED = "red"
    """It does not work, and certificate or keystore are the reason."""
    AMBER = "amber"
    """It could not be asked, something is still to be done, or a right is missing: no fault of the certificate."""
    GREEN = "green"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Colour).index(self)


_COLOURS: Final = {Severity.ERROR: Colour.RED, Severity.OK: Colour.GREEN}


class CheckedPart(StrEnum):
    """What the lines of a test are about, in their order."""

    KEYS = "keys"
    MESSAGES = "messages"
    PLATFORM = "platform"


class CheckedThing(StrEnum):
    """What one line is about; the values are stable."""

    CERTIFICATE = "certificate"
    SIGNING = "signing"
    DECRYPTION = "decryption"
    DEPOT = "depot"
    MESSAGE = "message"
    OLDER = "older"
    KNOWN = "known"
    REVOCATION = "revocation"
    SESSION = "session"

    @property
    def part(self) -> CheckedPart:
        return _PARTS[self]


_PARTS: Final = {
    **dict.fromkeys(("certificate", "signing", "decryption", "depot"), CheckedPart.KEYS),
    **dict.fromkeys(("message", "older"), CheckedPart.MESSAGES),
    **dict.fromkeys(("known", "revocation", "session"), CheckedPart.PLATFORM),
}


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One line.

    Attributes:
        thing: what it is about.
        finding: its sentence and the next step.
        failure: what the platform said, or why it was not reached or not asked; None where it answered.
    """

    thing: CheckedThing
    finding: Finding
    failure: errors.EhToolkitError | None = None

    @property
    def colour(self) -> Colour:
        return _COLOURS.get(self.finding.severity, Colour.AMBER)


@dataclass(frozen=True, slots=True, repr=False)
class CertificateTest(Displayed):
    """What a test has shown. Neither an assertion nor a key is in it.

    Attributes:
        keystore: the file.
        holder: None until the certificate is installed.
        lines: in the order of `CheckedThing`.
        remarks: good to know; they colour nothing.
        state: where the certificate stands, by the platform's word; None where that was not asked.
        asked: whether the platform was to be asked.
        newer: says which newer keystore to work with, when the depot gives out the ETK of that one; else None.
    """

    keystore: Path
    holder: DistinguishedName | None
    lines: tuple[CheckedLine, ...]
    remarks: tuple[Finding, ...] = ()
    state: State | None = None
    asked: bool = True
    newer: Finding | None = None

    def sentence(self, texts: Translator) -> str:
        """Return what the test comes to: the verdict, or for an old keystore which one to work with."""
        if self.newer is not None:
            return f"{self.newer.message(texts)} {self.newer.next_step(texts)}"
        return texts.get(f"certificate_test.verdict.{self.verdict}")

    @property
    def colour(self) -> Colour:
        """That of the worst line."""
        return min((one.colour for one in self.lines), key=lambda one: one.rank)

    @property
    def verdict(self) -> str:
        """The name of the sentence that says what it comes to: a colour, or ``offline`` when all is proven that needs
        no network."""
        proven = {one.colour for one in self.lines if not one.finding.key.endswith("_not_asked")}
        return "offline" if not self.asked and proven == {Colour.GREEN} else str(self.colour)

    @property
    def waits(self) -> bool:
        """Whether the certificate is still to be installed."""
        return self.holder is None and any(one.finding.key == "certificate_waits" for one in self.lines)

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield from (("colour", self.colour), ("keystore", self.keystore))
        yield from ((one.thing.value, one.colour) for one in self.lines)


def asked_hosts(parts: Context) -> tuple[str, ...]:
    """Return the hosts of the platform that a test asks."""
    platform = parts.platform
    services = (platform.certra.exchange, platform.depot.exchange, platform.sts.exchange)
    return tuple(dict.fromkeys(urlsplit(one.url).netloc for one in services))


def prove_certificate(
    file: KeystoreFile,
    parts: Context,
    *,
    offline: bool = False,
    quality: Quality | None = None,
    ask_revocation: AskRevocation | None = None,
    standing: Standing | None = None,
) -> CertificateTest:
    """Prove whether a keystore works. What the platform does not answer is a line, and raises nothing.

    Args:
        file: the keystore, opened.
        parts: of its environment.
        offline: prove what needs no network alone.
        quality: as what a session is asked for; None: as what the type of the holder says.
        ask_revocation: asks the issuer, too; None: the platform's word alone.
        standing: what `ehtoolkit.procedures.state.certificate_status` said a moment ago; None asks it.

    Raises `errors.WrongEnvironment` and, for a ``quality`` that the holder cannot have, `errors.ClaimsUnfit`.
    """
    require_environment(file, parts)
    return _Proof(file, parts, quality, ask_revocation, standing).run(offline=offline)


class _Proof:
    """One keystore under test."""

    def __init__(
        self,
        file: KeystoreFile,
        parts: Context,
        quality: Quality | None,
        ask_revocation: AskRevocation | None,
        standing: Standing | None,
    ) -> None:
        self._file = file
        self._keystore: Keystore = file.keystore
        self._parts = parts
        self._quality = quality
        self._ask_revocation = ask_revocation
        self._standing = standing
        self._now: datetime = parts.clock.now()
        self._remarks: list[Finding] = []
        self._silence: errors.EhToolkitError | None = None
        """Why the platform was not reached; its issuers are not asked then either."""

    def run(self, *, offline: bool) -> CertificateTest:
        keystore, now = self._keystore, self._now
        lines = [
            CheckedLine(CheckedThing.CERTIFICATE, judge_validity(keystore, now)),
            CheckedLine(CheckedThing.SIGNING, prove_signing(keystore)),
            CheckedLine(CheckedThing.DECRYPTION, prove_decryption(keystore)),
        ]
        if keystore.authentication.kind.algorithm == EC:
            software = software_without_elliptic_keys()
            self._remarks.append(
                of_keystores("key_elliptic", kind=str(keystore.authentication.kind), software=software)
            )
        known, depot, session, etk = self._offline() if offline else self._online()
        lines += [depot, *self._messages(etk, depot.finding), known]
        if self._ask_revocation is not None and not offline and self._silence is None:
            answer = self._ask_revocation(keystore.chain, keystore.environment)
            lines.append(CheckedLine(CheckedThing.REVOCATION, answer))
        state = None if self._standing is None or not self._standing.checked else self._standing.state
        is_old = depot.finding.key == _DEPOT_NEWER
        newer = next((one for one in self._remarks if is_old and one.key == "newer"), None)
        return CertificateTest(
            self._file.path,
            keystore.holder,
            (*lines, session),
            tuple(one for one in self._remarks if one is not newer),
            state,
            asked=not offline,
            newer=newer,
        )

    # ── messages ─────────────────────────────────────────────────────────────────────────────────────────
    def _messages(self, etk: Etk | None, depot: Finding) -> Iterator[CheckedLine]:
        keystore, now = self._keystore, self._now
        authorities = self._parts.message_authorities()
        own = keystore.current_encryption[-1].chain[0] if keystore.current_encryption else None
        newest = own if etk is None else etk.encryption_certificate
        line = None if etk is None else self._refused(etk, authorities.adding(keystore.chain))
        if line is None:
            proof = prove_message(keystore, newest, authorities, now, published=etk is not None)
            if depot.key == _DEPOT_NEWER and proof.key == "not_for_this_keystore":
                proof = error("message_newer", serial=depot.facts["serial"], file=depot.facts["file"])
            line = CheckedLine(CheckedThing.MESSAGE, proof)
        yield line
        yield CheckedLine(CheckedThing.OLDER, prove_older(keystore, newest, authorities, now))

    def _refused(self, etk: Etk, authorities: TrustedAuthorities) -> CheckedLine | None:
        """Return the line about a token that no sender would take; None for one that senders take."""
        try:
            check_recipient(etk, str(etk.serial), authorities, self._now)
        except errors.RecipientUnusable as failure:
            return CheckedLine(CheckedThing.MESSAGE, error("token_refused", serial=str(etk.serial)), failure)
        return None

    # ── the platform ─────────────────────────────────────────────────────────────────────────────────────
    def _offline(self) -> tuple[CheckedLine, CheckedLine, CheckedLine, None]:
        things = (CheckedThing.KNOWN, CheckedThing.DEPOT, CheckedThing.SESSION)
        known, depot, session = (CheckedLine(one, warning(f"{one}_not_asked")) for one in things)
        return known, depot, session, None

    def _online(self) -> tuple[CheckedLine, CheckedLine, CheckedLine, Etk | None]:
        if self._standing is None:
            self._standing = status(self._file, self._parts)
        standing = self._standing
        known = _of_standing(standing)
        self._remarks += [one for one in _beside(standing) if one != known.finding]
        if isinstance(standing.unchecked, _SILENT):
            self._silence = standing.unchecked
            depot = CheckedLine(CheckedThing.DEPOT, warning("depot_unanswered"), self._silence)
            session = CheckedLine(CheckedThing.SESSION, warning("session_unanswered"), self._silence)
            return known, depot, session, None
        holder = self._keystore.holder
        if holder is None:
            waits = (warning("depot_waits"), warning("session_waits"))
            depot, session = map(CheckedLine, (CheckedThing.DEPOT, CheckedThing.SESSION), waits)
            return known, depot, session, None
        depot, etk = self._depot(holder, standing)
        return known, depot, self._session(), etk

    def _depot(self, holder: DistinguishedName, standing: Standing) -> tuple[CheckedLine, Etk | None]:
        try:
            found = fetch_depot_token(self._keystore, holder, self._parts)
        except errors.ResponseUntrusted as failure:
            return CheckedLine(CheckedThing.DEPOT, error("depot_untrusted"), failure), None
        except errors.PlatformError as failure:
            return CheckedLine(CheckedThing.DEPOT, warning("depot_unanswered"), failure), None
        return CheckedLine(CheckedThing.DEPOT, _of_token(found, standing)), found.etk

    def _session(self) -> CheckedLine:
        try:
            wish = session_wish(self._file, self._parts, self._quality)
        except errors.ClaimsUnfit as failure:
            if self._quality is not None:
                raise
            # What organisations of this type assert of themselves is not known here.
            return CheckedLine(CheckedThing.SESSION, warning("session_claims_unknown"), failure)
        report = ask_session(wish, self._parts)
        finding = _of_session(report, self._keystore)
        if report.failure is None:
            self._remarks += [one for one in report.findings if one.key != finding.key]
        return CheckedLine(CheckedThing.SESSION, finding, report.failure)


def _of_standing(standing: Standing) -> CheckedLine:
    """Return the line about what the platform knows of the certificate."""
    if standing.unchecked is not None:
        return CheckedLine(CheckedThing.KNOWN, warning("known_unanswered"), standing.unchecked)
    if standing.info is not None and standing.info.is_active:
        return CheckedLine(CheckedThing.KNOWN, ok("known_active"))
    told = [one for one in standing.findings if not one.key.startswith(_TOKEN)]
    if told and told[0].severity is Severity.ERROR:
        return CheckedLine(CheckedThing.KNOWN, told[0])
    return CheckedLine(
        CheckedThing.KNOWN, warning("known_waits" if standing.state.is_pending else "known_other")
    )


def _beside(standing: Standing) -> Sequence[Finding]:
    """Return what else the platform says that is good to know: that a newer file is there, for one."""
    if standing.unchecked is not None:
        return ()
    return [
        one
        for one in standing.findings
        if one.severity in (Severity.WARNING, Severity.INFO) and not one.key.startswith(_TOKEN)
    ]


def _of_token(found: DepotToken, standing: Standing) -> Finding:
    """Return what the depot's token is to the file."""
    waits = standing.state is State.TO_ACTIVATE
    match found.ours:
        case TokenMatch.CURRENT:
            return ok("depot_current", serial=found.serial)
        case TokenMatch.OLD:
            return warning("depot_to_activate" if waits else "depot_older", serial=found.serial)
        case TokenMatch.OTHER:
            newer = next((one for one in standing.findings if one.key == _DEPOT_NEWER), None)
            if newer is None:
                return error("depot_other", serial=found.serial)
            return replace(newer, severity=Severity.ERROR)
        case _:
            return warning("depot_none_yet") if waits else error("depot_none")


def _of_session(report: SessionReport, keystore: Keystore) -> Finding:
    """Return the one sentence about the session: an error only where the certificate was not accepted."""
    if report.verdict is SessionVerdict.FINE:
        return next(one for one in report.findings if one.severity is Severity.OK)
    if report.verdict is SessionVerdict.CERTIFICATE:
        return report.findings[0]
    return replace(report.findings[0], severity=Severity.WARNING)
