"""Puts the parts of the training platform together: everything that needs its authorities."""

from __future__ import annotations

from datetime import timedelta

from ehtoolkit.training.authority import CertificateAuthority
from ehtoolkit.training.certificate_status import CertificateStatus
from ehtoolkit.training.clock import TrainingClock
from ehtoolkit.training.contract import Contracts
from ehtoolkit.training.faults import Faults
from ehtoolkit.training.foreigners import ForeignAuthority
from ehtoolkit.training.forgotten import ForgottenKeystores
from ehtoolkit.training.gate import Gate
from ehtoolkit.training.mailbox import Mailbox
from ehtoolkit.training.mandates import Mandates
from ehtoolkit.training.pki import Authorities
from ehtoolkit.training.register import Register
from ehtoolkit.training.responder import TrainingResponder
from ehtoolkit.training.revocation import RevocationAuthority, RevocationContracts
from ehtoolkit.training.scenarios import Scenarios
from ehtoolkit.training.services import Services
from ehtoolkit.training.state import Database
from ehtoolkit.training.switchboard import Switchboard
from ehtoolkit.training.tokens import TokenAuthority
from ehtoolkit.training.trust import TrustStore
from ehtoolkit.training.waiting import WaitingRequests


class Assembly:
    """``responder`` answers messages, ``faults`` is what clients meet, ``switchboard`` what the trainer works;
    the others decide and remember."""

    def __init__(
        self, database: Database, authorities: Authorities, clock: TrainingClock, delivery: timedelta
    ) -> None:
        scenarios = Scenarios(database)
        mandates = Mandates(database, scenarios)
        mailbox = Mailbox(database, clock)
        self.trust = TrustStore(database, authorities.card_root)
        self.register = Register(database, authorities, clock)
        self.certificate_status = CertificateStatus(self.register, authorities, clock)
        self.authority = CertificateAuthority(
            self.register, Contracts(database), mailbox, clock, delivery, mandates, scenarios
        )
        self.tokens = TokenAuthority(database, self.register, authorities.etk_signer, clock, scenarios)
        gate = Gate(self.trust, self.register, clock)
        revocations = RevocationAuthority(
            self.register, self.authority, self.tokens, RevocationContracts(database), mailbox, clock
        )
        self.foreigners = ForeignAuthority(database, self.register, self.authority, mailbox, clock, delivery)
        self.responder = TrainingResponder(
            Services(database, gate, self.authority, self.tokens, revocations, self.foreigners, clock), clock
        )
        self.faults = Faults(self.responder, scenarios, self.register, mandates)
        self.switchboard = Switchboard(
            database,
            scenarios,
            WaitingRequests(self.register, mailbox, clock),
            ForgottenKeystores(self.register, self.tokens, clock),
        )
