"""What is known of a certificate's holder for a new request, from the platform's words about the old certificate."""

from __future__ import annotations

from dataclasses import dataclass

from ehtoolkit import errors
from ehtoolkit.ehealth.actors import CertificateHolder, RegisteredContact
from ehtoolkit.ehealth.certificate_info import CertificateInfo
from ehtoolkit.identity import (
    PERSON_TYPE,
    Actor,
    ContactData,
    DistinguishedName,
    Identifier,
    Organisation,
    Person,
    normalise_name,
)
from ehtoolkit.procedures.request import Wish


@dataclass(frozen=True, slots=True)
class Again:
    """To fill in a new request with. ``contact`` may be older than today's rules, so it is to be confirmed."""

    holder: CertificateHolder
    contact: RegisteredContact

    @classmethod
    def of(cls, info: CertificateInfo) -> Again:
        return cls(info.holder, info.contact)

    @property
    def is_personal(self) -> bool:
        return self.holder.type == PERSON_TYPE

    @property
    def application_id(self) -> str | None:
        return self.holder.application_id

    @property
    def organisation(self) -> Organisation | None:
        """None for a person, and for a type that this program does not know."""
        if self.is_personal:
            return None
        try:
            return Organisation(Identifier(self.holder.type, self.holder.number), self.holder.name)
        except errors.IdentifierInvalid:
            return None

    def wish(self, signer: Person, contact: ContactData | None = None) -> Wish:
        """The new request of ``signer``; ``contact``: None takes what the platform has.

        Raises `errors.IdentifierInvalid` (reason ``type``) for an organisation of an unknown type, and
        `errors.ContactInvalid` for contact data that no longer pass.
        """
        actor: Actor | None = signer if self.is_personal else self.organisation
        if actor is None:
            raise errors.IdentifierInvalid(kind="identifier", reason="type")
        known = self.contact
        return Wish(
            signer,
            actor,
            contact or ContactData(known.email, known.phone, known.general_email, known.general_phone),
            self.application_id,
        )


def name_of(info: CertificateInfo) -> DistinguishedName | None:
    """The holder as far as type, number and application id tell; None for a type or form that this program does not
    know."""
    holder = info.holder
    try:
        identifier = Identifier(holder.type, holder.number)
        name = normalise_name(f"{holder.name} {holder.first_names}" if identifier.is_person else holder.name)
        return DistinguishedName(identifier, name, holder.application_id)
    except errors.InputInvalid:
        return None
