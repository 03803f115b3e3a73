"""Files of ``keystore diagnose`` that belong to other environments than the one in use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.invocation import OfOtherEnvironment
from ehtoolkit.cli.keystore.inspected_files import InspectedFiles

Elsewhere = Mapping[Path, OfOtherEnvironment]
"""The files of other environments, each with the command that judges it and the others of its environment."""


def of_other_environments(session: Session, inspected: InspectedFiles, named: Collection[Path]) -> Elsewhere:
    """Return which of the files that the user has ``named`` are of another environment than the one in use. Files that
    were found in folders are judged each in its own: acceptance and production share a folder.

    What is damaged is so in every environment.
    """
    from ehtoolkit.procedures.authorization import require_environment
    from ehtoolkit.procedures.context import ChosenEnvironment

    in_use, found = ChosenEnvironment.of(session.settings), dict[Path, errors.WrongEnvironment]()
    for diagnosis in inspected.keystores:
        path = diagnosis.file.path
        if path is None or path not in named or not diagnosis.is_readable:
            continue
        try:
            require_environment(diagnosis.found_keystore(), in_use)
        except errors.WrongEnvironment as error:
            found[path] = error

    def problem(error: errors.WrongEnvironment) -> OfOtherEnvironment:
        own = {path for path, each in found.items() if each.kind == error.kind}
        left_out = [str(path) for path in named if path not in own]
        return OfOtherEnvironment(error, session.invocation.in_environment(error.kind, left_out))

    return {path: problem(error) for path, error in found.items()}


def one_for_each(elsewhere: Elsewhere) -> Iterator[OfOtherEnvironment]:
    """Yield what is to be said of each environment, about all files of it."""
    problems = elsewhere.values()
    for kind in dict.fromkeys(problem.error.kind for problem in problems):
        mine = [problem for problem in problems if problem.error.kind == kind]
        paths = ", ".join(problem.error.path for problem in mine)
        yield OfOtherEnvironment(mine[0].error.with_facts(path=paths), mine[0].repeated)


def next_step(session: Session, problem: OfOtherEnvironment) -> str:
    """Return the command that judges the files of that environment, as a sentence."""
    return session.texts.get("cli.environment.repeat", command=problem.repeated.line)
