"""Activate the encryption token of a renewed keystore: the depot then gives out that one, and proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.display import Displayed
from ehtoolkit.ehealth.certificate_info import CertificateInfo, EtkStatus
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.keystore.diagnosis.archival import archivable
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.state_cache import CachedStates
from ehtoolkit.procedures.authorization import require_environment, require_holder
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import ProcedureResult, State, next_action
from ehtoolkit.procedures.state.certificate_status import ended
from ehtoolkit.procedures.state.depot import TokenMatch, fetch_depot_token
from ehtoolkit.procedures.state.history import record_state
from ehtoolkit.procedures.state.successors import require_newest

_WAITS, _ACTIVE = EtkStatus.WAIT_FOR_ACTIVATION, EtkStatus.VALID_ACTIVE


class ActivationStage(StrEnum):
    """What is being done, for a display of the progress."""

    ASK = "ask"
    ACTIVATE = "activate"
    PROVE = "prove"


Progress = Callable[[ActivationStage], None]


def no_progress(step: ActivationStage) -> None:
    """Do nothing: for callers that do not watch the progress."""


@dataclass(frozen=True, slots=True, repr=False)
class ActivationResult(Displayed):
    """What an activation leaves behind.

    Attributes:
        already: it was active before, and was only proven.
        retired: older files of the holder, whose decryption keys are all in this one: they may be put away once this
            one is loaded everywhere.
    """

    outcome: ProcedureResult
    already: bool
    retired: tuple[Path, ...] = ()

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield from (("state", self.outcome.state), ("keystore", self.outcome.keystore))
        yield from (("already", self.already), ("retired", self.retired))


def activate(file: KeystoreFile, parts: Context, *, progress: Progress = no_progress) -> ActivationResult:
    """Activate the encryption token of a keystore, unless that was done, and prove with the depot that its token is
    this keystore's own.

    Raises `errors.WrongState` (state ``prepared`` or ``no_etk``: complete it first; ``expired``, ``revoked``),
    `errors.AlreadyRenewed` for the old file of a renewal, whose token is not the one to activate, or
    `errors.RequestWaiting` (reason ``old``) and `errors.NeverSent` while the new one is not complete,
    `errors.EtkKeyMissing` before a token is activated that nobody could decrypt with, `errors.WrongEnvironment`,
    `errors.ResponseUntrusted` (reason ``not_switched``: activated, and the depot still gives out another one),
    one of `errors.OUTCOME_UNKNOWN` only when asking the platform does not help either.
    """
    holder = require_holder(file)
    require_environment(file, parts)
    progress(ActivationStage.ASK)
    signer = KeySigner(file.keystore.authentication.key, file.keystore.chain)
    info = parts.platform.certra.get_certificate_info(signer)
    already = _is_active(file, info)
    require_newest(file, holder, info, parts)
    if not already:
        progress(ActivationStage.ACTIVATE)
        _activate_once(signer, parts)
    progress(ActivationStage.PROVE)
    ours = fetch_depot_token(file.keystore, holder, parts).ours is TokenMatch.CURRENT
    if not ours:
        raise errors.ResponseUntrusted(reason="not_switched")
    state, keystore = State.ACTIVE, file.keystore
    outcome = ProcedureResult(
        file.path,
        keystore.key_id,
        state,
        next_action(state),
        not_before=keystore.not_before,
        not_after=keystore.not_after,
    )
    record_state(file, parts, state)
    return ActivationResult(outcome, already, _retired(file, parts))


def _is_active(file: KeystoreFile, info: CertificateInfo) -> bool:
    over = ended(info)
    if over is not None:
        raise errors.WrongState(path=str(file.path), state=over)
    if info.etk_status not in (_WAITS, _ACTIVE):
        raise errors.WrongState(path=str(file.path), state=State.NO_ETK)
    if not file.keystore.current_encryption:
        raise errors.EtkKeyMissing(path=str(file.path))
    return info.etk_status == _ACTIVE


def _activate_once(signer: KeySigner, parts: Context) -> None:
    """Activate the token. The request is never sent twice: after a lost answer the platform is asked whether it was
    done."""
    try:
        parts.platform.etkra.activate(signer)
    except errors.OUTCOME_UNKNOWN:
        if parts.platform.certra.get_certificate_info(signer).etk_status != _ACTIVE:
            raise


def _retired(file: KeystoreFile, parts: Context) -> tuple[Path, ...]:
    """Return the files beside this one that it has replaced; none when the folder may not be listed: what was activated
    stays so."""
    own = file.path.resolve()
    try:
        judged = archivable(own.parent, parts.clock.now(), lambda _: None, CachedStates.read(parts.notes))
    except errors.FileUnreadable:
        return ()
    return tuple(one.path for one in judged if one.successor == own and not one.lost)
