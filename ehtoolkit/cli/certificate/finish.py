"""``certificate complete``, ``activate`` and ``finish``: each step after a request or a renewal, or all of them."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.certificate.output import KEYSTORE, confirmation_variant, report_result
from ehtoolkit.cli.certificate.test import describe_test, exit_code_of_test, print_faults
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import PASSWORDS, PLATFORM
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures import complete as procedure
from ehtoolkit.procedures.finish import FinishResult, FinishStep, archive_replaced
from ehtoolkit.procedures.finish import finish as finish_certificate
from ehtoolkit.procedures.result import Stage
from ehtoolkit.toolkit import revocation_asker


@command(PASSWORDS, PLATFORM)
@KEYSTORE
def complete(session: Session, keystore: Path) -> int:
    sentences = {
        Stage.ASK: "finish.busy.install",
        Stage.ETK: "finish.busy.etk",
        Stage.PROVE: "procedure.activate.prove",
    }
    context, file = session.toolkit.context, session.open_keystore(keystore)
    outcome = procedure.complete(file, context, progress=lambda step: session.say(sentences[step]))
    variant = confirmation_variant(outcome)
    if variant is None and outcome.already and outcome.state is State.COMPLETE:
        variant = "already"
    return report_result(session, outcome, "complete", variant=variant, more={"already": outcome.already})


@command(PASSWORDS, PLATFORM)
@KEYSTORE
def activate(session: Session, keystore: Path) -> int:
    context, file = session.toolkit.context, session.open_keystore(keystore)
    done = procedure.activate(file, context, progress=lambda step: session.say(f"procedure.activate.{step}"))
    more, variant = {"already": done.already, "retired": done.retired}, "already" if done.already else None
    code = report_result(session, done.outcome, "activate", variant=variant, more=more)
    if done.retired:
        session.say("cli.activate.retired", files=", ".join(path.name for path in done.retired))
    return code


@command(PASSWORDS, PLATFORM)
@KEYSTORE
@click.option("--archive", is_flag=True)
def finish(session: Session, keystore: Path, archive: bool) -> int:
    """Finish a request or a renewal; with ``--archive``, also archive the files that the keystore replaces, unless the
    test finds a fault."""
    context, begun = session.toolkit.context, list[FinishStep]()
    count = len(FinishStep) - (not archive)

    def progress(step: FinishStep) -> None:
        begun.append(step)
        key = "activate.old.busy" if step is FinishStep.ARCHIVE else f"finish.busy.{step}"
        facts = {"number": list(FinishStep).index(step) + 1, "count": count, "command": _command(step)}
        session.say("cli.finish.progress", **facts, sentence=session.texts.get(key))

    file = session.open_keystore(keystore)
    try:
        with revocation_asker(session.settings) as ask:
            done = finish_certificate(file, context, progress=progress, ask_revocation=ask)
        if archive and done.may_archive:
            progress(FinishStep.ARCHIVE)
        if archive:
            moved = archive_replaced(done, session.settings, context)
            done = done.after(moved)
            if moved.failure is not None:
                raise moved.failure
    except errors.EhToolkitError:
        if begun:
            session.say("cli.finish.stopped", command=_command(begun[-1]))
        raise
    return _report(session, done)


def _command(step: FinishStep) -> str:
    return f"ehtoolkit {step.command}"


def _report(session: Session, done: FinishResult) -> int:
    test = done.test
    if test is None:
        variant = confirmation_variant(done.outcome)
        return report_result(session, done.outcome, "complete", variant=variant, more=_described(done))
    if not session.options.as_json:
        for step, status in done.steps.items():
            state = session.texts.get(f"cli.finish.status.{status}")
            name = session.texts.get(f"finish.step.{step}")
            session.print_text("cli.finish.line", status=state, step=name, command=_command(step))
        print_faults(session, test)
    variant = "faulty" if test.colour == "red" else "already" if done.outcome.already else None
    more = {**_described(done), "test": describe_test(session, test)}
    report_result(session, done.outcome, "finish", variant=variant, more=more)
    if not session.options.as_json:
        _print_files(session, done)
    return exit_code_of_test(test)


def _described(done: FinishResult) -> dict[str, object]:
    return {
        "already": done.outcome.already,
        "steps": [
            {"step": step, "status": status, "command": step.command} for step, status in done.steps.items()
        ],
        "test": None,
        "retired": done.retired,
        "archived": done.archived,
    }


def _print_files(session: Session, done: FinishResult) -> None:
    """Print where the old files were archived, or how that is done."""
    for path in done.archived:
        session.print_text("cli.finish.archived", file=path.name, archive=path)
    if done.archived:
        session.print_text("cli.keystore.archive_undo")
    if done.retired:
        key = "cli.finish.retired" if done.may_archive else "cli.finish.kept"
        session.say(key, files=", ".join(path.name for path in done.retired))
