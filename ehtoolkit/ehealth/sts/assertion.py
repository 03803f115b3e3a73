"""The SAML 1.1 assertion that makes a session, and everything that a client should look at before it believes one.

Others look at nothing but its end (the Java connector, and that on use): a number that was changed, another's key and a
stranger's signature go through there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from cryptography import x509

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE, only_common_name, signature_holds, validity_fault
from ehtoolkit.ehealth.soap.signature import verify_element
from ehtoolkit.ehealth.soap.xml import (
    SAML,
    SIGNATURE,
    Element,
    certificate,
    child,
    child_text,
    moment,
    serialise,
)
from ehtoolkit.ehealth.sts.claims import Claim, is_right
from ehtoolkit.identity import ISSUERS, Environment
from ehtoolkit.secret import Secret
from ehtoolkit.system.text_safety import fit

ISSUER: Final = "urn:be:fgov:ehealth:sts:1_0"
HOLDER_OF_KEY: Final = "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key"
ID_ATTRIBUTE: Final = "AssertionID"
PLATFORM_NUMBER: Final = "CBE=0809394427"
"""The enterprise number of the eHealth platform (Crossroads Bank for Enterprises)."""


@dataclass(frozen=True, slots=True)
class SessionSigner:
    """Who signs assertions, as named in the certificate.

    Attributes:
        application: how the application id begins (``IAMACC`` in acceptance; of production no public one was found).
            Any organisation can choose such an id, so that nothing is called proven without the number.
        number: of the platform.
    """

    application: str = "IAM"
    number: str = PLATFORM_NUMBER


PLATFORM_SIGNER: Final = SessionSigner()


@dataclass(frozen=True, slots=True)
class Expected:
    """What the assertion has to fit.

    Attributes:
        holder: the certificate of the key that it is to be bound to.
        claims: what was asserted and asked.
        now: by the platform's clock.
        authorities: certificates of those that may have issued the signer's.
        signer: how that certificate is named.
    """

    holder: x509.Certificate
    claims: tuple[Claim, ...]
    now: datetime
    authorities: Sequence[x509.Certificate]
    signer: SessionSigner = PLATFORM_SIGNER


@dataclass(frozen=True, slots=True)
class Assertion:
    """One that was checked.

    Attributes:
        xml: as it came, byte for byte; a secret.
        values: per attribute.
        proven: whether the authority that issued the signer's certificate is at hand and did, to the platform's own
            number; False where only names speak for it.
    """

    xml: Secret
    identifier: str
    not_before: datetime
    not_on_or_after: datetime
    values: Mapping[str, tuple[str, ...]]
    signer: x509.Certificate
    proven: bool

    @property
    def refused(self) -> tuple[str, ...]:
        """The names of the flags that are not ``true``: the right, or the register, is missing."""
        return tuple(uri for uri, values in self.values.items() if is_right(uri) and values != ("true",))

    def missing(self, claims: Sequence[Claim]) -> tuple[str, ...]:
        """Return what was asked for and not answered."""
        return tuple(claim.uri for claim in claims if claim.uri not in self.values)


def check_assertion(element: Element, expected: Expected) -> Assertion:
    """Return ``element`` as an assertion, after a check of everything; only what was signed is read.

    Raises `errors.AssertionUntrusted`, in this order: the signature (``signature``, ``wrapping``), who signed
    (``stranger``, ``signer_ended``), the ``issuer``, its ``form``, whose ``key`` and whose ``number`` it is for, and
    the time (``not_begun``, ``ended``).
    """
    try:
        verified = verify_element(element, ID_ATTRIBUTE)
    except errors.SignatureInvalid as error:
        wraps = error.reason == "wrapping"
        raise errors.AssertionUntrusted(reason="wrapping" if wraps else "signature") from error
    except errors.MessageInvalid as error:
        raise errors.AssertionUntrusted(reason="form") from error
    proven = _check_signer(verified.certificate, expected)
    signed = verified.element
    if signed.get("Issuer") != ISSUER:
        raise errors.AssertionUntrusted(reason="issuer", issuer=fit(signed.get("Issuer") or ""))
    try:
        _check_key(signed, expected.holder)
        values = _values(signed)
        begin, end = _period(signed)
    except errors.MessageInvalid as error:
        raise errors.AssertionUntrusted(reason="form") from error
    _check_numbers(values, expected.claims)
    if expected.now < begin:
        raise errors.AssertionUntrusted(reason="not_begun", moment=begin)
    if expected.now >= end:
        raise errors.AssertionUntrusted(reason="ended", moment=end)
    return Assertion(
        xml=Secret(serialise(element).decode()),
        identifier=signed.get(ID_ATTRIBUTE, ""),
        not_before=begin,
        not_on_or_after=end,
        values=values,
        signer=verified.certificate,
        proven=proven,
    )


def _check_signer(signer: x509.Certificate, expected: Expected) -> bool:
    """Return whether ``signer`` is proven to be the platform's; False where an eHealth authority whose certificate is
    not here has issued it, or to another number, so that it cannot be decided."""
    name, issuer = fit(signer.subject.rfc4514_string()), fit(signer.issuer.rfc4514_string())
    number = _number_of(signer, expected.signer.application)
    if number is None:
        raise errors.AssertionUntrusted(reason="stranger", signer=name, issuer=issuer)
    verdicts = [
        signature_holds(signer, authority)
        for authority in expected.authorities
        if authority.subject == signer.issuer
    ]
    if not any(verdicts) and (False in verdicts or not _may_issue(signer, expected.holder)):
        raise errors.AssertionUntrusted(reason="stranger", signer=name, issuer=issuer)
    if validity_fault(signer, expected.now):
        ended = signer.not_valid_after_utc
        raise errors.AssertionUntrusted(reason="signer_ended", signer=name, issuer=issuer, moment=ended)
    return any(verdicts) and number == expected.signer.number


def _may_issue(signer: x509.Certificate, holder: x509.Certificate) -> bool:
    """Return whether the name of the signer's issuer is that of an authority of the holder's environment. The signer of
    acceptance has its certificate from production."""
    issuer, ours = (
        ISSUERS.get(only_common_name(certificate.issuer) or "") for certificate in (signer, holder)
    )
    signs_for_acceptance = (issuer, ours) == (Environment.PRODUCTION, Environment.ACCEPTANCE)
    return issuer is not None and (issuer is ours or signs_for_acceptance)


def _number_of(signer: x509.Certificate, begins: str) -> str | None:
    """Return whose certificate a signer has; None for one that is named as no signer of sessions is: a person's,
    say."""
    try:
        units = [
            str(each.value)
            for each in signer.subject.get_attributes_for_oid(x509.OID_ORGANIZATIONAL_UNIT_NAME)
        ]
        number, _, application = (only_common_name(signer.subject) or "").partition(", ")
    except UNREADABLE:
        return None
    named = number.startswith("CBE=") and application.startswith(begins)
    return number if named and {number, application} <= set(units) else None


def _check_key(signed: Element, holder: x509.Certificate) -> None:
    confirmed = child(
        child(child(signed, SAML("AuthenticationStatement")), SAML("Subject")), SAML("SubjectConfirmation")
    )
    if child_text(confirmed, SAML("ConfirmationMethod")) != HOLDER_OF_KEY:
        raise errors.AssertionUntrusted(reason="form")
    data = child(child(confirmed, SIGNATURE("KeyInfo")), SIGNATURE("X509Data"))
    bound = certificate(child(data, SIGNATURE("X509Certificate")))
    try:
        ours = bound.public_key() == holder.public_key()
    except UNREADABLE as error:
        raise errors.AssertionUntrusted(reason="key") from error
    if not ours:
        raise errors.AssertionUntrusted(reason="key")


def _period(signed: Element) -> tuple[datetime, datetime]:
    conditions = child(signed, SAML("Conditions"))
    begin, end = (moment(conditions.get(name, "").strip(), name) for name in ("NotBefore", "NotOnOrAfter"))
    return begin, end


def _values(signed: Element) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for attribute in child(signed, SAML("AttributeStatement")).findall(SAML("Attribute")):
        values = tuple((value.text or "").strip() for value in attribute.findall(SAML("AttributeValue")))
        name = attribute.get("AttributeName", "")
        found[name] = (*found.get(name, ()), *values)
    return MappingProxyType(found)


def _check_numbers(values: Mapping[str, tuple[str, ...]], claims: Sequence[Claim]) -> None:
    """Check that what we asserted comes back as it was. Raises `errors.AssertionUntrusted` (reason ``number``)."""
    for claim in claims:
        if claim.value is not None and values.get(claim.uri) != (claim.value,):
            raise errors.AssertionUntrusted(reason="number")
