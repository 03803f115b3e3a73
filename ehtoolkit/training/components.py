"""Puts the parts of the training platform together: everything that needs its authorities."""

from __future__ import annotations

from datetime import timedelta

from ehtoolkit.training.authority.pki import Authorities
from ehtoolkit.training.authority.trust import TrustStore
from ehtoolkit.training.clock import TrainingClock
from ehtoolkit.training.http.faults import Faults
from ehtoolkit.training.people.forgotten_password import ForgottenKeystores
from ehtoolkit.training.people.mandates import Mandates
from ehtoolkit.training.registry.certificate_register import Register
from ehtoolkit.training.registry.contracts import Contracts
from ehtoolkit.training.registry.database import TrainingDatabase
from ehtoolkit.training.registry.mailbox import Mailbox
from ehtoolkit.training.registry.pending_requests import PendingRequests
from ehtoolkit.training.scenario.scenario_actions import ScenarioActions
from ehtoolkit.training.scenario.scenarios import Scenarios
from ehtoolkit.training.service.authentication import RequestAuthenticator
from ehtoolkit.training.service.certificates import CertificateAuthority
from ehtoolkit.training.service.foreigners import ForeignAuthority
from ehtoolkit.training.service.operations import Services
from ehtoolkit.training.service.responder import TrainingResponder
from ehtoolkit.training.service.revocation import RevocationAuthority, RevocationContracts
from ehtoolkit.training.service.status_responder import StatusResponder
from ehtoolkit.training.service.tokens import TokenAuthority


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
            Services(database, gate, self.authority, self.tokens, revocations, self.foreigners, clock), clock
        )
        self.faults = Faults(self.responder, scenarios, self.register, mandates)
        self.switchboard = ScenarioActions(
            database,
            scenarios,
            PendingRequests(self.register, mailbox, clock),
            ForgottenKeystores(self.register, self.tokens, clock),
        )
