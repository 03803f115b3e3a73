"""The first page, an audit, the providers' page and a diagnosis say the same of a keystore: state, urgency, step."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from ehtoolkit.auditing.audit import audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.finding import Finding, Topic
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.next_steps import outlook
from ehtoolkit.forms.due.standings import KeystoreStandings
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.providers.page import ProvidersSource
from ehtoolkit.forms.tools.providers import PROVIDERS
from ehtoolkit.forms.widgets.tables import Table
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import describe_diagnosis
from ehtoolkit.keystore.state import OVER, FileState, State
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.keystore.storage.records import (
    CachedState,
    CachedStates,
    sha256_of_file,
    write_cached_state,
)
from ehtoolkit.providers import Assignment, Provider, open_registry
from ehtoolkit.settings import Settings, load_settings
from tests.auditing.conftest import ELISE, NOW, PASSWORD, Workshop, keystore_maker, workshop
from tests.forms.player import Player
from tests.journeys.judged_keystores import (
    ANSWERS,
    BESIDE,
    STAGES,
    WITHOUT_CARD,
    WORDS,
    WORDS_BESIDE_ANSWERS,
    write_with_neighbour,
)
from tests.keystore.part_writer import Writer
from tests.support.calls_of_system import files_opened
from tests.support.ipywidgets_internals import send_to
from tests.support.training_exchanges import SetClock

__all__ = ["keystore_maker", "workshop"]

NISS = (
    "79031421872",
    "85010112387",
    "90020200296",
    "79021802145",
    "80010112379",
    "85073003328",
    "67040100146",
    "86020699761",
)
PAGES = frozenset({"request", "complete", "activate", "renew", "troubleshoot", "providers"})
OPTIONS = AuditOptions(
    now=NOW,
    request=AuditRequest(environment=Environment.TRAINING, registry=False),
    processes=1,
    language="en",
)

Verdict = tuple[str, str, str]


def by_audit(folder: Path, options: AuditOptions, *, opened: bool) -> dict[str, Verdict]:
    audit = audit_folder([folder], (lambda _: PASSWORD) if opened else None, options)
    return {Path(row.file).name: (row.state, row.urgency, row.action) for row in audit.rows.keystores}


def by_first_page(folder: Path, notes: Path) -> dict[str, Verdict]:
    items = outlook(due_keystores(folder, notes), NOW, Environment.TRAINING)
    return {
        item.due.name: (str(item.state), str(item.standing.urgency), str(item.standing.action))
        for item in items
    }


def by_diagnosis(folder: Path, notes: Path, *, opened: bool) -> dict[str, Verdict]:
    found, known = {}, CachedStates.read(notes)
    files = HolderFiles.in_folder(folder, notes, NOW)
    for path in folder.glob("*.p12"):
        described = describe_diagnosis(
            diagnose(path, PASSWORD if opened else None, NOW, listing=files, known=known), Translator("en")
        )
        found[path.name] = (described["state"], described["urgency"], described["action"])
    return found


GO_ON = {
    "certificate_missing": "prepared",
    "state_prepared": "prepared",
    "etk_missing": "no_etk",
    "state_no_etk": "no_etk",
    "certificate_renewable": "renewable",
    "state_renewable": "renewable",
    "certificate_ends": "renewable",
}
"""What is proposed to go on with, by the findings of audits and diagnoses that propose it."""


def said_of(findings: Iterable[Finding]) -> tuple[set[str], set[str]]:
    """Return the keys of what was said earlier, and the states that the others propose to go on with."""
    found = list(findings)
    reasons = {finding.key for finding in found if finding.topic is Topic.REMEMBERED}
    steps = {
        GO_ON[finding.key]
        for finding in found
        if finding.key in GO_ON and finding.topic is not Topic.REMEMBERED
    }
    return reasons, steps


def said_by_audit(folder: Path, options: AuditOptions, *, opened: bool) -> tuple[set[str], set[str]]:
    audit = audit_folder([folder], (lambda _: PASSWORD) if opened else None, options)
    return said_of(found.finding for found in audit.audit_findings)


def said_by_diagnosis(
    path: Path, notes: Path, *, opened: bool, listing: HolderFiles | None = None
) -> tuple[set[str], set[str]]:
    known = CachedStates.read(notes)
    found = diagnose(path, PASSWORD if opened else None, NOW, known=known, listing=listing)
    return said_of(found.findings)


def of_home(home: Path) -> Settings:
    """Return the settings of a home, whose notes are those of the training environment."""
    return load_settings(home=home, environment="training")


@contextmanager
def assigned(home: Path, paths: Iterable[Path]) -> Iterator[ProvidersModel]:
    """Open the providers' page of a registry with one record for each of the keystores, called like its file."""
    with open_registry(of_home(home), SetClock(NOW)) as registry:
        for path in paths:
            record = registry.add(Provider(path.name))
            registry.assign(record.id or 0, Assignment(str(path)))
        yield ProvidersModel(registry, of_home(home), SetClock(NOW))


