"""The embedded platform as a user or a trainer works it: opened on a folder, with all that they do with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.i18n import in_brussels
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.person_state import PersonState, person_state
from ehtoolkit.training.state.invented_people import TrainingOrganisation, TrainingPerson
from ehtoolkit.training.state.mailbox import sent_mails
from ehtoolkit.training.state.mandates import known_organisation, set_mandate
from ehtoolkit.training.state.people_store import add_person, all_people, find_person, person_with_number
from ehtoolkit.training.state.scenarios import Scenario, ScenarioState, scenario_named, switches_now

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ehtoolkit.card.trust import CardRoots
    from ehtoolkit.ehealth.sealing.models import TrustedAuthorities
    from ehtoolkit.identity import Identifier, Niss
    from ehtoolkit.training.card.training_card import TrainingCard
    from ehtoolkit.training.http.server import TrainingServer
    from ehtoolkit.training.http.transport import TrainingStatusWire, TrainingTransport
    from ehtoolkit.training.keystores.issued_keystores import IssuedKeystores
    from ehtoolkit.training.lessons.discarded_keys import DiscardedKeys
    from ehtoolkit.training.reset import FreshStart
    from ehtoolkit.training.service.certificate_info import PlatformCertificate
    from ehtoolkit.training.service.sealed_letters import SealedLetter
    from ehtoolkit.training.state.certificate_record import CertificateRecord
    from ehtoolkit.training.state.mailbox import Mail
    from ehtoolkit.training.state.people_store import NewPerson

KEYSTORES_FOLDER: Final = "keystore"
DISCARDED_FOLDER: Final = "thrown-away"


class TrainingPlatform(EmbeddedPlatform):
    """The training platform kept in ``folder``, which all processes of one EHTOOLKIT_HOME share, with all that a user
    or a trainer does with it.

    ``delivery_seconds``: how long it takes, by the training clock, to deliver a certificate that needs no check by a
    person. Raises `errors.FileUnreadable`, and what `make_folder` and `make_once` raise.

    A way to it opens its authorities: raises `errors.FileUnreadable` where their files are damaged.
    """

    # ── ways to it ───────────────────────────────────────────────────────────────────────────────────────
    def transport(self, *, timeout: float = 30.0) -> TrainingTransport:
        """Return the way to the platform in this process. ``timeout``: seconds that an answer may take."""
        from ehtoolkit.training.http.transport import TrainingTransport

        self._require_authorities()
        return TrainingTransport(self, timeout)

    def status_wire(self) -> TrainingStatusWire:
        """Return the way to the OCSP responder and the revocation lists in this process."""
        from ehtoolkit.training.http.transport import TrainingStatusWire

        self._require_authorities()
        return TrainingStatusWire(self)

    def server(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        trace: Path | None = None,
    ) -> TrainingServer:
        """Return the server that offers the platform over HTTP, not started yet. Raises `errors.OptionMissing` without
        a token on an address that others can reach."""
        from ehtoolkit.training.http.server import TrainingServer

        self._require_authorities()
        return TrainingServer(self, host=host, port=port, token=token, trace=trace)

    def _require_authorities(self) -> None:
        _ = self.authorities  # later, within a request, an error would be answered as a fault of the service

    def new_key_kind(self, number: Niss) -> NewKeyKind:
        """Return the kind of key that the authority wants which issues certificates to the person with that number."""
        person = person_with_number(self.database, number.digits)
        return NewKeyKind.RSA_2048 if person is None else person.key_kind

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────
    def people(self) -> tuple[TrainingPerson, ...]:
        """Return the training people: the first is the default, and those that were added come last."""
        return all_people(self.database)

    def person(self, name: str) -> TrainingPerson:
        """Return the training person with that short name, in any case; ``default`` is the first one. Raises
        `errors.CardUnknown`."""
        return find_person(self.database, name)

    def person_states(self) -> tuple[PersonState, ...]:
        """Return the training people, each with their mandates, the scenarios that are on for them, and the state of
        their card."""
        switches = switches_now(self.database)
        return tuple(person_state(self, person, switches) for person in self.people())

    def card(self, name: str) -> TrainingCard:
        """Return the card of a training person by their short name, or ``default``; it is made on first use. A card of
        another name that lies in the same folder is returned too.

        Raises `errors.CardUnknown`, `errors.FolderNotWritable` and `errors.FileBusy`.
        """
        from ehtoolkit.training.card.card_factory import card_folder
        from ehtoolkit.training.card.training_card import TrainingCard

        authorities = self.authorities
        folder = card_folder(self.cards, name, authorities, self.people())
        return TrainingCard(folder, self.database, authorities.citizen, authorities.rrn)

    def sts_authorities(self) -> tuple[Certificate, ...]:
        """Return the certificates of the authorities above the one that signs sessions, the root last."""
        return self.authorities.sts_signer.chain[1:]

    def card_roots(self) -> CardRoots:
        """Return the roots of the cards that are known now: the platform's own, and what was added with `trust`."""
        from ehtoolkit.card.trust import CardRoots
        from ehtoolkit.training.authority.trust import card_anchors

        return CardRoots(tuple(card_anchors(self)), training=True)

    def message_authorities(self) -> TrustedAuthorities:
        """Return whom the signers of sealed messages may stand under: both hierarchies of certificates, and cards."""
        from ehtoolkit.ehealth.sealing.models import TrustedAuthorities
        from ehtoolkit.training.authority.trust import card_anchors

        issuers = self.authorities.issuers
        anchors = (*(issuer.chain[-1] for issuer in issuers), *card_anchors(self))
        known = (*(issuer.certificate for issuer in issuers), self.authorities.citizen.certificate)
        return TrustedAuthorities(anchors, known)

    def unblock(self, name: str) -> None:
        """Give a person's card three tries again, and switch ``blocked-pin`` off for him; the PIN stays.

        Raises `errors.CardUnknown`, and `errors.CardAbsent` for a card that is not in its reader.
        """
        self.card(name).unblock()

    def set_mandate(self, name: str, organisation: TrainingOrganisation, *, granted: bool) -> None:
        """Let a person act for an organisation from now on, or no longer. Raises `errors.CardUnknown`."""
        set_mandate(self.database, self.person(name), organisation, granted=granted)

    def organisation(self, identifier: Identifier) -> TrainingOrganisation | None:
        """Return the organisation with that number, if one of the people acts for it, or did from the beginning; else
        None."""
        return known_organisation(self.database, identifier)

    def add_person(self, newcomer: NewPerson) -> TrainingPerson:
        """Add a person with a number and a card of their own, until `reset`, and return them.

        Raises `errors.InputInvalid` (reason ``name`` or ``birth_date``).
        """
        names = {path.name for path in self.cards.iterdir()} if self.cards.is_dir() else set()
        today = in_brussels(self.clock.now()).date()
        return add_person(self.database, newcomer, today, cards=names)

    # ── scenarios ────────────────────────────────────────────────────────────────────────────────────────
    def scenarios(self) -> tuple[ScenarioState, ...]:
        """Return the state of every scenario, with the people that it is on for."""
        switches = switches_now(self.database)
        return tuple(switches.state(scenario) for scenario in Scenario)

    def switch(
        self,
        name: str,
        on: bool,
        person: str | None = None,
        *,
        seconds: float | None = None,
        keystores: Path | None = None,
    ) -> ScenarioState:
        """Switch a scenario for a person, or for everybody, and return who it is on for then.

        Args:
            seconds: how slow ``slow`` is.
            keystores: the folder in which ``forgotten-password`` leaves its keystore, which is for one person; None:
                the one of training.

        Raises `errors.ScenarioUnknown`, `errors.CardUnknown`, `errors.ScenarioUnfit`, and what writing a keystore
        raises.
        """
        from ehtoolkit.training.lessons import scenario_actions

        scenario = scenario_named(name)
        known = None if person is None else self.person(person)
        folder = keystores or self.folder / KEYSTORES_FOLDER
        scenario_actions.switch(self, scenario, on, known, seconds=seconds, keystores=folder)
        return switches_now(self.database).state(scenario)

    # ── back to the beginning ────────────────────────────────────────────────────────────────────────────────
    def start_afresh(
        self, name: str, *, also: tuple[Path, ...] = (), real_folders: tuple[Path, ...] = ()
    ) -> FreshStart:
        """Let a person start afresh: the platform forgets their certificates, the files of these are moved aside, and
        their PIN has all its tries. ``also`` and ``real_folders``: as in `reset`.

        Raises `errors.CardUnknown`, and what `ehtoolkit.training.reset.start_afresh` raises.
        """
        from ehtoolkit.training.reset import start_afresh

        person = self.person(name)
        done = start_afresh(self, person, also, real_folders)
        state = next(state for state in self.person_states() if state.person.name == person.name)
        if state.tries_left == 0 and state.plugged:
            self.unblock(person.name)
        return done

    # ── what it holds ────────────────────────────────────────────────────────────────────────────────────
    def certificates(self) -> tuple[PlatformCertificate, ...]:
        """Return every certificate that was asked for, with its status and its token's, the one asked for last
        first."""
        from ehtoolkit.training.service.certificate_info import platform_certificates

        return platform_certificates(self)

    def decide(self, key_id: str, *, deliver: bool) -> bool:
        """Deliver or refuse one request now, as the platform's own check would. Returns False when there was nothing to
        decide, or not yet (`lessons.scenario_actions.decide`)."""
        from ehtoolkit.training.lessons import scenario_actions

        return scenario_actions.decide(self, key_id, deliver=deliver)

    def find_request(self, wanted: str) -> CertificateRecord:
        """Return the request of a person without a card that has this validation address or key identifier. Raises
        `errors.ValidationImpossible`."""
        from ehtoolkit.training.service.foreigners import find_request

        return find_request(self, wanted)

    def confirm_request(self, key_id: str) -> CertificateRecord:
        """Confirm a request of a person without a card, instead of the login that its holder would do at the validation
        address, and return it. Raises `errors.ValidationImpossible`."""
        from ehtoolkit.training.service.foreigners import confirm_request

        return confirm_request(self, key_id)

    def mails(self) -> list[Mail]:
        """Return the e-mails that the platform has sent by now, newest first."""
        return sent_mails(self.database, self.clock.now())

    def messages(self) -> list[SealedLetter]:
        """Return the sealed messages that colleagues have sent to all who have a token, newest first."""
        from ehtoolkit.training.service.sealed_letters import sealed_letters

        return sealed_letters(self)

    def discarded_keys(self, keystores: Path | None = None) -> DiscardedKeys:
        """Return what throws old keys away and brings them back. ``keystores``: the folder that learners work in; None:
        the one of training."""
        from ehtoolkit.training.lessons.discarded_keys import DiscardedKeys

        folder = keystores or self.folder / KEYSTORES_FOLDER
        return DiscardedKeys(self, folder, self.folder / DISCARDED_FOLDER)

    def issued(self, notes: Path) -> IssuedKeystores:
        """Return the test of whether a keystore is of this platform. ``notes``: the folder with the requests' notes."""
        from ehtoolkit.training.keystores.issued_keystores import IssuedKeystores

        return IssuedKeystores(self.database, notes)

    def trust(self, certificate: bytes | Certificate) -> str:
        """Accept cards under this root (or authority, or this one card), until `reset`; PEM or DER.

        Returns its subject. Raises `errors.InputInvalid` (reason ``certificate``).
        """
        from ehtoolkit.training.authority.trust import read_certificate, trust

        root = read_certificate(certificate) if isinstance(certificate, bytes) else certificate
        trust(self.database, root)
        return root.subject.rfc4514_string()

    def reset(self, *, also: tuple[Path, ...] = (), real_folders: tuple[Path, ...] = ()) -> FreshStart:
        """Put the platform back to its beginning, and return what was moved aside: nothing is deleted.

        Args:
            also: further folders with notes or keystores of training.
            real_folders: where real keystores are kept, beside the usual place in the home folder.

        Raises what `ehtoolkit.training.reset.reset_training` raises.
        """
        from ehtoolkit.training.reset import reset_training

        return reset_training(self, also, real_folders)

    def close(self) -> None:
        """Close the connections to the database."""
        self.database.close()
