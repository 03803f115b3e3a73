"""The triage "is it the certificate?".

Asked in order: is the file good, the clock right, does the platform know the certificate, is its token in the depot,
do its keys work, do sealed messages open, does the platform give a session, is the person recognised? The verdict says
who can help.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, Self

from ehtoolkit import errors
from ehtoolkit.card.port import CardIdentity
from ehtoolkit.doctor.check_result import CheckResult, CheckTopic
from ehtoolkit.doctor.known_errors import Contact, KnownError
from ehtoolkit.doctor.platform_connection import check_clock
from ehtoolkit.ehealth.certra import ActorQualities
from ehtoolkit.ehealth.revocation_answers import AskRevocation, revocation_finding
from ehtoolkit.finding import Severity, Topic
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.state import FileState, State
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.certificate_test import CertificateTest, CheckedThing, prove_certificate
from ehtoolkit.procedures.result import record_answer
from ehtoolkit.procedures.state.platform_status import PlatformStatus, status
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit

_USABLE: Final = frozenset({State.ACTIVE, State.RENEWABLE})
_BEFORE: Final = {
    State.PREPARED: "known_prepared",
    State.WAITING: "known_waiting",
    State.VALIDATING: "known_waiting",
}
_PROVEN: Final = {
    CheckedThing.SIGNING: CheckTopic.KEYS,
    CheckedThing.DECRYPTION: CheckTopic.KEYS,
    CheckedThing.MESSAGE: CheckTopic.MESSAGES,
    CheckedThing.OLDER: CheckTopic.MESSAGES,
    CheckedThing.SESSION: CheckTopic.SESSION,
}


class TriageVerdict(StrEnum):
    """What the triage comes to."""

    FINE = "fine"
    """The certificate is in order: the trouble is somewhere else."""
    FILE = "file"
    """The file, or the certificate in it, is not in order."""
    CLOCK = "clock"
    """The certificate seems in order; the computer's clock is not."""
    CLOSED = "closed"
    """Unknown without the right password."""
    UNCHECKED = "unchecked"
    """The file is good; the platform could not be asked."""
    UNFINISHED = "unfinished"
    """Something is still to be done, or to be waited for."""
    PERSON = "person"
    """The certificate is in order; the registers do not know the holder as who he is."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """Whose card is in the reader, and, found out with its PIN, what the platform knows of him; None: not asked."""

    identity: CardIdentity
    qualities: ActorQualities | None = None

    @classmethod
    def without_pin(cls, toolkit: Toolkit) -> Self | None:
        """Return the holder of the card that is in the reader now, which it shows without a PIN; None when no card can
        be read."""
        try:
            with closing(toolkit.open_card()) as card:
                return cls(card.identity())
        except errors.EhToolkitError:
            return None


@dataclass(frozen=True, slots=True)
class Triage:
    """What was found out about an error that the user reports.

    Attributes:
        lines: in the order of the questions.
        advice: what the user's code means.
        codes: those in what he typed, fit to be handed on.
    """

    verdict: TriageVerdict
    lines: tuple[CheckResult, ...]
    advice: tuple[KnownError, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing of the certificate has to be put right or waited for."""
        return self.verdict is TriageVerdict.FINE

    @property
    def contact(self) -> Contact:
        """Who can help."""
        match self.verdict:
            case TriageVerdict.FINE:
                elsewhere = [known for known in self.advice if known.contact is not Contact.NOBODY]
                return elsewhere[0].contact if elsewhere else Contact.VENDOR
            case TriageVerdict.CLOSED:  # what the code says holds, whatever is in the file
                elsewhere = [known for known in self.advice if not known.certificate]
                return elsewhere[0].contact if elsewhere else Contact.NOBODY
            case TriageVerdict.PERSON:
                return Contact.REGISTERS
            case TriageVerdict.CLOCK:
                return Contact.CONSULTANT
            case TriageVerdict.UNCHECKED:
                return Contact.EHEALTH
            case _:
                return Contact.NOBODY

    def sentence(self, texts: Translator) -> str:
        """Return the verdict; of a fine certificate with the codes that were given, to be named on the telephone."""
        if self.verdict is TriageVerdict.FINE and self.codes:
            return texts.get("doctor.verdict.fine.code", code=", ".join(self.codes))
        return texts.get(f"doctor.verdict.{self.verdict}")

    def call(self, texts: Translator) -> str:
        return texts.get(f"doctor.call.{self.contact}")


