"""A training card that meets the scenarios of its holder: out of date, never activated, blocked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, cast

from cryptography import x509
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.card.port import CardIdentity, CardKey, require_pin
from ehtoolkit.crypto.keys import PublicKey
from ehtoolkit.secret import Secret
from ehtoolkit.training.authority.pki import Issuer
from ehtoolkit.training.card.card_factory import earlier_files
from ehtoolkit.training.card.profile import CardProfile
from ehtoolkit.training.card.software import SoftwareCard
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.scenarios import Scenario, set_switch, switches_now

_EARLIER: Final = timedelta(days=11 * 365)
"""How much older an expired card is: longer than the ten years that certificates on cards are valid."""


@dataclass(frozen=True, slots=True)
class CardCondition:
    """What a trainer can do to a card at any time: whether it is in its reader, and which scenarios change what is on
    it."""

    plugged: bool
    scenarios: tuple[Scenario, ...]


class TrainingCard(SoftwareCard):
    """The `Card` in ``folder``, with the scenarios that are on at each call for the person that the folder is named
    after.

    An expired card has the keys of the card and certificates with earlier dates, signed by ``citizen``, so
    that client and platform see them expire as they would see those of a real one. Its identity file, with the
    earlier dates too, is signed again by ``rrn``.
    """

    def __init__(self, folder: Path, database: TrainingDatabase, citizen: Issuer, rrn: Issuer) -> None:
        super().__init__(folder)
        self._database = database
        self._citizen = citizen
        self._rrn = rrn
        self._expired: dict[Certificate, Certificate] = {}

    # ── the card ─────────────────────────────────────────────────────────────────────────────────────────
    def profile(self) -> CardProfile:
        """Return everything on the card, as the scenarios make it."""
        profile, on = super().profile(), switches_now(self._database).of(self.name)
        certificates = dict(profile.certificates)
        if Scenario.SIGNATURE_NOT_ACTIVATED in on:
            certificates.pop(CardKey.SIGNATURE, None)
            keys = {key: profile.keys[key] for key in certificates}
            profile = replace(profile, keys=keys, certificates=certificates)
        if Scenario.EXPIRED_EID not in on:
            return profile
        citizen_ca, root = self._citizen.chain
        return replace(
            profile,
            identity=_earlier_identity(profile.identity),
            files=earlier_files(profile.files, _EARLIER, self._rrn),
            certificates={key: self._earlier(certificate) for key, certificate in certificates.items()},
            citizen_ca=citizen_ca,
            root=root,
        )

    def pin_tries_left(self) -> int | None:
        left = super().pin_tries_left()
        return 0 if self._is_on(Scenario.BLOCKED_PIN) else left

    # ── the holder and the trainer ───────────────────────────────────────────────────────────────────────
    @property
    def name(self) -> str:
        """The name behind ``training:``; a card of a stranger has one too."""
        return self._folder.name

    @property
    def condition(self) -> CardCondition:
        on = switches_now(self._database).of(self.name)
        changing = (Scenario.EXPIRED_EID, Scenario.SIGNATURE_NOT_ACTIVATED)
        return CardCondition(self.plugged, tuple(scenario for scenario in changing if scenario in on))

    def verify_pin(self, pin: Secret) -> None:
        self._require_unblocked()
        super().verify_pin(pin)

    def change_pin(self, old: Secret, new: Secret) -> None:
        require_pin(old)
        require_pin(new)
        self._require_unblocked()
        super().change_pin(old, new)

    def unblock(self) -> None:
        super().unblock()
        if self._is_on(Scenario.BLOCKED_PIN):
            set_switch(self._database, Scenario.BLOCKED_PIN, False, self.name)

    def _is_on(self, scenario: Scenario) -> bool:
        return switches_now(self._database).is_on(scenario, (self.name,))

    def _require_unblocked(self) -> None:
        if self._is_on(Scenario.BLOCKED_PIN):
            super().pin_tries_left()  # a card that is out, or none, comes first
            raise errors.PinBlocked

    def _earlier(self, certificate: Certificate) -> Certificate:
        if certificate not in self._expired:
            self._expired[certificate] = self._citizen.issue(
                certificate.subject,
                cast("PublicKey", certificate.public_key()),
                (certificate.not_valid_before_utc - _EARLIER, certificate.not_valid_after_utc - _EARLIER),
                [
                    (extension.value, extension.critical)
                    for extension in certificate.extensions
                    if not isinstance(
                        extension.value, x509.SubjectKeyIdentifier | x509.AuthorityKeyIdentifier
                    )
                ],
            )
        return self._expired[certificate]


def _earlier_identity(identity: CardIdentity) -> CardIdentity:
    start, end = identity.valid_from, identity.valid_until
    if start is None or end is None:
        return identity
    return replace(identity, valid_from=start - _EARLIER, valid_until=end - _EARLIER)
