"""Builds the real or the training parts from the settings: the only place that knows both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.card.pkcs11.card import Pkcs11Card
from ehtoolkit.card.port import PKCS11, Card, CardSpec
from ehtoolkit.card.readers import CardLister
from ehtoolkit.clock import Clock, SystemClock
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.platform import base_url_of, platform_at
from ehtoolkit.ehealth.sealing.models import TrustedAuthorities
from ehtoolkit.ehealth.soap.transport import LastExchange, TraceFolder, Tracer, Transport
from ehtoolkit.ehealth.sts.assertion import PLATFORM_NUMBER, SessionSigner
from ehtoolkit.identity import Environment, Niss, Person
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.context import Context, belgian_roots, folder_of_others, newest_kind
from ehtoolkit.procedures.result import record_state
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings
from ehtoolkit.system.loopback import is_loopback
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.authority import STS_NUMBER
from ehtoolkit.training.class_link import ClassLink, LocalClass, RemoteClass

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ehtoolkit.ehealth.revocation import RevocationChecker
    from ehtoolkit.ehealth.revocation_answers import AskRevocation, RevocationResult
    from ehtoolkit.ehealth.soap.transport import Fetcher
    from ehtoolkit.ehealth.wire.http import HttpTransport
    from ehtoolkit.training.keystores.issued_keystores import IssuedKeystores

_CLASS_SECONDS: Final = 3.0
"""A page waits so long for the class, and tries again later."""


@dataclass(frozen=True, slots=True)
class Toolkit:
    """Everything that the command line and the forms work with. ``training``: None in the real environments.

    ``last_exchange``: the last messages to and from the platform, for a helpdesk.
    """

    settings: Settings
    context: Context
    training: TrainingPlatform | None
    last_exchange: LastExchange
    _connection: HttpTransport | None = None

    def close(self) -> None:
        """Release the connection and the training database."""
        if self._connection is not None:
            self._connection.close()
        if self.training is not None:
            self.training.close()

    @property
    def default_card(self) -> str:
        """The card of the settings, else the first training person's in training, the middleware's elsewhere."""
        return self.settings.card or ("training:default" if self.training is not None else "pkcs11:")

    def open_card(self, specification: str | None = None) -> Card:
        """Return the card of ``training:NAME``, ``pkcs11:MODULE`` or ``pkcs11:MODULE#READER``, or `default_card`.

        Raises `errors.CardError` (`errors.RealCardRefused` among them), or `errors.SettingInvalid` for another form,
        and for a card in a reader on a server that is shared.
        """
        choice = CardSpec.parse(specification or self.default_card)
        if choice.kind == PKCS11:
            if self.settings.shared:  # the reader and the module are those of the server
                raise errors.SettingInvalid(setting="card", reason="shared_card")
            self._require_near_platform()
            return Pkcs11Card(
                choice.module,
                timeout=self.settings.card_timeout,
                person_timeout=self.settings.card_person_timeout,
                reader=choice.reader,
            )
        if self.training is None:
            raise errors.SettingInvalid(setting="card")
        return self.training.card(choice.name)

    def _require_near_platform(self) -> None:
        """Raise `errors.RealCardRefused` in training with a platform on another computer: what that one has signed, it
        could hand on to the real platform, a revocation for example."""
        address = self.settings.platform_url
        if self.training is None or address is None:
            return
        host = urlsplit(address).hostname or ""
        if not is_loopback(host):
            raise errors.RealCardRefused(host=host)

    @property
    def uses_readers(self) -> bool:
        """Whether the card is one in a reader of this computer, and none of training. Raises
        `errors.SettingInvalid`."""
        return CardSpec.parse(self.default_card).kind == PKCS11

    @property
    def training_cards(self) -> Mapping[str, Person]:
        """The training cards to choose from: the holder by what `open_card` takes. Empty where the card is in a reader.
        Raises `errors.SettingInvalid`."""
        if self.training is None or self.uses_readers:
            return {}
        return {f"training:{known.name}": known.person for known in self.training.people()}

    @property
    def allowed_keystores(self) -> IssuedKeystores | None:
        """The keystores that may be opened on a shared server; None where all may."""
        if not self.settings.shared or self.training is None:
            return None
        return self.training.issued(self.context.notes)

    def require_openable(self, path: Path) -> None:
        """Make sure that a keystore may be opened here: on a server that is shared, one that it issued alone.

        Raises `errors.KeystoreNotIssued`, and there what reading the file raises.
        """
        if (allowed := self.allowed_keystores) is not None:
            allowed.require(path)

    def open_keystore(self, path: Path, password: Secret) -> KeystoreFile:
        """Open a keystore, and keep what it shows for the first page. Raises what `require_openable` and
        `KeystoreFile.open` raise, and `errors.NotAKeystore` (kind ``encryption_key``) for one that has encryption keys
        alone."""
        self.require_openable(path)
        file = KeystoreFile.open(path, password)
        if file.keystore.lacks_authentication:
            raise errors.NotAKeystore(path=str(path), kind="encryption_key")
        record_state(file, self.context)
        return file

    def readers(self) -> CardLister:
        """Return what looks at the cards in the readers, to be closed. Raises `errors.ModuleMissing`."""
        choice = CardSpec.parse(self.default_card)
        return CardLister(choice.module, timeout=self.settings.card_timeout)


def open_toolkit(settings: Settings) -> Toolkit:
    """Open the parts for ``settings.environment``, with messages traced where that is asked for."""
    environment = Environment(settings.environment)
    training = open_training_platform(settings) if environment is Environment.TRAINING else None
    clock: Clock = SystemClock() if training is None else training.clock
    connection: HttpTransport | None = None
    if training is not None and settings.platform_url is None:
        transport: Transport = training.transport(timeout=settings.platform_timeout)
    else:
        from ehtoolkit.ehealth.wire.http import HttpTransport

        transport = connection = HttpTransport(settings)
    if settings.trace is not None:
        transport = Tracer(transport, TraceFolder(settings.trace))
    transport = last_exchange = LastExchange(transport)
    context = Context(
        environment=environment,
        platform=platform_at(
            transport,
            base_url_of(environment, settings.platform_url),
            clock,
            escape_contract_dn=settings.escape_contract_dn,
            sender=settings.sender,
            session_signer=SessionSigner(
                settings.session_signer, PLATFORM_NUMBER if training is None else STS_NUMBER
            ),
            # A training server's clock is moved for itself; in one process it is the same as ours.
            compare_clock=training is None or connection is None,
            sts_authorities=tuple if training is None or settings.platform_url else training.sts_authorities,
        ),
        clock=clock,
        keystores=settings.keystores,
        notes=settings.notes,
        locks=settings.home / "locks",
        elsewhere=folder_of_others(settings, environment),
        card_roots=belgian_roots if training is None else training.card_roots,
        others=connection if training is None else None,
        new_key_kind=_new_key_kind(settings, training),
        profile=EncryptionProfile(settings.keystore_profile),
        message_authorities=TrustedAuthorities if training is None else training.message_authorities,
    )
    return Toolkit(settings, context, training, last_exchange, connection)


def _new_key_kind(settings: Settings, training: TrainingPlatform | None) -> Callable[[Niss], NewKeyKind]:
    """Return the function that gives the kind of a new key for a NISS, by what the setting ``authentication_key``
    says."""
    if settings.authentication_key != "auto":
        kind = NewKeyKind(settings.authentication_key)
        return lambda _: kind
    return newest_kind if training is None else training.new_key_kind


@contextmanager
def revocation_asker(settings: Settings, *, anew: bool = True) -> Iterator[AskRevocation]:
    """Yield the function that asks the authorities of certificates whether they are revoked, each in its own
    environment, whatever environment is set; close its connections after the block. ``anew``: without it, an earlier
    answer is good as long as it holds."""
    from ehtoolkit.ehealth.revocation import check_revocation

    with ExitStack() as opened:
        checkers: dict[bool, RevocationChecker] = {}

        def ask(chain: Sequence[Certificate], environment: Environment | None) -> RevocationResult:
            trains = environment is Environment.TRAINING
            if trains not in checkers:
                opening = _training_checker(settings) if trains else _real_checker(settings, anew=anew)
                checkers[trains] = opened.enter_context(opening)
            return check_revocation(chain, checkers[trains])

        yield ask


@contextmanager
def _real_checker(settings: Settings, *, anew: bool) -> Iterator[RevocationChecker]:
    from ehtoolkit.ehealth.revocation import KnownHosts, RevocationCache, RevocationChecker
    from ehtoolkit.ehealth.wire.http import HttpTransport

    clock = SystemClock()
    kept = RevocationCache(settings.home / "revocation.json", ask_anew=anew)
    try:
        with closing(HttpTransport(settings)) as connection:
            yield RevocationChecker(KnownHosts(connection), clock, kept)
    finally:
        kept.save(clock.now())


@contextmanager
def _training_checker(settings: Settings) -> Iterator[RevocationChecker]:
    """Yield a checker that asks at the training server where the settings name one, else in this process. Nothing is
    kept: a lesson revokes, asks, and moves the clock."""
    from ehtoolkit.ehealth.revocation import KnownHosts, RevocationChecker

    with ExitStack() as opened:
        training = opened.enter_context(closing(open_training_platform(settings)))
        wire: Fetcher = training.status_wire()
        if settings.platform_url is not None and settings.environment == "training":
            from ehtoolkit.ehealth.wire.http import HttpTransport
            from ehtoolkit.training.http.transport import ServerStatusWire

            connection = opened.enter_context(closing(HttpTransport(settings)))
            wire = ServerStatusWire(connection, settings.platform_url)
        yield RevocationChecker(KnownHosts(wire), training.clock)


def open_training_platform(settings: Settings) -> TrainingPlatform:
    """Open the embedded platform of this EHTOOLKIT_HOME."""
    return TrainingPlatform(settings.training_folder, delivery_seconds=settings.training_delivery)


def open_class_link(settings: Settings) -> ClassLink | None:
    """Return the way of a page to the class of a trainer: to the training server of the settings, else to the platform
    of this EHTOOLKIT_HOME. None in the real environments, where nothing is reported.

    Raises `errors.SettingInvalid` (setting ``proxy`` or ``ca_file``).
    """
    if settings.environment != "training":
        return None
    if settings.platform_url is None:
        return LocalClass(settings.training_folder)
    from ehtoolkit.ehealth.wire.http import HttpTransport

    seconds = min(settings.platform_timeout, _CLASS_SECONDS)
    transport = HttpTransport(settings.model_copy(update={"platform_timeout": seconds}))
    return RemoteClass(transport, settings.platform_url, settings.training_folder, transport.close)
