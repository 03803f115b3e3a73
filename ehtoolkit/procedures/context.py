"""The context of every procedure: platform, clock and folders, built once by `ehtoolkit.toolkit`; and the states of
certificates that procedures record for the first page of the forms."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.card.trust import BELGIAN_ROOTS, CardRoots
from ehtoolkit.clock import Clock
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.platform import Platform
from ehtoolkit.ehealth.sealing.models import TrustedAuthorities
from ehtoolkit.ehealth.wire.transport import Fetcher
from ehtoolkit.identity import Environment, Niss
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import (
    CachedState,
    read_cached_states,
    sha256_of_file,
    write_cached_state,
)


def belgian_roots() -> CardRoots:
    """Return the roots of real cards."""
    return BELGIAN_ROOTS


def newest_kind(_: Niss) -> NewKeyKind:
    """Return the kind of the newest certificates that were seen."""
    return NewKeyKind.EC_P384


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


# ── Recorded states ──────────────────────────────────────────────────────────────────────────────────────
def record_state(
    file: KeystoreFile,
    context: Context,
    platform_state: State | None = None,
    renewable_from: datetime | None = None,
) -> None:
    """Record what a keystore shows, after it was opened or written. ``platform_state`` and ``renewable_from``: by the
    platform; None where it was not asked, which keeps what is recorded."""
    _keep(CachedState.of(file.keystore, file.content, platform_state or "", renewable_from), context)


def record_contents(path: Path, contents: Pkcs12Contents, context: Context) -> None:
    """Record what was seen in a file that was read as a whole, also in one that is no eHealth keystore: of that nothing
    is kept."""
    with suppress(errors.EhToolkitError):
        _keep(CachedState.of(Keystore.of(contents), sha256_of_file(path)), context)


def record_platform_state(key_id: str, platform_state: State, context: Context) -> None:
    """Record the platform's state of a certificate; its keystore was not opened."""
    _keep(CachedState(key_id, platform_state=platform_state), context)


def _keep(cached: CachedState, context: Context) -> None:
    """Keep what was seen, with what was kept of the same key before. Best effort: after a failed write the first page
    asks for the password again."""
    before = next(
        (state for state in read_cached_states(context.notes) if state.key_id == cached.key_id), None
    )
    if before is not None and not cached.content:
        cached = replace(before, platform_state=cached.platform_state)
    elif before is not None and not cached.platform_state:
        cached = replace(cached, platform_state=before.platform_state, renewable_from=before.renewable_from)
    elif before is not None and cached.renewable_from is None:
        cached = replace(cached, renewable_from=before.renewable_from)
    with suppress(errors.EhToolkitError):
        write_cached_state(context.notes, cached)
