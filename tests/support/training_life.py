"""A certificate's life on the training platform, for a person or an organisation, with the clock walked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.certificate_info_xml import RegisteredContact
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.etk import Etk, read_etk
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.identity import Actor, ContactData, Identifier, Organisation
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import ActivationResult, activate, complete
from ehtoolkit.procedures.renew import renew
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.procedures.revoke import revoke
from ehtoolkit.procedures.state.certificate_list import by_key
from ehtoolkit.secret import Secret
from tests.procedures.conftest import PASSWORD, PIN, Road

PHARMACY = Organisation(Identifier("NIHII-PHARMACY", "71452079"), "Pharmacie de l'Été & fils")
HOSPITAL = Organisation(Identifier("NIHII-HOSPITAL", "72201355"), "Clinique Sainte-Hélène")
LABORATORY = Organisation(Identifier("NIHII-LABO", "81234530"), "Laboratoire du Canal")
"""No person is listed for it, so that somebody looks at the request first."""
PRACTICE = Organisation(Identifier("CBE", "0486132722"), "Cabinet Les Tilleuls")
CONTACT = ContactData("elise@example.be", "+32 4 555 01 42", "practice@example.be", "+32 4 555 01 00")


@dataclass(frozen=True)
class Life:
    """One holder. ``card``: the short name of a training person; ``kind``: of the key of a first certificate, where it
    is named: a renewed one then has a key of the other kind."""

    road: Road
    card: str = "elise"
    organisation: Organisation | None = None
    application_id: str | None = None
    kind: NewKeyKind | None = None
    password: Secret = field(default_factory=lambda: PASSWORD)

    @property
    def requested(self) -> CertificateRequest:
        person = self.road.toolkit.open_card(f"training:{self.card}").identity().person
        actor: Actor = self.organisation or person
        return CertificateRequest(person, actor, CONTACT, self.application_id)

    def move(self, text: str) -> None:
        assert self.road.toolkit.training is not None
        self.road.toolkit.training.clock.move(text)

    def open(self, path: Path, password: Secret | None = None) -> KeystoreFile:
        return KeystoreFile.open(path, password or self.password)

    def ask(self) -> ProcedureResult:
        """A request that the platform has not delivered yet."""
        card = self.road.toolkit.open_card(f"training:{self.card}")
        return request(
            self.requested,
            card,
            lambda _: PIN,
            self.password,
            self.road.toolkit.context,
            show=lambda _: None,
            kind=self.kind,
        )

    def first(self) -> KeystoreFile:
        """A complete keystore, on the day after its request."""
        asked = self.ask()
        self.move("+1d")
        file = self.open(asked.keystore)
        assert complete(file, self.road.toolkit.context).state is State.COMPLETE
        return file

    def due(self) -> KeystoreFile:
        """A complete keystore in its replacement period."""
        file = self.first()
        self.move("+34mo")
        return file

    def renew(
        self,
        file: KeystoreFile,
        *,
        card: str | None = None,
        password: Secret | None = None,
        contact: Callable[[RegisteredContact], ContactData] = RegisteredContact.as_contact,
        show: Callable[[object], None] = lambda _: None,
        present: Secret | None = None,
    ) -> ProcedureResult:
        reader = self.road.toolkit.open_card(f"training:{card or self.card}")
        context = self.road.toolkit.context
        return renew(
            file,
            reader,
            lambda _: PIN,
            password or self.password,
            context,
            show=show,
            contact=contact,
            kind=self.kind and self.kind.other,
            present=present,
        )

    def renewed(self) -> tuple[KeystoreFile, KeystoreFile]:
        """The old keystore and the new one, which is complete and waits for activation."""
        old = self.due()
        asked = self.renew(old)
        self.move("+1d")
        new = self.open(asked.keystore)
        assert complete(new, self.road.toolkit.context).state is State.TO_ACTIVATE
        return old, new

    def revoke(self, key_id: str) -> None:
        """By the list of the card's holder, as on another computer: no file is touched."""
        card = self.road.toolkit.open_card(f"training:{self.card}")
        reason = RevocationReason.CESSATION_OF_OPERATION
        revoke(card, lambda _: PIN, by_key(key_id), reason, self.road.toolkit.context, show=lambda _: None)

    def refused(self, file: KeystoreFile, card: str | None = None) -> errors.EhToolkitError:
        """The error of a renewal that leaves nothing behind: no file, no message, and the old file as it was."""
        files = sorted(file.path.parent.glob("*p12"))
        before, sent = file.path.read_bytes(), self.road.wire.count("generatecertificate")
        with pytest.raises(errors.EhToolkitError) as caught:
            self.renew(file, card=card)
        assert sorted(file.path.parent.glob("*p12")) == files
        assert file.path.read_bytes() == before
        assert self.road.wire.count("generatecertificate") == sent
        return caught.value

    def activate(self, file: KeystoreFile) -> ActivationResult:
        return activate(file, self.road.toolkit.context)

    def published(self) -> Etk:
        """The token that the depot gives out for the holder."""
        name = self.requested.name
        data = self.road.toolkit.context.platform.depot.get_etk(name.identifier, name.application_id)
        assert data is not None
        return read_etk(data)


def remembering(seen: list[Response]) -> Callable[[Response], Response]:
    """For a wire: keep the answers, to play them back later."""

    def act(answer: Response) -> Response:
        seen.append(answer)
        return answer

    return act
