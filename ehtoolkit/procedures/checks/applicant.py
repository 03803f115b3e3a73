"""What the platform says of the card's holder after the first PIN, and whether they may make a new request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ehtoolkit.card import Card, CardKey, check_certificates
from ehtoolkit.card.port import CardSigner
from ehtoolkit.ehealth.certra_messages import ActorQualities
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.procedures.checks.preconditions import (
    HeldCertificates,
    RequestPreconditions,
    fetch_held_certificates,
    is_replacement,
)
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.organisation import check_organisation
from ehtoolkit.secret import Secret


def ask_qualities(card: Card, pin: Secret | None, parts: Context) -> ActorQualities:
    """Ask the platform, with the first PIN, whether the card's holder may ask for themselves, and for which
    organisations."""
    check_certificates(card, parts.clock.now())
    signer = CardSigner(card, CardKey.AUTHENTICATION, pin)
    return parts.platform.certra.get_actor_qualities(card.identity().person, signer)


@dataclass(frozen=True, slots=True)
class ApplicantInfo:
    """What the platform said of the card's holder after the first PIN. ``held``: the certificates that he has."""

    qualities: ActorQualities
    held: HeldCertificates


def fetch_applicant_info(card: Card, pin: Secret | None, parts: Context) -> ApplicantInfo:
    """Ask the platform, with the first PIN, as `ask_qualities` does, and for what it has for the card's holder
    already."""
    return ApplicantInfo(ask_qualities(card, pin, parts), fetch_held_certificates(card, pin, parts))


@dataclass(frozen=True, slots=True)
class PreconditionsMet:
    """Nothing stands in the way. ``unsent``: a request that was prepared and never sent, which is sent instead of a new
    one."""

    asked: ApplicantInfo
    unsent: KeystoreFile | None = None


def check_preconditions(
    name: DistinguishedName,
    parts: Context,
    identify: Callable[[], ApplicantInfo],
    *,
    password: Secret | None = None,
    insist: bool = False,
) -> PreconditionsMet:
    """Check all that may stand in the way of a new request, before its contract is drawn up and while its lock is held:
    first what costs nobody a PIN.

    Args:
        identify: the first PIN, or what it told already.
        password: opens a request that was prepared and never sent; None where there may be none.
        insist: whatever stands in the way or has the application id.

    Raises, unless ``insist``, what `RequestPreconditions` raises, in the order waiting, in force, unsent, and
    `errors.ApplicationIdTaken`.
    """
    way = RequestPreconditions.look(name, parts)
    if not insist:
        way.refuse_waiting()
    # With a keystore of the holder at hand, the list may tell that its own certificate has the application id.
    checked = check_organisation(name, parts, even_if_taken=insist or bool(way.files))
    asked = identify()
    if insist:
        return PreconditionsMet(asked)
    way.refuse_in_force(asked.held)
    if checked is not None and not is_replacement(name, asked.held):
        checked.ids.require_free(name.application_id)
    if password is None:
        way.refuse_unsent()
        return PreconditionsMet(asked)
    return PreconditionsMet(asked, way.unsent(password))
