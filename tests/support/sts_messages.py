"""Messages to the STS that only other software sends: renewals, and answers to a challenge."""

from __future__ import annotations

from uuid import uuid4

from ehtoolkit.ehealth.soap.xml import (
    SECURITY,
    TRUST,
    UTILITY,
    Element,
    add,
    child,
    child_text,
    new_element,
    serialise,
)
from ehtoolkit.ehealth.sts.service import ID, SAML_1_1


def renew_request(context: str, assertion: bytes) -> bytes:
    """Build the request for a token like ``assertion``, which is embedded byte for byte: moved into another tree, its
    prefixes, and with them its signature, could change."""
    request = new_element(TRUST, "RequestSecurityToken", (SECURITY, UTILITY))
    request.set("Context", context)
    add(request, TRUST, "TokenType", SAML_1_1)
    add(request, TRUST, "RequestType", f"{TRUST}/Renew")
    reference = add(add(request, TRUST, "RenewTarget"), SECURITY, "SecurityTokenReference")
    embedded = add(reference, SECURITY, "Embedded")
    embedded.set(ID, f"token-{uuid4()}")
    embedded.text = mark = uuid4().hex
    return serialise(request).replace(mark.encode(), assertion)


def challenge_response(asked: Element, context: str) -> bytes:
    """Build the message that sends the challenge in ``asked`` back, for a header signed by the key to be proven."""
    answer = new_element(TRUST, "RequestSecurityTokenResponse")
    answer.set("Context", context)
    challenge = child_text(child(asked, TRUST("SignChallenge")), TRUST("Challenge"))
    add(add(answer, TRUST, "SignChallengeResponse"), TRUST, "Challenge", challenge)
    return serialise(answer)