def by_providers(page: ProvidersModel) -> dict[str, Verdict]:
    standings = {record.name: page.standing_of(record) for record in page.found()}
    return {
        name: (str(standing.state), str(standing.urgency), str(standing.action))
        for name, standing in standings.items()
    }


CASES = (
    *((stage, beside, ELISE) for stage in STAGES for beside in BESIDE),
    *(("prepared", beside, WITHOUT_CARD) for beside in BESIDE),
    ("renewable", "alone", WITHOUT_CARD),
)


@pytest.mark.parametrize(("stage", "beside", "niss"), CASES)
def test_a_keystore_stands_alike_on_both(
    stage: str, beside: str, niss: str, tmp_path: Path, workshop: Workshop
) -> None:
    folder = tmp_path / "ks"
    paths, keystores = write_with_neighbour(folder, workshop, stage, beside, niss)
    deliveries = (None, True) if stage == "prepared" else (None,)
    with assigned(tmp_path, paths) as page:
        for number, (word, delivered) in enumerate(product(WORDS, deliveries)):
            settings = of_home(tmp_path / f"home-{number}")
            notes = settings.notes
            for path, keystore, said in zip(paths, keystores, (word, ""), strict=False):
                seen = CachedState.of(keystore, sha256_of_file(path), said)
                write_cached_state(notes, replace(seen, delivered=delivered if path == paths[0] else None))
            verdicts = by_first_page(folder, notes)
            for opened in (True, False):
                options = replace(OPTIONS, notes=notes)
                assert by_audit(folder, options, opened=opened) == verdicts, (word, opened)
                assert by_diagnosis(folder, notes, opened=opened) == verdicts, (word, opened)
            assert by_providers(ProvidersModel(page.registry, settings, SetClock(NOW))) == verdicts, word
            if (beside, niss, word) == ("an older one in force", WITHOUT_CARD, "prepared") and not delivered:
                expected = [("prepared", "none", "none"), ("complete", "none", "use")]
                assert [verdicts[path.name] for path in paths] == expected
                options = replace(OPTIONS, notes=notes)
                for opened in (True, False):
                    listing = HolderFiles.in_folder(folder, notes, NOW)
                    for reasons, steps in (
                        said_by_audit(folder, options, opened=opened),
                        said_by_diagnosis(paths[0], notes, opened=opened, listing=listing),
                    ):
                        assert (reasons, len(steps)) == ({"request_blocked"}, 0)


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("stage", STAGES)
def test_the_last_answer_of_the_issuer_counts_alike(
    stage: str, beside: str, tmp_path: Path, workshop: Workshop
) -> None:
    """Revoked is revoked, unless the certificate was over before; an answer that says good changes nothing, however
    old it is: nobody asks now."""
    folder = tmp_path / "ks"
    paths, keystores = write_with_neighbour(folder, workshop, stage, beside)
    found = dict[tuple[str, str], dict[str, Verdict]]()
    with assigned(tmp_path, paths) as page:
        for number, (word, said) in enumerate(product(WORDS_BESIDE_ANSWERS, ANSWERS)):
            settings = of_home(tmp_path / f"home-{number}")
            notes = settings.notes
            for path, keystore in zip(paths, keystores, strict=True):
                is_first = path == paths[0]
                seen = CachedState.of(keystore, sha256_of_file(path), word if is_first else "")
                write_cached_state(notes, replace(seen, answer=ANSWERS[said] if is_first else None))
            verdicts = found[word, said] = by_first_page(folder, notes)
            for opened in (True, False):
                options = replace(OPTIONS, notes=notes)
                assert by_audit(folder, options, opened=opened) == verdicts, (word, said, opened)
                assert by_diagnosis(folder, notes, opened=opened) == verdicts, (word, said, opened)
                if beside == "alone":
                    state = verdicts[paths[0].name][0]
                    reasons, steps = said_by_audit(folder, options, opened=opened)
                    the_same, its_steps = said_by_diagnosis(paths[0], notes, opened=opened)
                    assert reasons == the_same, (word, said)
                    assert not opened or steps == its_steps, (word, said)
                    # What is over is said with its reason, and nobody is led on with it.
                    assert bool(reasons) >= (state in (State.REVOKED, State.REFUSED)), (word, said)
                    assert (state in OVER) <= (not steps | its_steps), (word, said, steps)
                    assert ("revocation_revoked" in reasons) <= (said == "revoked")
            assert by_providers(ProvidersModel(page.registry, settings, SetClock(NOW))) == verdicts, (
                word,
                said,
            )
    name = paths[0].name
    for (word, said), verdicts in found.items():
        if said != "revoked":
            assert verdicts == found[word, "none"], (word, said)
        elif beside in ("alone", "an older one to be renewed"):
            over = State(word) if word in OVER else State.EXPIRED if stage == "expired" else State.REVOKED
            assert verdicts[name][:2] == (over, "stops"), word


