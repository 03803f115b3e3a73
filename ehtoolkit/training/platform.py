"""The embedded platform as one thing: opened on a folder, with all that a user or a trainer does with it."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.i18n import in_brussels
from ehtoolkit.training.authority.pki import Authorities
from ehtoolkit.training.authority.trust import TrustStore
from ehtoolkit.training.door import TrainingResponder
from ehtoolkit.training.http.transport import Faults
from ehtoolkit.training.lessons.forgotten_password import ForgottenKeystores
from ehtoolkit.training.people.person_state import PersonState, person_state
from ehtoolkit.training.registry.certificate_register import PendingRequests, Register
from ehtoolkit.training.scenario_actions import ScenarioActions
from ehtoolkit.training.service.authentication import RequestAuthenticator
from ehtoolkit.training.service.certificates import CertificateAuthority
from ehtoolkit.training.service.contracts import Contracts
from ehtoolkit.training.service.foreigners import ForeignAuthority
from ehtoolkit.training.service.operations import Services
from ehtoolkit.training.service.revocation import RevocationAuthority, RevocationContracts
from ehtoolkit.training.service.status_responder import StatusResponder
from ehtoolkit.training.service.tokens import TokenAuthority
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.database import DATABASE_FILE, TrainingDatabase
from ehtoolkit.training.state.invented_people import TrainingOrganisation, TrainingPerson
from ehtoolkit.training.state.mailbox import Mailbox
from ehtoolkit.training.state.mandates import Mandates
from ehtoolkit.training.state.people_store import PeopleStore
from ehtoolkit.training.state.scenarios import Scenario, Scenarios, ScenarioState, scenario_named, slowness
from ehtoolkit.training.sts.challenges import Challenges
from ehtoolkit.training.sts.service import TrainingSts

if TYPE_CHECKING:
    import ssl

    from cryptography.x509 import Certificate

    from ehtoolkit.card.verification import CardRoots
    from ehtoolkit.ehealth.sealing.message import TrustedAuthorities
    from ehtoolkit.identity import Identifier, Niss
    from ehtoolkit.training.http.server import TrainingServer
    from ehtoolkit.training.http.transport import TrainingStatusWire, TrainingTransport
    from ehtoolkit.training.lessons.discarded_keys import DiscardedKeys
    from ehtoolkit.training.people.training_card import TrainingCard
    from ehtoolkit.training.registry.issued_keystores import IssuedKeystores
    from ehtoolkit.training.service.certificate_view import PlatformCertificate
    from ehtoolkit.training.service.sealed_letters import SealedLetter
    from ehtoolkit.training.state.mailbox import Mail
    from ehtoolkit.training.state.person_factory import NewPerson

AUTHORITIES_FOLDER: Final = "ca"
CARDS_FOLDER: Final = "cards"
KEYSTORES_FOLDER: Final = "keystore"
DISCARDED_FOLDER: Final = "thrown-away"


def open_training(folder: Path, *, delivery_seconds: float) -> TrainingPlatform:
    """Return the training platform kept in ``folder``, which all processes of one EHTOOLKIT_HOME share.

    ``delivery_seconds``: how long it takes, by the training clock, to deliver a certificate that nobody has to
    validate. Raises `errors.FolderNotWritable`, `errors.DiskFull`, `errors.FileBusy` and `errors.FileUnreadable`.
    """
    return TrainingPlatform(folder, delivery_seconds=delivery_seconds)


class TrainingPlatform:
    """One embedded platform. Its authorities and the parts behind `responder` are made on first use."""

    def __init__(self, folder: Path, *, delivery_seconds: float) -> None:
        self.folder = folder
        self.delivery = timedelta(seconds=delivery_seconds)
        self._database = TrainingDatabase(folder / DATABASE_FILE)
        self.clock = TrainingClock(self._database)
        self._roster = PeopleStore(self._database)
        self._scenarios = Scenarios(self._database)
        self._mandates = Mandates(self._database, self._scenarios)

    @cached_property
    def authorities(self) -> Authorities:
        from ehtoolkit.training.authority.pki import open_authorities

        return open_authorities(self.folder / AUTHORITIES_FOLDER)

    @property
    def register(self) -> Register:
        """Every certificate that was asked for."""
        return self._parts.register

    @property
    def responder(self) -> TrainingResponder:
        """The responder to messages, whatever scenario is on; see `transport` and `server` for the ways to it."""
        return self._parts.responder

    @property
    def foreigners(self) -> ForeignAuthority:
        """The requests of people without a card. A trainer finds one and confirms it, in the place of the
        login that its holder would do at the validation address."""
        return self._parts.foreigners

    def transport(self, *, timeout: float = 30.0) -> TrainingTransport:
        """Return the way to the platform in this process; it stands where the HTTP transport stands.

        ``timeout``: seconds that an answer may take.
        """
        from ehtoolkit.training.http.transport import TrainingTransport

        return TrainingTransport(self._parts.faults, timeout)

    @property
    def certificate_status(self) -> StatusResponder:
        """The OCSP responder and the revocation lists."""
        return self._parts.certificate_status

    def status_wire(self) -> TrainingStatusWire:
        """Return the way to `certificate_status` in this process; it stands where `HttpTransport.fetch` stands."""
        from ehtoolkit.training.http.transport import TrainingStatusWire

        return TrainingStatusWire(self.certificate_status)

    def server(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
        trace: Path | None = None,
    ) -> TrainingServer:
        """Return the server that offers the platform over HTTP, or over HTTPS with ``tls``, not started yet. Raises
        `errors.OptionMissing` without a token on an address that others can reach."""
        from ehtoolkit.training.http.server import TrainingServer

        parts = self._parts
        return TrainingServer(
            parts.faults,
            parts.foreigners,
            parts.certificate_status,
            host=host,
            port=port,
            token=token,
            tls=tls,
            trace=trace,
        )

    def new_key_kind(self, number: Niss) -> NewKeyKind:
        """Return the kind of key that the authority wants which issues certificates to the person with that number."""
        person = self._roster.of(number.digits)
        is_ec = person is not None and person.certificate_is_ec
        return NewKeyKind.EC_P384 if is_ec else NewKeyKind.RSA_2048

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────
    def people(self) -> tuple[TrainingPerson, ...]:
        """Return the training people: the first is the default, and those that were added come last."""
        return self._roster.all()

    def person(self, name: str) -> TrainingPerson:
        """Return the training person with that short name, in any case; ``default`` is the first one. Raises
        `errors.CardUnknown`."""
        return self._roster.named(name)

    def person_states(self) -> tuple[PersonState, ...]:
        """Return the training people, each with their mandates, the scenarios that are on for them, and the state of
        their card."""
        switches, cards = self._scenarios.now(), self.folder / CARDS_FOLDER
        return tuple(person_state(one, self._mandates, switches, cards) for one in self.people())

    def card(self, name: str) -> TrainingCard:
        """Return the card of a training person by their short name, or ``default``; it is made on first use. A card of
        another name that lies in the same folder is returned too.

        Raises `errors.CardUnknown`, `errors.FolderNotWritable` and `errors.FileBusy`.
        """
        from ehtoolkit.training.people.cards import open_card
        from ehtoolkit.training.people.training_card import TrainingCard

        authorities = self.authorities
        card = open_card(self.folder / CARDS_FOLDER, name, authorities, self.people())
        known_as = self._roster.short_name(name)
        return TrainingCard(card, known_as, self._scenarios, authorities.citizen, authorities.rrn)

    def sts_authorities(self) -> tuple[Certificate, ...]:
        """Return the certificates of the authorities above the one that signs sessions, the root last."""
        return self.authorities.sts_signer.chain[1:]

    def card_roots(self) -> CardRoots:
        """Return the roots of the cards that are known now: the platform's own, and what was added with `trust`."""
        from ehtoolkit.card.verification import CardRoots

        return CardRoots(tuple(self._parts.trust.anchors()), training=True)

    def message_authorities(self) -> TrustedAuthorities:
        """Return whom the signers of sealed messages may stand under: both hierarchies of certificates, and cards."""
        from ehtoolkit.ehealth.sealing.message import TrustedAuthorities

        issuers = self.authorities.issuers
        anchors = (*(one.chain[-1] for one in issuers), *self._parts.trust.anchors())
        known = (*(one.certificate for one in issuers), self.authorities.citizen.certificate)
        return TrustedAuthorities(anchors, known)

    def unblock(self, name: str) -> None:
        """Give a person's card three tries again, and switch ``blocked-pin`` off for him; the PIN stays.

        Raises `errors.CardUnknown`, and `errors.CardAbsent` for a card that is not in its reader.
        """
        self.card(name).unblock()

    def set_mandate(self, name: str, organisation: TrainingOrganisation, *, held: bool) -> None:
        """Let a person act for an organisation from now on, or no longer. Raises `errors.CardUnknown`."""
        self._mandates.change(self._roster.named(name), organisation, held=held)

    def organisation(self, identifier: Identifier) -> TrainingOrganisation | None:
        """Return the organisation with that number, if one of the people acts for it, or did from the beginning; else
        None."""
        return self._mandates.known(identifier)

    def add_person(self, newcomer: NewPerson) -> TrainingPerson:
        """Add a person with a number and a card of their own, until `reset`, and return them.

        Raises `errors.InputInvalid` (reason ``name`` or ``birth_date``).
        """
        cards = self.folder / CARDS_FOLDER
        names = {one.name for one in cards.iterdir()} if cards.is_dir() else set()
        return self._roster.add(newcomer, in_brussels(self.clock.now()).date(), cards=names)

    # ── scenarios ────────────────────────────────────────────────────────────────────────────────────────
    def scenarios(self) -> tuple[ScenarioState, ...]:
        """Return the state of every scenario, with the people that it is on for."""
        switches = self._scenarios.now()
        return tuple(switches.state(one) for one in Scenario)

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
        scenario = scenario_named(name)
        whom = None if person is None else self._roster.named(person)
        short = None if whom is None else whom.name
        if scenario is Scenario.NOT_YET_DELIVERED:
            self._parts.switchboard.withhold(on, short)
        elif scenario is Scenario.REFUSED:
            self._parts.switchboard.refuse(on, short)
        elif scenario is Scenario.FORGOTTEN_PASSWORD:
            self._forget_password(on, whom, keystores or self.folder / KEYSTORES_FOLDER)
        else:
            value = str(slowness(seconds)) if on and scenario is Scenario.SLOW else None
            self._scenarios.switch(scenario, on, short, value)
        return self._scenarios.now().state(scenario)

    # ── what it holds ────────────────────────────────────────────────────────────────────────────────────
    def certificates(self) -> tuple[PlatformCertificate, ...]:
        """Return every certificate that was asked for, with its status and its token's, the one asked for last
        first."""
        from ehtoolkit.training.service.certificate_view import held_certificates

        parts = self._parts
        return held_certificates(parts.register, parts.authority, parts.tokens, self.clock.now())

    def decide(self, key_id: str, *, deliver: bool) -> bool:
        """Deliver or refuse one request now, as the platform's own check would.

        Returns False when there was nothing to decide, or not yet
        (`ehtoolkit.training.scenario_actions.ScenarioActions.decide`).
        """
        return self._parts.switchboard.decide(key_id, deliver=deliver)

    def mails(self) -> list[Mail]:
        """Return the e-mails that the platform has sent by now, newest first."""
        from ehtoolkit.training.state.mailbox import Mailbox

        return Mailbox(self._database, self.clock).list()

    def messages(self) -> list[SealedLetter]:
        """Return the sealed messages that colleagues have sent to all who have a token, newest first."""
        from ehtoolkit.training.service.sealed_letters import SealedLetters

        return SealedLetters(self._database, self.authorities, self._roster, self.clock).list()

    def discarded_keys(self, keystores: Path | None = None) -> DiscardedKeys:
        """Return what throws old keys away and brings them back. ``keystores``: the folder that learners work in; None:
        the one of training."""
        from ehtoolkit.training.lessons.discarded_keys import DiscardedKeys

        folder = keystores or self.folder / KEYSTORES_FOLDER
        return DiscardedKeys(self.register, folder, self.folder / DISCARDED_FOLDER)

    def issued(self, notes: Path) -> IssuedKeystores:
        """Return the test of whether a keystore is of this platform. ``notes``: the folder with the requests' notes."""
        from ehtoolkit.training.registry.issued_keystores import IssuedKeystores

        return IssuedKeystores(self._database, notes)

    def trust(self, certificate: bytes | Certificate) -> str:
        """Accept cards under this root (or authority, or this one card), until `reset`; PEM or DER.

        Returns its subject. Raises `errors.InputInvalid` (reason ``certificate``).
        """
        from ehtoolkit.training.authority.trust import read_certificate

        root = read_certificate(certificate) if isinstance(certificate, bytes) else certificate
        self._parts.trust.add(root)
        return root.subject.rfc4514_string()

    def reset(self, *, also: tuple[Path, ...] = (), real_folders: tuple[Path, ...] = ()) -> list[Path]:
        """Put the platform back to its beginning, and return the files that were deleted.

        Args:
            also: further folders with notes or keystores of training.
            real_folders: where real keystores are kept, beside the usual place in the home folder. See
                `ehtoolkit.training.reset.reset_training`.
        """
        from ehtoolkit.training.reset import reset_training

        return reset_training(
            (self.folder, *also),
            self._database,
            cards=self.folder / CARDS_FOLDER,
            authorities=self.folder / AUTHORITIES_FOLDER,
            real_folders=(Path.home() / "ehealth" / "keystore", *real_folders),
        )

    def close(self) -> None:
        """Close the connections to the database."""
        self._database.close()

    @cached_property
    def _parts(self) -> Components:

        return Components(self._database, self.authorities, self.clock, self.delivery)

    def _forget_password(self, on: bool, person: TrainingPerson | None, folder: Path) -> None:
        if on and person is None:
            raise errors.ScenarioUnfit(
                name=Scenario.FORGOTTEN_PASSWORD.value, person=None, reason="everybody"
            )
        for one in self.people() if person is None else (person,):
            self._parts.switchboard.forget_password(on, one, folder)