def triage(
    path: Path,
    password: Secret | None,
    toolkit: Toolkit,
    *,
    recognition: Recognition | None = None,
    advice: tuple[KnownError, ...] = (),
    codes: tuple[str, ...] = (),
    ask_revocation: AskRevocation | None = None,
) -> Triage:
    """Find out whether the certificate of the keystore at ``path`` is at fault. Changes nothing.

    Args:
        password: None says what can be said without.
        recognition: from a card and its PIN; without the PIN the last question stays open, and is said to.
        ask_revocation: asks the certificate's issuer, too, whether it is revoked; None asks the platform alone.

    Raises `errors.WrongEnvironment` alone: nothing here can judge a keystore of another environment.
    """
    concluded, context = partial(Triage, advice=advice, codes=codes), toolkit.context
    try:
        diagnosis = examine_keystore(path, password, toolkit)
    except errors.WrongEnvironment:
        raise
    except errors.EhToolkitError as error:
        return concluded(TriageVerdict.FILE, (CheckResult.of_error(CheckTopic.FILE, error),))
    lines = tuple(_of_file(diagnosis))
    if not diagnosis.opened or diagnosis.outline is None:
        wrong = (finding for finding in diagnosis.findings if finding.severity is Severity.ERROR)
        broken = any(finding.topic is not Topic.PASSWORD for finding in wrong)
        return concluded(TriageVerdict.FILE if broken else TriageVerdict.CLOSED, lines)
    try:
        file = toolkit.open_keystore(path, password or Secret(""))
        require_environment(file, context)
        issuer_line = None
        if ask_revocation is not None:  # before the status, which knows the last answer
            answer = ask_revocation(diagnosis.chain, diagnosis.environment)
            record_answer(file.keystore.key_id, answer, context.notes, diagnosis.now)
            issuer_line = CheckResult.of_finding(CheckTopic.KNOWN, revocation_finding(answer))
        platform_status = status(file, context)
        proof = (
            prove_certificate(file, context, platform_status=platform_status)
            if file.keystore.installed
            else None
        )
    except errors.WrongEnvironment:  # what shows once it is open
        raise
    except errors.EhToolkitError as error:  # changed a moment ago
        return concluded(TriageVerdict.FILE, (*lines, CheckResult.of_error(CheckTopic.FILE, error)))
    lines += (*check_clock(toolkit, platform_status.unchecked), *_of_platform(platform_status))
    if issuer_line is not None and all(line.key != issuer_line.key for line in lines):
        lines += (issuer_line,)
    lines += (*_of_proof(proof), *_of_person(file, recognition))
    return concluded(_verdict(lines, platform_status), lines)


def examine_keystore(path: Path, password: Secret | None, toolkit: Toolkit) -> Diagnosis:
    """Return the diagnosis of a keystore. Raises `errors.WrongEnvironment`, and what `Toolkit.require_openable`
    raises."""
    toolkit.require_openable(path)
    context = toolkit.context
    now, known = context.clock.now(), CachedStates.read(context.notes)
    files = HolderFiles.listed(path.parent, context.notes, now)
    diagnosis = diagnose(path, password, now, listing=files, known=known)
    if diagnosis.is_readable:  # what is damaged is so in every environment
        require_environment(diagnosis.found_keystore(), context)
    return diagnosis