@pytest.mark.parametrize("said", ["none", "revoked"])
@pytest.mark.parametrize("how", ["another password", "keys that do not show", "damage"])
def test_a_file_that_does_not_open_any_more_stands_alike(
    how: str, said: str, tmp_path: Path, workshop: Workshop
) -> None:
    """What was seen of it, and said of its certificate, is remembered by its key, or by its path."""
    folder, notes = tmp_path / "ks", of_home(tmp_path).notes
    path = workshop.write(folder, ELISE, -900, 12)
    keystore = workshop.keystore(ELISE, -900, 12)
    seen = CachedState.of(keystore, "0" * 64, path=path)
    write_cached_state(notes, replace(seen, answer=ANSWERS[said]))
    if how == "keys that do not show":
        writer = Writer(keystore.contents, PASSWORD)
        path.write_bytes(writer.file(writer.sealed(writer.keys() + writer.certificates())))
    elif how == "damage":
        path.write_bytes(path.read_bytes()[:500])
    state = "unreadable" if how == "damage" else "closed"
    options, files = replace(OPTIONS, notes=notes), HolderFiles.in_folder(folder, notes, NOW)
    verdicts = by_first_page(folder, notes)
    assert by_audit(folder, options, opened=False) == verdicts
    assert by_diagnosis(folder, notes, opened=False) == verdicts
    with assigned(tmp_path, [path]) as page:
        assert by_providers(page) == verdicts
    expected = (
        ("revoked", "stops") if (state, said) == ("closed", "revoked") else (state, verdicts[path.name][1])
    )
    assert verdicts[path.name][:2] == expected
    diagnosis = diagnose(path, None, NOW, listing=files, known=CachedStates.read(notes))
    assert diagnosis.standing().until == seen.not_after


def test_a_file_that_was_never_opened_stands_alike(tmp_path: Path, workshop: Workshop) -> None:
    folder, notes = tmp_path / "ks", of_home(tmp_path).notes
    workshop.write(folder)
    workshop.write(folder, "79021802145", stage="prepared", pair=1)
    (folder / "SSIN=85010112392 20260816-120000.p12").write_bytes(b"no keystore")
    found = by_audit(folder, OPTIONS, opened=False)
    assert found == by_first_page(folder, notes) == by_diagnosis(folder, notes, opened=False)
    with assigned(tmp_path, sorted(folder.iterdir())) as page:
        assert by_providers(page) == found
    assert {state for state, _, _ in found.values()} == {
        FileState.CLOSED,
        State.PREPARED,
        FileState.UNREADABLE,
    }


def test_a_password_that_was_changed_forgets_no_end(tmp_path: Path, workshop: Workshop) -> None:
    folder, notes = tmp_path / "ks", of_home(tmp_path).notes
    path = workshop.write(folder, ELISE, -900, 12)
    keystore = workshop.keystore(ELISE, -900, 12)
    write_cached_state(
        notes, CachedState.of(keystore, "0" * 64)
    )  # by another password, the file was another one
    options = replace(OPTIONS, notes=notes)
    audit = audit_folder([folder], options=options)
    (row,) = audit.rows.keystores
    assert (row.state, row.urgency) == ("closed", "soon")
    verdicts = by_first_page(folder, notes)
    assert by_audit(folder, options, opened=False) == verdicts
    assert by_diagnosis(folder, notes, opened=False) == verdicts
    with assigned(tmp_path, [path]) as page:
        assert by_providers(page) == verdicts
    assert ("certificate_ends", "seen", 12) in {
        (found.finding.key, found.finding.variant, found.days) for found in audit.verdict.pressing
    }

    later = replace(options, now=NOW + timedelta(days=14))
    audit = audit_folder([folder], options=later)
    assert [row.urgency for row in audit.rows.keystores] == ["stops"]
    assert path.exists()


