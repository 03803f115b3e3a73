"""The context of every procedure: platform, clock and folders, built once by `ehtoolkit.toolkit`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, Self

from ehtoolkit.card.trust import BELGIAN_ROOTS, CardRoots
from ehtoolkit.clock import Clock
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.platform import Platform
from ehtoolkit.ehealth.sealing.models import TrustedAuthorities
from ehtoolkit.ehealth.soap.transport import Fetcher
from ehtoolkit.identity import Environment, Niss
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.settings import Settings


def belgian_roots() -> CardRoots:
    """Return the roots of real cards."""
    return BELGIAN_ROOTS


def newest_kind(_: Niss) -> NewKeyKind:
    """Return the kind of the newest certificates that were seen."""
    return NewKeyKind.EC_P384


class EnvironmentInUse(Protocol):
    """The environment that is worked in, and what tells keystores of other environments from its own; see `Context`."""

    @property
    def environment(self) -> Environment: ...

    @property
    def notes(self) -> Path: ...

    @property
    def elsewhere(self) -> tuple[Path, Environment] | None: ...


@dataclass(frozen=True, slots=True)
class ChosenEnvironment:
    """The environment of the settings, without anything to work in it; see `Context`."""

    environment: Environment
    notes: Path
    elsewhere: tuple[Path, Environment] | None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        environment = Environment(settings.environment)
        return cls(environment, settings.notes, folder_of_others(settings, environment))


def folder_of_others(settings: Settings, environment: Environment) -> tuple[Path, Environment] | None:
    """Return the usual keystore folder of production in training, and of training elsewhere, with that environment;
    None where it is the folder of the settings. Training's keystores and the real ones never lie together, unless the
    user put them there."""
    other = Environment.PRODUCTION if environment is Environment.TRAINING else Environment.TRAINING
    folder = settings.usual_keystores(other.value)
    # Path.resolve raises for a link to itself, and this does not.
    same = os.path.realpath(folder) == os.path.realpath(settings.keystores)
    return None if same else (folder, other)


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a procedure works with.

    Attributes:
        keystores: where keystores are found and written.
        notes, locks: under EHTOOLKIT_HOME.
        elsewhere: the folder where keystores of another environment lie, and which one that is.
        card_roots: whose cards are known.
        others: fetches OCSP answers and revocation lists of cards; None in training.
        message_authorities: whom the signers of sealed messages may stand under, beside the authorities of one's own
            keystore.
        profile: how new keystores are protected.
        new_key_kind: the kind of key for a certificate that the person with that number asks for.
    """

    environment: Environment
    platform: Platform
    clock: Clock
    keystores: Path
    notes: Path
    locks: Path
    elsewhere: tuple[Path, Environment] | None = None
    card_roots: Callable[[], CardRoots] = belgian_roots
    others: Fetcher | None = None
    new_key_kind: Callable[[Niss], NewKeyKind] = newest_kind
    profile: EncryptionProfile = EncryptionProfile.COMPATIBLE
    message_authorities: Callable[[], TrustedAuthorities] = TrustedAuthorities

    def asking_for(self, kind: NewKeyKind | None) -> Context:
        """Return this context, with keys of ``kind`` for new certificates; None: as it is set."""
        return self if kind is None else replace(self, new_key_kind=lambda _: kind)

    def writing(self, profile: EncryptionProfile | None) -> Context:
        """Return this context, with ``profile`` as the protection of new keystores; None: as it is set."""
        return self if profile is None else replace(self, profile=profile)
