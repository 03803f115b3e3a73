"""Activate the encryption token of a renewed keystore: the depot then gives out that one, and proves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.archive import replaced_files
from ehtoolkit.procedures.authorization import require_environment, require_holder, signer_of
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import ProcedureResult, Progress, Stage, State, no_progress
from ehtoolkit.procedures.state.depot import TokenMatch, fetch_depot_token
from ehtoolkit.procedures.state.history import record_state
from ehtoolkit.procedures.state.refusals import may_activate, require_allowed
from ehtoolkit.procedures.state.situation import Purpose, observe
from ehtoolkit.result_display import Displayed


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


def activate(file: KeystoreFile, context: Context, *, progress: Progress = no_progress) -> ActivationResult:
    """Activate the encryption token of a keystore, unless that was done, and prove with the depot that its token is
    this keystore's own.

    Raises `errors.WrongState` (state ``prepared`` or ``no_etk``: complete it first; ``expired``, ``revoked``),
    `errors.AlreadyRenewed` for the old file of a renewal, whose token is not the one to activate, or
    `errors.RequestWaiting` (reason ``old``) and `errors.NeverSent` while the new one is not complete,
    `errors.EtkKeyMissing` before a token is activated whose key is missing, `errors.WrongEnvironment`,
    `errors.ResponseUntrusted` (reason ``not_switched``: activated, and the depot still gives out another one),
    one of `errors.OUTCOME_UNKNOWN` only when asking the platform does not help either.
    """
    holder = require_holder(file)
    require_environment(file, context)
    progress(Stage.ASK)
    situation = observe(file, context, Purpose.ACTIVATION)
    require_allowed(may_activate(situation), situation)
    already = not situation.require_known().token_waits
    if not already:
        progress(Stage.ACTIVATE)
        _activate_once(file, context)
    progress(Stage.PROVE)
    ours = fetch_depot_token(file.keystore, holder, context).ours is TokenMatch.CURRENT
    if not ours:
        raise errors.ResponseUntrusted(reason="not_switched")
    outcome = ProcedureResult.of(file, State.ACTIVE)
    record_state(file, context, outcome.state)
    return ActivationResult(outcome, already, replaced_files(file, context))


def _activate_once(file: KeystoreFile, context: Context) -> None:
    """Activate the token. The request is never sent twice: after a lost answer the platform is asked whether it was
    done."""
    signer = signer_of(file)
    try:
        context.platform.etkra.activate(signer)
    except errors.OUTCOME_UNKNOWN:
        info = context.platform.certra.get_certificate_info(signer)
        if not info.has_token or info.token_waits:
            raise
