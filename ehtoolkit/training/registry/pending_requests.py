"""Requests that wait for their certificate, and what a trainer lets become of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ehtoolkit.training.clock import TrainingClock
from ehtoolkit.training.registry.certificate_record import CertificateRecord, IssuanceStatus
from ehtoolkit.training.registry.certificate_register import Register
from ehtoolkit.training.registry.mailbox import Mailbox


@dataclass(frozen=True, slots=True)
class PendingRequests:
    """Changes requests under way, and writes the e-mails about it."""

    register: Register
    mailbox: Mailbox
    clock: TrainingClock

    def all(self, which: Callable[[CertificateRecord], bool]) -> list[CertificateRecord]:
        """Those that nothing was decided about yet."""
        now = self.clock.now()
        waiting = [one for one in self.register.all() if one.status(now) is IssuanceStatus.IN_PROGRESS]
        return [one for one in waiting if which(one)]

    def refuse(self, record: CertificateRecord) -> None:
        """The one who checks it says no, now."""
        self.register.refuse(record.key_id)
        self.mailbox.refuse(record, self.clock.now())

    def release(self, record: CertificateRecord) -> None:
        """Deliver now what was withheld beyond its time; what is not due yet keeps its time."""
        if record.deliver_at < self.clock.now():
            self.deliver(record)

    def deliver(self, record: CertificateRecord) -> None:
        """Deliver now, whatever its time was."""
        now = self.clock.now()
        self.register.release(record.key_id, now)
        self.mailbox.postpone(record, now)
