"""Builds the real or the training parts from the settings: the only place that knows both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.card import Card, Pkcs11Card, find_module
from ehtoolkit.clock import Clock, SystemClock
from ehtoolkit.ehealth.environments import endpoints_of
from ehtoolkit.ehealth.http import HttpTransport, Transport
from ehtoolkit.ehealth.last_exchange import LastExchange
from ehtoolkit.ehealth.platform import platform_at
from ehtoolkit.ehealth.trace import Tracer
from ehtoolkit.identity import Environment
from ehtoolkit.procedures.parts import Parts, belgian_roots
from ehtoolkit.settings import Settings
from ehtoolkit.training import Training, open_training


@dataclass(frozen=True, slots=True)
class Toolkit:
    """Everything that the command line and the forms work with. ``training``: None in the real environments.

    ``last_exchange``: the messages that passed last, for whoever is called to help.
    """

    settings: Settings
    parts: Parts
    training: Training | None
    last_exchange: LastExchange
    _connection: HttpTransport | None = None

    def close(self) -> None:
        """Let go of the connection and of the training database."""
        if self._connection is not None:
            self._connection.close()
        if self.training is not None:
            self.training.close()

    @property
    def default_card(self) -> str:
        """The card of the settings, else the first training person's in training, the middleware's elsewhere."""
        return self.settings.card or ("training:default" if self.training is not None else "pkcs11:")

    def open_card(self, specification: str | None = None) -> Card:
        """The card of ``training:NAME`` or ``pkcs11:MODULE``, or `default_card`.

        Raises `errors.CardError`, or `errors.SettingInvalid` for another form.
        """
        kind, _, name = (specification or self.default_card).partition(":")
        if kind == "training" and self.training is not None:
            return self.training.card(name)
        if kind == "pkcs11":
            return Pkcs11Card(
                Path(name) if name else find_module(),
                timeout=self.settings.card_timeout,
                person_timeout=self.settings.card_person_timeout,
            )
        raise errors.SettingInvalid(setting="card")


def compose(settings: Settings) -> Toolkit:
    """The parts for ``settings.environment``, with messages traced where that is asked for."""
    environment = Environment(settings.environment)
    training = training_of(settings) if environment is Environment.TRAINING else None
    clock: Clock = SystemClock() if training is None else training.clock
    connection: HttpTransport | None = None
    if training is not None and settings.platform_url is None:
        transport: Transport = training.transport(timeout=settings.platform_timeout)
    else:
        transport = connection = HttpTransport(settings)
    if settings.trace is not None:
        transport = Tracer(transport, settings.trace)
    transport = last_exchange = LastExchange(transport)
    parts = Parts(
        environment=environment,
        platform=platform_at(
            transport,
            endpoints_of(environment, settings.platform_url),
            clock,
            escape_contract_dn=settings.escape_contract_dn,
            # A training server's clock is moved for itself; in one process it is the same as ours.
            compare_clock=training is None or connection is None,
        ),
        clock=clock,
        keystores=settings.keystores,
        notes=settings.home / "notes" / environment,
        locks=settings.home / "locks",
        card_roots=belgian_roots if training is None else training.card_roots,
        others=connection if training is None else None,
    )
    return Toolkit(settings, parts, training, last_exchange, connection)


def training_of(settings: Settings) -> Training:
    """The embedded platform of this EHTOOLKIT_HOME."""
    return open_training(settings.training_folder, delivery_seconds=settings.training_delivery)
