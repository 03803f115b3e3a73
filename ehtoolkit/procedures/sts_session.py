"""A session for the holder of a keystore: asked of the STS, signed by its authentication key. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto.keys import EC, kind_of
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.ehealth.sts.assertion import Assertion
from ehtoolkit.ehealth.sts.claims import Claim, Quality, claims_of, quality_of
from ehtoolkit.finding import Finding, FindingFactory, Severity, sort_by_severity
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.software_compatibility import software_without_elliptic_keys
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.authorization import require_environment, signer_of
from ehtoolkit.procedures.context import Context
from ehtoolkit.system.text_safety import fit

_SESSION: Final = FindingFactory("session")
error, warning, info, ok = _SESSION.error, _SESSION.warning, _SESSION.info, _SESSION.ok


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What will be asked, known before anything is sent. ``holder``: of the keystore."""

    holder: DistinguishedName
    quality: Quality
    claims: tuple[Claim, ...]
    signer: KeySigner = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionReport:
    """How it went.

    Attributes:
        assertion: None without a session.
        findings: worst first.
        failure: why there is none.
    """

    request: SessionRequest
    verdict: SessionVerdict
    findings: tuple[Finding, ...]
    assertion: Assertion | None = field(default=None, repr=False)
    failure: errors.PlatformError | None = None

    @property
    def headline(self) -> Finding:
        """The finding that says how it went: an error only where the certificate was not accepted."""
        if self.verdict is SessionVerdict.FINE:
            return next(finding for finding in self.findings if finding.severity is Severity.OK)
        if self.verdict is SessionVerdict.CERTIFICATE:
            return self.findings[0]
        return replace(self.findings[0], severity=Severity.WARNING)


def session_request(file: KeystoreFile, context: Context, quality: Quality | None = None) -> SessionRequest:
    """Return what will be asked of the STS for the holder of a keystore. ``quality``: as what the session is asked for;
    None: as what the type of the holder says.

    Raises `errors.WrongEnvironment`, `errors.CertificateMissing` and `errors.ClaimsUnfit`.
    """
    require_environment(file, context)
    keystore = file.keystore
    if not keystore.installed or keystore.holder is None:
        raise errors.CertificateMissing(path=str(file.path))
    wanted = quality_of(keystore.holder.identifier) if quality is None else quality
    claims = claims_of(wanted, keystore.holder.identifier)
    return SessionRequest(keystore.holder, wanted, claims, signer_of(file))


def ask_session(request: SessionRequest, context: Context) -> SessionReport:
    """Ask the STS for a session, once. A platform that refuses, or whose answer is not to be believed, is no error
    here: the report says where to look."""
    try:
        assertion = context.platform.sts.issue(request.signer, request.claims)
    except errors.PlatformError as failure:
        verdict = verdict_of(failure)
        return SessionReport(request, verdict, (_no_session(request, verdict, failure),), failure=failure)
    findings = sort_by_severity(_findings(request, assertion))
    verdict = SessionVerdict.RIGHT if assertion.refused else SessionVerdict.FINE
    return SessionReport(request, verdict, findings, assertion)


SessionAnswer = SessionReport | errors.ClaimsUnfit | None
"""How asking for a session went, or why it was not known what to ask for; None: not asked."""


def try_session(file: KeystoreFile, context: Context, quality: Quality | None) -> SessionAnswer:
    """Ask for a session as ``quality``; None: as what the type of the holder says, where that is known."""
    try:
        request = session_request(file, context, quality)
    except errors.ClaimsUnfit as failure:
        if quality is not None:
            raise
        return failure  # what organisations of this type assert of themselves is not known here
    return ask_session(request, context)


def _no_session(request: SessionRequest, verdict: SessionVerdict, failure: errors.PlatformError) -> Finding:
    """Return where to look; the kind of the key is named where the service says that it is the algorithm."""
    kind = kind_of(request.signer.key)
    if kind.algorithm == EC and _code(failure) == ALGORITHM_UNKNOWN:
        return error("no_session_elliptic", kind=str(kind), software=software_without_elliptic_keys())
    return error(f"no_session_{verdict}")


def _findings(request: SessionRequest, assertion: Assertion) -> Iterator[Finding]:
    yield ok("issued", holder=request.holder.identifier.text, until=assertion.not_on_or_after)
    if assertion.refused:
        yield warning("right_missing", claims=assertion.refused)
    missing = tuple(uri for uri in assertion.missing(request.claims))
    if missing:
        yield info("unanswered", claims=missing)
    if not assertion.proven:
        signer = assertion.signer
        names = {"signer": signer.subject.rfc4514_string(), "issuer": signer.issuer.rfc4514_string()}
        yield warning("signer_unproven", **{name: fit(value) for name, value in names.items()})


# ── Where to look after a failure ──────────────────────────────────────────────────────────────────────
class SessionVerdict(StrEnum):
    """What stands in the way; the values are stable, and keys for texts."""

    FINE = "fine"
    CERTIFICATE = "certificate"
    """The certificate, or the key that signed, was not accepted."""
    RIGHT = "right"
    """The certificate is in order; a right is missing, or a register does not know the holder."""
    CLOCK = "clock"
    """This computer and the platform do not agree about the time."""
    PLATFORM = "platform"
    """It is down, not reached, or its answer is not to be believed."""
    SOFTWARE = "software"
    """The message was not as the service wants it: a fault of the program that asked."""


ALGORITHM_UNKNOWN: Final = "UnsupportedAlgorithm"
"""The code of WS-Security for a signature that the service cannot check."""
_CODES: Final = {
    SessionVerdict.PLATFORM: "SOA-00001 SOA-02001 SOA-02002 RequestFailed",
    SessionVerdict.CERTIFICATE: "SOA-01001 FailedAuthentication InvalidSecurityToken FailedCheck",
    SessionVerdict.RIGHT: "SOA-01002 InvalidScope",
    SessionVerdict.CLOCK: "ExpiredData InvalidTimeRange MessageExpired",
    SessionVerdict.SOFTWARE: "SOA-03001 SOA-03002 SOA-03003 SOA-03004 SOA-03005 SOA-03006 SOA-03007 "
    "InvalidRequest AuthenticationBadElements BadRequest RenewNeeded UnableToRenew InvalidSecurity "
    f"SecurityTokenUnavailable UnsupportedSecurityToken {ALGORITHM_UNKNOWN}",
}
"""Codes of SOA, WS-Trust 1.3, and WS-Security 1.0 and 1.1."""
FAULTS: Final[Mapping[str, SessionVerdict]] = MappingProxyType(
    {code: verdict for verdict, codes in _CODES.items() for code in codes.split()}
)
"""By the code after its prefix, which differs. Which code comes for which mistake is not public."""


def verdict_of(error: errors.PlatformError) -> SessionVerdict:
    """Return where to look after ``error``: first at the clock, where it is wrong."""
    if error.here is not None:
        return SessionVerdict.CLOCK
    return FAULTS.get(_code(error), SessionVerdict.PLATFORM)


def _code(error: errors.PlatformError) -> str:
    """Return the code of a fault without its prefix; empty for another error."""
    return (error.code or "").rpartition(":")[2] if isinstance(error, errors.PlatformFault) else ""
