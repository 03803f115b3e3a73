"""The STS as a client asks it: issue and renew, with the challenge where two keys are at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from cryptography import x509

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.ehealth.soap.client import SoapClient
from ehtoolkit.ehealth.soap.operations import CHALLENGE, REQUEST_SECURITY_TOKEN, Operation
from ehtoolkit.ehealth.soap.signature import Signer
from ehtoolkit.ehealth.soap.xml import Element
from ehtoolkit.ehealth.sts.assertion import (
    PLATFORM_SIGNER,
    Assertion,
    Expected,
    SessionSigner,
    check_assertion,
)
from ehtoolkit.ehealth.sts.claims import Claim
from ehtoolkit.ehealth.sts.messages import (
    LIFETIME,
    SignChallenge,
    challenge_response,
    issue_request,
    read_response,
    renew_request,
    secured,
)


def no_authorities() -> Sequence[x509.Certificate]:
    """Return no certificate: only the authorities that come with a keystore are at hand."""
    return ()


@dataclass(frozen=True, slots=True)
class SecurityTokenService:
    """The client of the security token service.

    Attributes:
        authorities: those that may have issued the certificate of the STS, beside those in the chain of the requester.
        signer: how that certificate is named.

    Every method raises `errors.AssertionUntrusted`, the `errors.PlatformError` of its failure, and what the signers
    raise. Nothing that is asked here changes anything at the platform.
    """

    client: SoapClient
    clock: Clock
    authorities: Callable[[], Sequence[x509.Certificate]] = no_authorities
    signer: SessionSigner = PLATFORM_SIGNER

    def issue(
        self,
        signer: Signer,
        claims: Sequence[Claim],
        *,
        holder: Signer | None = None,
        lifetime: timedelta = LIFETIME,
    ) -> Assertion:
        """Ask for a session with ``claims``, and return its assertion, checked.

        Args:
            signer: the requester.
            holder: whose key it is bound to, which signs the challenge; None: the requester.
            lifetime: what is asked for; the platform decides.
        """
        bound = holder or signer
        return self._timed(lambda now: self._issue(signer, bound, tuple(claims), lifetime, now))

    def renew(self, signer: Signer, assertion: Assertion, claims: Sequence[Claim]) -> Assertion:
        """Ask for the session of ``assertion`` again, from now, and return the new assertion, checked. ``claims``:
        those it was issued with."""
        return self._timed(lambda now: self._renew(signer, assertion, tuple(claims), now))

    def _issue(
        self,
        signer: Signer,
        holder: Signer,
        claims: tuple[Claim, ...],
        lifetime: timedelta,
        now: datetime,
    ) -> Assertion:
        context = str(uuid4())
        request = issue_request(context, claims, holder.chain[0], now, lifetime)
        answer = self._ask(REQUEST_SECURITY_TOKEN, request, signer, context, now)
        if isinstance(answer, SignChallenge):
            response = challenge_response(answer, context)
            answer = self._ask(CHALLENGE, response, holder, context, now)
        return self._checked(answer, holder, claims, now)

    def _renew(
        self, signer: Signer, assertion: Assertion, claims: tuple[Claim, ...], now: datetime
    ) -> Assertion:
        context = str(uuid4())
        request = renew_request(context, assertion.xml.reveal().encode())
        answer = self._ask(REQUEST_SECURITY_TOKEN, request, signer, context, now)
        return self._checked(answer, signer, claims, now)

    def _ask(
        self, operation: Operation, message: bytes, signer: Signer, context: str, now: datetime
    ) -> SignChallenge | Element:
        return self.client.ask_with_header(
            operation, secured(message, signer, now), lambda response: read_response(response, context)
        )

    def _checked(
        self, answer: SignChallenge | Element, holder: Signer, claims: tuple[Claim, ...], now: datetime
    ) -> Assertion:
        if isinstance(answer, SignChallenge):  # for a key that has signed already
            raise errors.AssertionUntrusted(reason="no_token")
        there = self.client.clock.there
        authorities = (*self.authorities(), *holder.chain[1:])
        try:
            return check_assertion(
                answer, Expected(holder.chain[0], claims, there or now, authorities, self.signer)
            )
        except errors.AssertionUntrusted as error:
            wrong = self.client.clock.wrong  # once: an answer in another thread may change it
            if wrong is not None:
                error.facts.update(here=wrong.here, there=wrong.there)
            raise

    def _timed(self, asked: Callable[[datetime], Assertion]) -> Assertion:
        """Ask at our own time; of a training server, whose clock a trainer has moved, at its time, once an answer names
        it."""
        try:
            return asked(self.clock.now())
        except errors.PlatformFault:
            there = self.client.clock.there
            if self.client.clock.compares or there is None or _close(there, self.clock.now()):
                raise
        return asked(there)


def _close(first: datetime, second: datetime) -> bool:
    return abs(first - second) < timedelta(minutes=1)
