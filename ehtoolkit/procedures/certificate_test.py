"""Test a certificate: its keys, sealed messages, and what the platform says of it. Nothing is changed anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.ehealth.revocation_answers import AskRevocation, revocation_finding
from ehtoolkit.ehealth.sts.claims import Quality
from ehtoolkit.finding import Finding, Severity, Topic
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.keystore_self_test import TEST, KeystoreProof, prove_keystore
from ehtoolkit.procedures.result import record_answer
from ehtoolkit.procedures.state.observe import Purpose, ask_depot, observe
from ehtoolkit.procedures.state.platform_status import (
    PlatformStatus,
    of_other,
    platform_status_of,
    record_platform_status,
)
from ehtoolkit.procedures.state.situation import DepotToken, Situation, TokenMatch
from ehtoolkit.procedures.sts_session import SessionAnswer, SessionReport, try_session
from ehtoolkit.result_display import Displayed


class Colour(StrEnum):
    """What a test has come to, worst first; the values are stable, and keys for texts."""

    RED = "red"
    """It does not work, and certificate or keystore are the reason."""
    AMBER = "amber"
    """It could not be asked, something is still to be done, or a right is missing: no fault of the certificate."""
    GREEN = "green"


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
        return min((line.colour for line in self.lines), key=list(Colour).index)

    @property
    def verdict(self) -> str:
        """The name of the sentence that says what it comes to: a colour, or ``offline`` when all is proven that needs
        no network."""
        proven = {line.colour for line in self.lines if not line.finding.key.endswith("_not_asked")}
        return "offline" if not self.asked and proven == {Colour.GREEN} else str(self.colour)

    @property
    def waits(self) -> bool:
        """Whether the certificate is still to be installed."""
        return self.holder is None and any(line.finding.key == "certificate_waits" for line in self.lines)

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield from (("colour", self.colour), ("keystore", self.keystore))
        yield from ((line.thing.value, line.colour) for line in self.lines)


def asked_host(context: Context) -> str:
    """Return the host of the platform that a test asks: all services are there."""
    return urlsplit(context.platform.certra.client.url).netloc


def prove_certificate(
    file: KeystoreFile,
    context: Context,
    *,
    offline: bool = False,
    quality: Quality | None = None,
    ask_revocation: AskRevocation | None = None,
    platform_status: PlatformStatus | None = None,
) -> CertificateTest:
    """Prove whether a keystore works. What the platform does not answer is a line, and raises nothing.

    Args:
        file: the keystore, opened.
        context: of its environment.
        offline: prove what needs no network alone.
        quality: as what a session is asked for; None: as what the type of the holder says.
        ask_revocation: asks the issuer, too; None: the platform's word alone.
        platform_status: what `ehtoolkit.procedures.state.platform_status` found a moment ago; None asks.

    Raises `errors.WrongEnvironment` and, for a ``quality`` that the holder cannot have, `errors.ClaimsUnfit`.
    """
    require_environment(file, context)
    if offline:
        situation = Situation.of_file(file, context.clock.now())
    elif platform_status is not None:
        situation = ask_depot(platform_status.situation, file, context)
    else:
        situation = record_platform_status(observe(file, context, Purpose.TEST), file, context).situation
    reached = situation.asked and situation.silence is None
    session = try_session(file, context, quality) if reached and situation.holder is not None else None
    revocation = None
    if reached and ask_revocation is not None:
        answer = ask_revocation(file.keystore.chain, file.keystore.environment)
        record_answer(file.keystore.key_id, answer, context.notes, situation.now)
        revocation = revocation_finding(answer)
    etk = None if situation.published is None else situation.published.etk
    proof = prove_keystore(file.keystore, etk, context.message_authorities(), situation.now)
    return judge(situation, proof, session, revocation)


# ── Decided by what was observed ─────────────────────────────────────────────────────────────────────────
def judge(
    situation: Situation,
    proof: KeystoreProof,
    session: SessionAnswer = None,
    revocation: Finding | None = None,
) -> CertificateTest:
    """Return the result of a test. ``revocation``: what the issuer answered; None: not asked."""
    platform_status = platform_status_of(situation) if situation.asked else None
    depot = CheckedLine(CheckedThing.DEPOT, *_depot_line(situation, platform_status))
    leads_on = depot.finding.key == _NEWER
    message = proof.message
    if leads_on and message.key == "not_for_this_keystore":
        message = TEST.error("message_newer", **depot.finding.facts)
    lines = [
        CheckedLine(CheckedThing.CERTIFICATE, proof.validity),
        CheckedLine(CheckedThing.SIGNING, proof.signing),
        CheckedLine(CheckedThing.DECRYPTION, proof.decryption),
        depot,
        CheckedLine(CheckedThing.MESSAGE, message, proof.refusal),
        CheckedLine(CheckedThing.OLDER, proof.older),
        CheckedLine(CheckedThing.KNOWN, *_known_line(platform_status)),
        *(() if revocation is None else (CheckedLine(CheckedThing.REVOCATION, revocation),)),
        CheckedLine(CheckedThing.SESSION, *_session_line(situation, session)),
    ]
    remarks = (*proof.remarks, *_beside_lines(platform_status, session))
    newer = next((remark for remark in remarks if remark.key == "newer" and leads_on), None)
    return CertificateTest(
        situation.path,
        situation.holder,
        tuple(lines),
        remarks=tuple(remark for remark in remarks if remark is not newer),
        state=None if platform_status is None or not platform_status.checked else platform_status.state,
        asked=situation.asked,
        newer=newer,
    )


# ── What platform, depot and STS answered, as findings ─────────────────────────────────────────────────
_NEWER: Final = "depot_newer"
"""The finding that names the newer keystore with the key of the depot's token."""