def test_the_word_and_the_colour_of_the_providers_list_are_those_of_the_state(
    tmp_path: Path, workshop: Workshop
) -> None:
    """Whatever the record remembers: nothing is green that the judge does not call valid."""
    folder, texts = tmp_path / "ks", Translator("en")
    for pair, (stage, (begins, ends, kind)) in enumerate(STAGES.items()):
        niss = NISS[pair]
        path = workshop.write(folder, niss, begins, ends, stage=kind)
        if stage != "prepared":
            kept = CachedState.of(workshop.keystore(niss, begins, ends, stage=kind), sha256_of_file(path))
            write_cached_state(of_home(tmp_path).notes, replace(kept, key_id=f"{pair:040X}"))
    closed = workshop.write(folder, NISS[-1])
    with assigned(tmp_path, sorted(folder.iterdir())) as model:
        model.registry.assign(
            model.registry.add(Provider("gone")).id or 0,
            Assignment(
                str(folder / "SSIN=79031421872 20200101-000000.p12"), not_after=NOW + timedelta(days=900)
            ),
        )
        model.registry.add(Provider("none"))
        for record in model.found():  # as it was seen when the keystore was assigned
            if record.keystore is not None and record.name != "gone":
                seen = replace(record.keystore, not_after=NOW + timedelta(days=900))
                model.registry.assign(record.id or 0, seen)
        source = ProvidersSource(lambda: model)
        page = PROVIDERS.build(source, PageContext(of_home(tmp_path), texts))
        page.begin()
        rows = Player(page.root).part(Table).rows
        states = {record.name: model.standing_of(record).state for record in model.found()}
        steps = {
            model.standing_of(record).state: model.step_of(record, PAGES, newer=False)
            for record in model.found()
        }
    shown = {row["cells"][0]["text"]: row["cells"][4] for row in rows}
    assert {name: cell["text"] for name, cell in shown.items()} == {
        name: texts.get(f"export.state.{state}") for name, state in states.items()
    }
    assert {states[name] for name, cell in shown.items() if cell["severity"] == "ok"} == {State.COMPLETE}
    assert states[closed.name] is FileState.CLOSED
    assert {state: link and link.page for state, link in steps.items()} == {
        State.COMPLETE: None,
        State.NOT_YET_VALID: None,
        State.RENEWABLE: "renew",
        State.EXPIRED: "request",
        State.NO_ETK: "complete",
        State.PREPARED: "complete",
        FileState.CLOSED: "troubleshoot",
        FileState.MISSING: "providers",
        FileState.NONE: "providers",
    }
    assert set(states.values()) == {
        *(State.COMPLETE, State.RENEWABLE, State.EXPIRED, State.NOT_YET_VALID, State.NO_ETK, State.PREPARED),
        *(FileState.CLOSED, FileState.MISSING, FileState.NONE),
    }


def test_a_list_reads_no_file_twice_unless_its_folder_changes(tmp_path: Path, workshop: Workshop) -> None:
    folder = tmp_path / "ks"
    paths = [workshop.write(folder, niss) for niss in NISS]
    with assigned(tmp_path, paths) as model, files_opened(folder) as opened:
        source = ProvidersSource(lambda: model)
        page = PROVIDERS.build(source, PageContext(of_home(tmp_path), Translator("en")))
        page.begin()
        player = Player(page.root)
        at_first = Counter(opened)
        assert set(at_first) == set(paths)
        for words in ("", "SSIN", "nobody"):
            player.press("find", {"search": words})
        send_to(player.part(Table), {"action": "sort", "column": "state"})
        assert Counter(opened) == at_first

        paths[0].unlink()
        player.press("find", {"search": ""})

        again = Counter(opened) - at_first
        assert set(again) == set(paths[1:])
        (gone,) = (record for record in model.found() if record.name == paths[0].name)
        assert model.standing_of(gone).state is FileState.MISSING


def test_a_folder_that_does_not_answer_makes_its_keystores_unreadable_and_costs_one_wait(
    tmp_path: Path, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ks"
    paths, answers, asked = [workshop.write(folder, niss) for niss in NISS], Event(), list[object]()
    really = os.scandir

    def hangs(place: Any = ".") -> Any:
        if place == folder:
            asked.append(place)
            answers.wait(60)
        return really(place)

    monkeypatch.setattr(os, "scandir", hangs)
    standings = KeystoreStandings(of_home(tmp_path).notes, Environment.TRAINING, NOW, patience=0.05)

    assert {standings.of(path).state for path in paths} == {FileState.UNREADABLE}
    assert len(asked) == 1
    answers.set()
    standings.look_again(NOW)
    assert {standings.of(path).state for path in paths} == {FileState.CLOSED}
