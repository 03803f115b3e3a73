"""The organisation that a command was given: what of it is known, what the platform says of it, what to warn of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ehtoolkit import errors
from ehtoolkit.cli.command_session import Session
from ehtoolkit.ehealth.certra import ActorQualities
from ehtoolkit.identity import DistinguishedName, Identifier, Organisation
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import read_request_record
from ehtoolkit.procedures.allowed_holders import ApplicationIds, ListedOrganisation, check_organisation


@dataclass(frozen=True, slots=True)
class RequestedOrganisation:
    """The organisation that a certificate is requested for, as the options name it.

    Attributes:
        name: None: the one that the platform lists.
        base_services: None: whatever the type allows.
    """

    identifier: Identifier
    name: str | None = None
    application_id: str | None = None
    base_services: tuple[str, ...] | None = None

    @classmethod
    def of_record(cls, file: KeystoreFile, session: Session) -> RequestedOrganisation | None:
        """Return the organisation that an unsent request was made for, by the note about it; None for a person, and
        without a note."""
        note = read_request_record(session.toolkit.context.notes, file.keystore.key_id)
        if note is None:
            return None
        asked = note.holder
        return None if asked.identifier.is_person else cls(asked.identifier, asked.name, asked.application_id)

    @property
    def organisation(self) -> Organisation:
        """Raises `errors.OptionMissing` while it has no name."""
        if self.name is None:
            raise errors.OptionMissing(option="--name", reason="needed")
        return Organisation(self.identifier, self.name)

    def checked(self, session: Session) -> RequestedOrganisation:
        """Check the organisation against what the platform says today, without a card, and return it with the base
        services of its type. Notices that stop no request are printed. Whether the application id is free is checked
        later, once it is known that no keystore of ours waits under it.

        Raises `errors.IdentifierInvalid` and `errors.DistinguishedNameInvalid`.
        """
        shown = Organisation(self.identifier, self.name or self.identifier.text)
        name = DistinguishedName.for_organisation(shown, self.application_id)
        found = check_organisation(name, session.toolkit.context, even_if_taken=True)
        if found is None:
            return self
        for notice in found.notices(shown.name):
            for key in (f"actors.{notice.key}", f"actors.{notice.key}.next"):
                session.say(key, **notice.facts)
        return replace(self, base_services=found.types.allowed_services(self.identifier.type))

    def listed(self, qualities: ActorQualities, language: str) -> RequestedOrganisation:
        """Return the organisation with the name that the platform lists it under for the card's holder, where it does;
        else as it is."""
        for organisation in qualities.organisations:
            if (organisation.type, organisation.number) == (self.identifier.type, self.identifier.value):
                return replace(self, name=ListedOrganisation(organisation, ApplicationIds()).name(language))
        return self
