"""``acknowledge``: keystores and findings that are known, have a reason, and count apart in audits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ehtoolkit import errors
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.cli.audits.perform import RunOptions, perform_audit
from ehtoolkit.cli.command import ParsedValue, UsageProblem, command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import ENVIRONMENT, PASSWORDS, PATH
from ehtoolkit.cli.table import state_word
from ehtoolkit.clock import brussels_day, parse_day
from ehtoolkit.keystore.state import FileState
from ehtoolkit.result_display import masked
from ehtoolkit.system.files import require_file
from ehtoolkit.system.text_safety import printable

if TYPE_CHECKING:
    from ehtoolkit.auditing.acknowledgements import Acknowledgement, AcknowledgementStore, KeystoreMark
    from ehtoolkit.auditing.audit import Audit

_DAY: Final = ParsedValue("acknowledge_day", parse_day)


@command(ENVIRONMENT, PASSWORDS)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=PATH)
@click.option("--finding", metavar="KEY")
@click.option("--reason", required=True, metavar="TEXT")
@click.option("--until", type=_DAY, metavar="YYYY-MM-DD")
def add(
    session: Session, files: Sequence[Path], finding: str | None, reason: str, until: date | None
) -> None:
    from ehtoolkit.auditing.acknowledgements import Acknowledgement

    if not reason.strip():
        raise UsageProblem("acknowledge_reason")
    paths = list(dict.fromkeys(file.absolute() for file in files))
    for path in paths:
        require_file(path)
    audit = _audit(session, paths)
    if until is not None and until < audit.today:
        raise UsageProblem("acknowledge_until", until=until)
    marks = {mark.file: mark for mark in audit.marks}
    made = []
    for path in paths:
        mark = marks[str(path)]
        _require_finding(audit, mark, finding)
        made.append(Acknowledgement.of(mark, audit.now, reason.strip(), finding, until))
    added = _store(session).add(made)
    value = {"acknowledged": [_value(each) for each in added]}
    get = session.texts.get
    lines = [get("cli.acknowledge.added", id=each.id, file=masked(each.file)) for each in added]
    session.result_lines(value, lines)


@command(ENVIRONMENT, PASSWORDS)
def list_acknowledged(session: Session) -> None:
    from ehtoolkit.auditing.acknowledgements import keystores_of

    kept = _store(session).read()
    paths = dict.fromkeys(Path(each.file) for each in kept)
    audit = _audit(session, [path for path in paths if path.is_file()])
    marks = keystores_of(kept, audit.marks, session.settings.file_timeout)
    found = [{**_value(each), **_status(each, marks.get(each.id, ()), audit.today)} for each in kept]
    lines = [line for value in found for line in _lines(session, value)]
    session.result_lines({"acknowledged": found}, lines, "cli.acknowledge.none")


@command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
def remove(session: Session, ids: Sequence[str]) -> None:
    wanted = list(dict.fromkeys(ids))
    _store(session).remove(wanted)
    session.result({"removed": wanted}, "cli.acknowledge.removed", ids=", ".join(wanted))


def _store(session: Session) -> AcknowledgementStore:
    from ehtoolkit.auditing.acknowledgements import AcknowledgementStore

    return AcknowledgementStore(session.settings.home / "audit")


def _audit(session: Session, files: Sequence[Path]) -> Audit:
    """Audit files as `ehtoolkit audit` does, each with the others of its folder in view."""
    from ehtoolkit.keystore.storage.holder_keystores import find_keystores

    folders = dict.fromkeys(file.parent for file in files)
    beside = [found.path for folder in folders for found in find_keystores(folder)]
    places = tuple(dict.fromkeys((*files, *beside)))
    return perform_audit(session, AuditRequest(folders=places), RunOptions(processes=1))


def _require_finding(audit: Audit, mark: KeystoreMark, finding: str | None) -> None:
    """Check that the keystore has ``finding``. Raises `errors.FindingUnknown`."""
    known = [found.finding.key for found in audit.audit_findings if found.file == mark.shown]
    if finding is not None and finding not in known:
        raise errors.FindingUnknown(
            path=mark.shown, finding=finding, known=", ".join(sorted(set(known))) or "–"
        )


# ── What is shown ────────────────────────────────────────────────────────────────────────────────────────
def _value(acknowledged: Acknowledgement) -> dict[str, Any]:
    """Return an acknowledgement as JSON, without a whole NISS."""
    end = acknowledged.not_after
    return {
        "id": acknowledged.id,
        "file": masked(acknowledged.file),
        "key_id": acknowledged.key_id,
        "content": acknowledged.content,
        "finding": acknowledged.finding,
        "reason": masked(printable(acknowledged.reason)),
        "until": None if acknowledged.until is None else acknowledged.until.isoformat(),
        "made": acknowledged.made.isoformat(),
        "state": acknowledged.state,
        "not_after": None if end is None else brussels_day(end).isoformat(),
    }


def _status(
    acknowledged: Acknowledgement, marks: Sequence[KeystoreMark], today: date
) -> dict[str, str | None]:
    """Return whether an acknowledgement holds: ``holds``, ``void`` with the reason, or ``unseen`` where its keystore is
    not there, or does not open now although it did, so that this is unknown. ``marks``: of its keystores; one of which
    it holds is enough."""
    if acknowledged.is_over(today):
        return {"status": "void", "void": "until"}
    seen = [
        mark for mark in marks if mark.state != FileState.CLOSED or acknowledged.state == FileState.CLOSED
    ]
    reasons = [acknowledged.void_for(mark, today) for mark in seen]
    if not reasons:
        return {"status": "unseen", "void": None}
    reason = None if None in reasons else reasons[0]
    return {"status": "holds" if reason is None else "void", "void": reason}


def _lines(session: Session, value: Mapping[str, Any]) -> Iterator[str]:
    texts = session.texts
    get, finding = texts.get, value["finding"]
    about = get("cli.acknowledge.whole") if finding is None else get("cli.acknowledge.finding", key=finding)
    yield f"{value['id']}  {value['file']}"
    yield f"  {about} {get('cli.acknowledge.state', state=state_word(value['state'], texts))}"
    yield f"  {get('cli.acknowledge.reason', reason=value['reason'])}"
    if value["until"] is not None:
        yield f"  {get('cli.acknowledge.until', date=date.fromisoformat(value['until']))}"
    key = value["status"] if value["void"] is None else f"void.{value['void']}"
    yield f"  {get(f'cli.acknowledge.{key}')}"
