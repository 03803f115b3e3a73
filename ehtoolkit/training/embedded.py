"""The embedded platform as one thing: opened on a folder, with all that a user or a trainer does with it."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit.training.clock import TrainingClock
from ehtoolkit.training.people import PEOPLE, TrainingPerson
from ehtoolkit.training.state import Database

if TYPE_CHECKING:  # most commands of a trainer need none of the cryptography behind these
    import ssl

    from cryptography.x509 import Certificate

    from ehtoolkit.card import SoftwareCard
    from ehtoolkit.training.mailbox import Mail
    from ehtoolkit.training.pki import Authorities
    from ehtoolkit.training.register import Register
    from ehtoolkit.training.responder import TrainingResponder
    from ehtoolkit.training.server import TrainingServer
    from ehtoolkit.training.transport import TrainingTransport
    from ehtoolkit.training.trust import TrustStore

DATABASE_FILE: Final = "platform.sqlite3"
AUTHORITIES_FOLDER: Final = "ca"
CARDS_FOLDER: Final = "cards"


def open_training(folder: Path, *, delivery_seconds: float) -> Training:
    """The training platform kept in ``folder``, which all processes of one EHTOOLKIT_HOME share.

    ``delivery_seconds``: how long it takes, by the training clock, to deliver a certificate that nobody has
    to validate. Raises `errors.FolderNotWritable`, `errors.DiskFull` and `errors.FileUnreadable`.
    """
    return Training(folder, delivery_seconds=delivery_seconds)


class Training:
    """One embedded platform. Its authorities and the parts behind `responder` are made on first use."""

    def __init__(self, folder: Path, *, delivery_seconds: float) -> None:
        self.folder = folder
        self.delivery = timedelta(seconds=delivery_seconds)
        self._database = Database(folder / DATABASE_FILE)
        self.clock = TrainingClock(self._database)

    @cached_property
    def authorities(self) -> Authorities:
        from ehtoolkit.training.pki import open_authorities

        return open_authorities(self.folder / AUTHORITIES_FOLDER)

    @cached_property
    def register(self) -> Register:
        """What the platform holds: every certificate that was asked for."""
        from ehtoolkit.training.register import Register

        return Register(self._database, self.authorities, self.clock)

    @cached_property
    def responder(self) -> TrainingResponder:
        """Answers messages; see `transport` and `server` for the ways to it."""
        from ehtoolkit.training.authority import CertificateAuthority
        from ehtoolkit.training.contract import Contracts
        from ehtoolkit.training.gate import Gate
        from ehtoolkit.training.mailbox import Mailbox
        from ehtoolkit.training.responder import TrainingResponder
        from ehtoolkit.training.services import Services
        from ehtoolkit.training.tokens import TokenAuthority

        database, clock, register = self._database, self.clock, self.register
        gate = Gate(self._trust_store, register, clock)
        authority = CertificateAuthority(
            register, Contracts(database), Mailbox(database, clock), clock, self.delivery
        )
        tokens = TokenAuthority(database, register, self.authorities.etk_signer, clock)
        return TrainingResponder(Services(database, gate, authority, tokens, clock), clock)

    def transport(self) -> TrainingTransport:
        """The way to the platform in this process; stands where the HTTP transport stands."""
        from ehtoolkit.training.transport import TrainingTransport

        return TrainingTransport(self.responder)

    def server(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> TrainingServer:
        """The way to the platform over HTTP, not started yet. Raises `errors.OptionMissing` without a token
        on an address that others can reach."""
        from ehtoolkit.training.server import TrainingServer

        return TrainingServer(self.responder, host=host, port=port, token=token, tls=tls)

    def people(self) -> tuple[TrainingPerson, ...]:
        """The training people; the first is the default."""
        return PEOPLE

    def card(self, name: str) -> SoftwareCard:
        """The card of a training person by his short name, or ``default``; made on first use.

        Raises `errors.CardUnknown`.
        """
        from ehtoolkit.training.cards import open_card

        return open_card(self.folder / CARDS_FOLDER, name, self.authorities)

    def mails(self) -> list[Mail]:
        """The e-mails that the platform has sent by now, newest first."""
        from ehtoolkit.training.mailbox import Mailbox

        return Mailbox(self._database, self.clock).list()

    def trust(self, certificate: bytes | Certificate) -> str:
        """Accept cards under this root (or authority, or this one card), until `reset`; PEM or DER.

        Returns its subject. Raises `errors.InputInvalid` (reason ``certificate``).
        """
        from ehtoolkit.training.trust import read_certificate

        root = read_certificate(certificate) if isinstance(certificate, bytes) else certificate
        self._trust_store.add(root)
        return root.subject.rfc4514_string()

    def reset(self, *, also: tuple[Path, ...] = (), real_folders: tuple[Path, ...] = ()) -> list[Path]:
        """Back to the beginning; returns the files that were deleted.

        ``also``: further folders with notes or keystores of training. ``real_folders``: where real keystores
        are kept, beside the usual place in the home folder. See `ehtoolkit.training.reset.reset_training`.
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
        """Let go of the database."""
        self._database.close()

    @cached_property
    def _trust_store(self) -> TrustStore:
        from ehtoolkit.training.trust import TrustStore

        return TrustStore(self._database, self.authorities.card_root)
