"""Finish a request or a renewal in one call: install the certificate, make its ETK, activate it, test all of it.

Each step is a procedure of its own, and each reads from the file and from the platform what is done already: after an
interruption the same call goes on with the step that was interrupted. Archiving the replaced files is a call of its
own, for a user who says that the new file is loaded everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from ehtoolkit.ehealth.revocation_answers import AskRevocation
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.archive import (
    MovedKeystores,
    archive_keystores,
    catch_up_records,
    replaced_files,
)
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.certificate_test import CertificateTest, Colour, prove_certificate
from ehtoolkit.procedures.complete import activate_locked, complete_locked, working_on
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import ProcedureResult, Stage
from ehtoolkit.result_display import Displayed
from ehtoolkit.settings import Settings


class FinishStep(StrEnum):
    """What finishing does, in this order; the values are stable."""

    INSTALL = "install"
    ETK = "etk"
    ACTIVATE = "activate"
    TEST = "test"
    ARCHIVE = "archive"

    @property
    def command(self) -> str:
        """The command that does this step without the others."""
        return _COMMANDS[self]


_COMMANDS: Final = {
    FinishStep.INSTALL: "certificate complete",
    FinishStep.ETK: "certificate complete",
    FinishStep.ACTIVATE: "certificate activate",
    FinishStep.TEST: "certificate test",
    FinishStep.ARCHIVE: "keystore archive",
}


_BEGINS: Final = {Stage.ASK: FinishStep.INSTALL, Stage.ETK: FinishStep.ETK}
"""The step that begins with a stage of completing."""


class StepStatus(StrEnum):
    """How far a step is; the values are stable."""

    OPEN = "open"
    """It is still to be done."""
    DONE = "done"
    ALREADY = "already"
    """It was done before this call."""
    UNNEEDED = "unneeded"
    """This certificate does not need it."""


@dataclass(frozen=True, slots=True, repr=False)
class FinishResult(Displayed):
    """How far a certificate is, step by step.

    Attributes:
        outcome: as the last procedure returned it; waiting while the platform has not delivered.
        steps: by `FinishStep`, in their order.
        test: None while the platform has not delivered.
        retired: older files of the holder, whose decryption keys are all in this one, and that are still in its folder.
        archived: where older files are that were archived.
    """

    outcome: ProcedureResult
    steps: Mapping[FinishStep, StepStatus]
    test: CertificateTest | None = None
    retired: tuple[Path, ...] = ()
    archived: tuple[Path, ...] = ()

    @property
    def may_archive(self) -> bool:
        """Whether there are files to archive and the test found no fault of the new file."""
        return bool(self.retired) and self.test is not None and self.test.colour is not Colour.RED

    def after(self, moved: MovedKeystores) -> FinishResult:
        """Return this result once files were archived."""
        gone, places = {old for old, _ in moved.moved}, tuple(new for _, new in moved.moved)
        left = tuple(path for path in self.retired if path not in gone)
        status = StepStatus.OPEN if left else StepStatus.DONE
        steps = {**self.steps, FinishStep.ARCHIVE: status} if places else self.steps
        return replace(self, steps=steps, retired=left, archived=(*self.archived, *places))

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield from (("state", self.outcome.state), ("keystore", self.outcome.keystore))
        yield from self.steps.items()
        if self.test is not None:
            yield "colour", self.test.colour
        yield from (("retired", self.retired), ("archived", self.archived))


def finish(
    file: KeystoreFile,
    context: Context,
    *,
    progress: Callable[[FinishStep], None] = lambda _: None,
    ask_revocation: AskRevocation | None = None,
) -> FinishResult:
    """Install the certificate, make its ETK, activate it where it replaces another one, and test the keystore. A
    certificate that is not delivered yet is a result, with all steps open.

    ``progress`` is called with each step that begins. ``ask_revocation``: as in `prove_certificate`, whose red lines
    are in the result and raise nothing.

    Raises what `complete` and `activate` raise, for an old file of a renewal too. The steps before stay done, and the
    same call goes on. The holder's lock is held until the token is active.
    """

    def on_stage(stage: Stage) -> None:
        if stage in _BEGINS:
            progress(_BEGINS[stage])

    require_environment(file, context)
    with working_on(file, context):
        was_installed = file.keystore.installed
        outcome = complete_locked(file, context, on_stage)
        if outcome.state not in (State.COMPLETE, State.TO_ACTIVATE):
            return FinishResult(outcome, dict.fromkeys(FinishStep, StepStatus.OPEN))
        etk = StepStatus.ALREADY if outcome.already else StepStatus.DONE
        activation = StepStatus.UNNEEDED
        if outcome.state is State.TO_ACTIVATE:
            progress(FinishStep.ACTIVATE)
            outcome = activate_locked(file, context, lambda _: None).outcome
            activation = StepStatus.DONE
    progress(FinishStep.TEST)
    test = prove_certificate(file, context, ask_revocation=ask_revocation)
    retired = replaced_files(file, context)
    steps = {
        FinishStep.INSTALL: StepStatus.ALREADY if was_installed else StepStatus.DONE,
        FinishStep.ETK: etk,
        FinishStep.ACTIVATE: activation,
        FinishStep.TEST: StepStatus.DONE,
        FinishStep.ARCHIVE: StepStatus.OPEN if retired else StepStatus.UNNEEDED,
    }
    return FinishResult(outcome, steps, test, retired)


def archive_replaced(result: FinishResult, settings: Settings, context: Context) -> MovedKeystores:
    """Put the files that were replaced into the archive, unless the test found a fault of the new one. The records of
    providers follow, also those of files that an interrupted call has moved, which may raise what `move_in_registry`
    raises."""
    if result.test is None or result.test.colour is Colour.RED:
        return MovedKeystores(())
    catch_up_records(result.outcome.keystore, settings, context)
    return archive_keystores(result.retired, settings, context)