_Line = tuple[Finding, errors.EhToolkitError | None]


def _known_line(platform_status: PlatformStatus | None) -> _Line:
    """Return what the platform knows of the certificate. ``standing``: None where it was not asked."""
    if platform_status is None:
        return TEST.warning("known_not_asked"), None
    if platform_status.unchecked is not None:
        return TEST.warning("known_unanswered"), platform_status.unchecked
    if platform_status.info is not None and platform_status.info.is_active:
        return TEST.ok("known_active"), None
    worst = next((found for found in platform_status.findings if found.topic is not Topic.TOKEN), None)
    if worst is not None and worst.severity is Severity.ERROR:
        return worst, None
    return TEST.warning("known_waits" if platform_status.state.is_pending else "known_other"), None


def _depot_line(situation: Situation, platform_status: PlatformStatus | None) -> _Line:
    """Return what the depot's token is to the keystore."""
    if platform_status is None:
        return TEST.warning("depot_not_asked"), None
    waits = platform_status.state is State.TO_ACTIVATE
    match situation.silence if situation.token is None else situation.token:
        case errors.ResponseUntrusted() as failure:
            return TEST.error("depot_untrusted"), failure
        case errors.PlatformError() as failure:
            return TEST.warning("depot_unanswered"), failure
        case DepotToken(TokenMatch.CURRENT) as published:
            return TEST.ok("depot_current", serial=published.serial), None
        case DepotToken(TokenMatch.OLD) as published:
            key = "depot_to_activate" if waits else "depot_older"
            return TEST.warning(key, serial=published.serial), None
        case DepotToken(TokenMatch.NONE):
            return TEST.warning("depot_none_yet") if waits else TEST.error("depot_none"), None
        case DepotToken() as published:
            active = situation.known is not None and situation.known.is_active
            found = of_other(published, Severity.ERROR, situation.replacing if active else ())
            other = TEST.error("depot_other", serial=published.serial)
            return found if found.key == _NEWER else other, None
    return TEST.warning("depot_waits"), None


def _session_line(situation: Situation, session: SessionAnswer) -> _Line:
    """Return how a session was asked for: an error only where the certificate was not accepted."""
    if isinstance(session, SessionReport):
        return session.headline, session.failure
    if session is not None:
        return TEST.warning("session_claims_unknown"), session
    if situation.silence is not None:
        return TEST.warning("session_unanswered"), situation.silence
    return TEST.warning("session_waits") if situation.asked else TEST.warning("session_not_asked"), None


def _beside_lines(platform_status: PlatformStatus | None, session: SessionAnswer) -> Iterator[Finding]:
    """Yield what is good to know beside the lines: that a newer file is there, for one."""
    if platform_status is not None and platform_status.checked:
        for finding in platform_status.findings:
            if finding.severity in (Severity.WARNING, Severity.INFO) and finding.topic is not Topic.TOKEN:
                yield finding
    if isinstance(session, SessionReport) and session.failure is None:
        yield from (finding for finding in session.findings if finding.key != session.headline.key)
