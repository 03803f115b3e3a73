"""Activate the encryption token of a renewed keystore: the depot then gives out that one, and proves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.ehealth.signature import KeySigner
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.keystore.succession import superseded
from ehtoolkit.procedures.belonging import require_holder
from ehtoolkit.procedures.depot import Ours, published
from ehtoolkit.procedures.environment import require_environment
from ehtoolkit.procedures.moves import next_of
from ehtoolkit.procedures.outcome import Outcome, State
from ehtoolkit.procedures.parts import Parts
from ehtoolkit.procedures.siblings import Newer, Stage, leading_on, newer_than
from ehtoolkit.procedures.status import ended

_WAITS, _ACTIVE = "WAIT_FOR_ACTIVATION", "VALID_ACTIVE"


class Step(StrEnum):
    """What is being done, for whoever watches."""

    ASK = "ask"
    ACTIVATE = "activate"
    PROVE = "prove"


Progress = Callable[[Step], None]


def silent(step: Step) -> None:
    """For callers that watch nothing."""


@dataclass(frozen=True, slots=True)
class Activated:
    """``already``: it was active before, and was only proven. ``retired``: older files of the holder, whose
    decryption keys are all in this one: they may be put away once this one is loaded everywhere."""

    outcome: Outcome
    already: bool
    retired: tuple[Path, ...] = ()


def activate(file: KeystoreFile, parts: Parts, *, progress: Progress = silent) -> Activated:
    """Activate, unless that was done, and prove with the depot that its token is this keystore's own.

    Raises `errors.StateUnfit` (state ``prepared`` or ``no_etk``: complete it first; ``expired``, ``revoked``),
    `errors.EtkKeyMissing` before a token is activated that nobody could decrypt with, `errors.EnvironmentDiffers`,
    `errors.AnswerUntrusted` (reason ``not_switched``: activated, and the depot still gives out another one),
    `errors.AlreadyRenewed` when that is because a newer keystore took the place of this one,
    one of `errors.PERHAPS_DONE` only when asking the platform does not help either.
    """
    holder = require_holder(file)
    require_environment(file, parts)
    progress(Step.ASK)
    signer = KeySigner(file.keystore.authentication.key, file.keystore.chain)
    already = _is_active(file, signer, parts)
    if not already:
        progress(Step.ACTIVATE)
        _activate_once(signer, parts)
    progress(Step.PROVE)
    ours = published(file.keystore, holder, parts).ours is Ours.CURRENT
    if not ours:
        raise _not_switched(file, _newer(file, holder, parts))
    state, keystore = State.ACTIVE, file.keystore
    outcome = Outcome(
        file.path,
        keystore.key_id,
        state,
        next_of(state),
        not_before=keystore.not_before,
        not_after=keystore.not_after,
    )
    return Activated(outcome, already, _retired(file, parts))


def _is_active(file: KeystoreFile, signer: KeySigner, parts: Parts) -> bool:
    info = parts.platform.certra.get_certificate_info(signer)
    over = ended(info)
    if over is not None:
        raise errors.StateUnfit(path=str(file.path), state=over)
    if info.etk_status not in (_WAITS, _ACTIVE):
        raise errors.StateUnfit(path=str(file.path), state=State.NO_ETK)
    if not file.keystore.current_encryption:
        raise errors.EtkKeyMissing(path=str(file.path))
    return info.etk_status == _ACTIVE


def _activate_once(signer: KeySigner, parts: Parts) -> None:
    """Never sent twice: after a lost answer the platform is asked whether it was done."""
    try:
        parts.platform.etkra.activate(signer)
    except errors.PERHAPS_DONE:
        if parts.platform.certra.get_certificate_info(signer).etk_status != _ACTIVE:
            raise


def _newer(file: KeystoreFile, holder: DistinguishedName, parts: Parts) -> tuple[Newer, ...]:
    """Good to know, and no reason to hide what is wrong."""
    try:
        return newer_than(file, holder, parts)
    except (errors.PlatformError, errors.FileUnreadable):
        return ()


def _retired(file: KeystoreFile, parts: Parts) -> tuple[Path, ...]:
    """The files beside this one that it has replaced; none when the folder may not be listed: what was activated stays
    so."""
    own = file.path.resolve()
    try:
        judged = superseded(own.parent, parts.clock.now(), lambda _: None)
    except errors.FileUnreadable:
        return ()
    return tuple(one.path for one in judged if one.successor == own and not one.lost)


def _not_switched(file: KeystoreFile, newer: tuple[Newer, ...]) -> errors.EhToolkitError:
    for one in newer:
        if one.stage is Stage.DONE:  # the old file was chosen
            return leading_on(file, one)
    return errors.AnswerUntrusted(reason="not_switched")
