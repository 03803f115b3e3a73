"""Test a certificate: its keys, sealed messages, and what the platform says of it. Nothing is changed anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.ehealth.revocation import AskRevocation
from ehtoolkit.ehealth.revocation_answers import revocation_finding
from ehtoolkit.ehealth.sts.claims import Quality
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures import platform_findings as about
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.checks.keystore_proof import KeystoreProof, prove_keystore
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import State
from ehtoolkit.procedures.session import ask_session, session_request
from ehtoolkit.procedures.state.certificate_status import record_standing, standing_of
from ehtoolkit.procedures.state.situation import Purpose, Situation, ask_depot, observe
from ehtoolkit.procedures.state.standing import Standing
from ehtoolkit.result_display import Displayed


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
        return min((line.colour for line in self.lines), key=lambda colour: colour.rank)

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


def asked_hosts(context: Context) -> tuple[str, ...]:
    """Return the hosts of the platform that a test asks."""
    platform = context.platform
    services = (platform.certra.client, platform.depot.client, platform.sts.client)
    return tuple(dict.fromkeys(urlsplit(service.url).netloc for service in services))


def prove_certificate(
    file: KeystoreFile,
    context: Context,
    *,
    offline: bool = False,
    quality: Quality | None = None,
    ask_revocation: AskRevocation | None = None,
    standing: Standing | None = None,
) -> CertificateTest:
    """Prove whether a keystore works. What the platform does not answer is a line, and raises nothing.

    Args:
        file: the keystore, opened.
        context: of its environment.
        offline: prove what needs no network alone.
        quality: as what a session is asked for; None: as what the type of the holder says.
        ask_revocation: asks the issuer, too; None: the platform's word alone.
        standing: what `ehtoolkit.procedures.state.certificate_status` found a moment ago; None asks.

    Raises `errors.WrongEnvironment` and, for a ``quality`` that the holder cannot have, `errors.ClaimsUnfit`.
    """
    require_environment(file, context)
    if offline:
        situation = Situation.of_file(file, context.clock.now())
    elif standing is not None:
        situation = ask_depot(standing.situation, file, context)
    else:
        situation = observe(file, context, Purpose.TEST)
        record_standing(situation, file, context)
    reached = situation.asked and situation.silence is None
    session = _session(file, context, quality) if reached and situation.holder is not None else None
    revocation = None
    if reached and ask_revocation is not None:
        answer = ask_revocation(file.keystore.chain, file.keystore.environment)
        revocation = revocation_finding(answer)
    etk = None if situation.published is None else situation.published.etk
    proof = prove_keystore(file.keystore, etk, context.message_authorities(), situation.now)
    return judge(situation, proof, session, revocation)


def _session(file: KeystoreFile, context: Context, quality: Quality | None) -> about.SessionAnswer:
    try:
        request = session_request(file, context, quality)
    except errors.ClaimsUnfit as failure:
        if quality is not None:
            raise
        return failure  # what organisations of this type assert of themselves is not known here
    return ask_session(request, context)


# ── Decided by what was observed ─────────────────────────────────────────────────────────────────────────
def judge(
    situation: Situation,
    proof: KeystoreProof,
    session: about.SessionAnswer = None,
    revocation: Finding | None = None,
) -> CertificateTest:
    """Return the result of a test. ``revocation``: what the issuer answered; None: not asked."""
    standing = standing_of(situation) if situation.asked else None
    depot = CheckedLine(CheckedThing.DEPOT, *about.token(situation, standing))
    lines = [
        CheckedLine(CheckedThing.CERTIFICATE, proof.validity),
        CheckedLine(CheckedThing.SIGNING, proof.signing),
        CheckedLine(CheckedThing.DECRYPTION, proof.decryption),
        depot,
        CheckedLine(CheckedThing.MESSAGE, about.message(proof.message, depot.finding), proof.refusal),
        CheckedLine(CheckedThing.OLDER, proof.older),
        CheckedLine(CheckedThing.KNOWN, *about.certificate(standing)),
        *(() if revocation is None else (CheckedLine(CheckedThing.REVOCATION, revocation),)),
        CheckedLine(CheckedThing.SESSION, *about.session(situation, session)),
    ]
    remarks = (*about.kind(proof.kind), *about.beside_lines(standing, session))
    newer = next(
        (remark for remark in remarks if remark.key == "newer" and depot.finding.key == about.NEWER), None
    )
    return CertificateTest(
        *(situation.path, situation.holder, tuple(lines)),
        remarks=tuple(remark for remark in remarks if remark is not newer),
        state=None if standing is None or not standing.checked else standing.state,
        asked=situation.asked,
        newer=newer,
    )