def _of_file(diagnosis: Diagnosis) -> Iterator[CheckResult]:
    """Yield what is wrong with the file itself: platform and issuer are asked."""
    findings = [finding for finding in diagnosis.findings if finding.topic is not Topic.REMEMBERED]
    is_faulty = any(finding.severity is Severity.ERROR for finding in findings)
    for finding in findings:
        asks = finding.key == "password_needed" and not (diagnosis.opened or is_faulty)
        if asks or finding.severity in (Severity.ERROR, Severity.WARNING):
            yield CheckResult.of_finding(CheckTopic.FILE, finding)
    if diagnosis.opened and not is_faulty:
        yield CheckTopic.FILE.ok("file_good")


def _of_platform(platform_status: PlatformStatus) -> Iterator[CheckResult]:
    if platform_status.unchecked is not None:
        yield CheckResult.of_error(CheckTopic.KNOWN, platform_status.unchecked, Severity.WARNING)
        return
    yield from _known(platform_status)
    for finding in platform_status.findings:
        about = CheckTopic.DEPOT if finding.topic is Topic.TOKEN else CheckTopic.KNOWN
        yield CheckResult.of_finding(about, finding)


def _known(platform_status: PlatformStatus) -> Iterator[CheckResult]:
    info = platform_status.info
    if info is not None and info.is_active:
        yield CheckTopic.KNOWN.ok("known_active")
    elif platform_status.severity is not Severity.ERROR:
        yield CheckTopic.KNOWN.warning(_BEFORE.get(platform_status.state, "known_other"))


def _of_proof(proof: CertificateTest | None) -> Iterator[CheckResult]:
    """Yield what the keystore has proven; what the platform and the depot say of it stands in other lines already."""
    for line in () if proof is None else proof.lines:
        if line.thing in _PROVEN:
            yield CheckResult.of_finding(_PROVEN[line.thing], line.finding)


def _of_person(file: KeystoreFile, recognition: Recognition | None) -> Iterator[CheckResult]:
    holder = file.keystore.holder
    if recognition is not None and holder is not None and holder.identifier.is_person:
        card = recognition.identity.niss
        if holder.identifier.value != card.digits:
            facts = {"card_number": card.digits, "holder": holder.identifier.value}
            yield CheckTopic.PERSON.warning("person_other", **facts)
            return
    if recognition is None or recognition.qualities is None or holder is None:
        yield CheckTopic.PERSON.info("person_unasked")
    else:
        yield _of_qualities(holder.identifier, recognition.qualities)


def _of_qualities(holder: Identifier, qualities: ActorQualities) -> CheckResult:
    if holder.is_person:
        if qualities.natural_person:
            return CheckTopic.PERSON.ok("person_recognised")
        return CheckTopic.PERSON.error("person_unknown")
    own = (holder.type, holder.value)
    if any(own == (listed.type, listed.number) for listed in qualities.organisations):
        return CheckTopic.PERSON.ok("organisation_listed")
    return CheckTopic.PERSON.warning("organisation_unlisted")


def _verdict(lines: Iterable[CheckResult], platform_status: PlatformStatus) -> TriageVerdict:
    wrong = {line.about for line in lines if line.severity is Severity.ERROR}
    if wrong & {
        CheckTopic.FILE,
        CheckTopic.KNOWN,
        CheckTopic.DEPOT,
        CheckTopic.KEYS,
        CheckTopic.MESSAGES,
        CheckTopic.SESSION,
    }:
        return TriageVerdict.FILE
    if CheckTopic.CLOCK in wrong:
        return TriageVerdict.CLOCK
    if not platform_status.checked:
        return TriageVerdict.UNCHECKED
    is_old = platform_status.standing.state is FileState.REPLACED
    if platform_status.state not in _USABLE or is_old:
        return TriageVerdict.UNFINISHED
    return TriageVerdict.PERSON if CheckTopic.PERSON in wrong else TriageVerdict.FINE