# ── The parts that need the authorities ──────────────────────────────────────────────────────────────────
class Components:
    """``responder`` answers messages, ``faults`` is what clients meet, ``switchboard`` what the trainer works;
    the others decide and remember."""

    def __init__(
        self, database: TrainingDatabase, authorities: Authorities, clock: TrainingClock, delivery: timedelta
    ) -> None:
        scenarios = Scenarios(database)
        mandates = Mandates(database, scenarios)
        mailbox = Mailbox(database, clock)
        self.trust = TrustStore(database, authorities.card_root)
        self.register = Register(database, authorities, clock)
        self.certificate_status = StatusResponder(self.register, authorities, clock)
        self.authority = CertificateAuthority(
            self.register, Contracts(database), mailbox, clock, delivery, mandates, scenarios
        )
        self.tokens = TokenAuthority(database, self.register, authorities.etk_signer, clock, scenarios)
        gate = RequestAuthenticator(self.trust, self.register, clock)
        revocations = RevocationAuthority(
            self.register, self.authority, self.tokens, RevocationContracts(database), mailbox, clock
        )
        self.foreigners = ForeignAuthority(database, self.register, self.authority, mailbox, clock, delivery)
        self.responder = TrainingResponder(
            Services(database, gate, self.authority, self.tokens, revocations, self.foreigners, clock),
            TrainingSts(
                authorities,
                self.trust,
                self.register,
                mandates,
                scenarios,
                Challenges(database, clock),
                clock,
            ),
            clock,
        )
        self.faults = Faults(self.responder, scenarios, self.register, mandates)
        self.switchboard = ScenarioActions(
            database,
            scenarios,
            PendingRequests(self.register, mailbox, clock),
            ForgottenKeystores(self.register, self.tokens, clock),
        )
