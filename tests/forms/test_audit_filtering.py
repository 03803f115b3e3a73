"""Which rows and findings the filters of the audit leave, in an audit of invented practices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import pytest

from ehtoolkit.auditing.audit import Audit, audit_folder, audit_providers
from ehtoolkit.auditing.audit_finding import FOLDER_KEYS, AuditFinding, folder_finding
from ehtoolkit.auditing.export.plain_text import csv_text
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.auditing.tables.rows import STATES
from ehtoolkit.auditing.timeline.timeline import time_line
from ehtoolkit.forms.address_keys import key_of_file
from ehtoolkit.forms.audit.filters import (
    NO_PRACTICE,
    SORT_KEYS,
    Filters,
    counts,
    filter_rows,
    only,
    practices,
    sort_rows,
)
from ehtoolkit.forms.audit.html import folder_problems, panels
from ehtoolkit.forms.audit.model import Result, pattern_of, with_table, with_typed
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.audit.table_model import ROW_STATES, AuditTable, audit_table
from ehtoolkit.forms.engine.form_link import OFFERED
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.finding_urgency import ShownUrgency, most_urgent
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.passwords import PasswordPatterns
from ehtoolkit.keystore.standing import Action
from ehtoolkit.providers import Assignment, Provider, open_registry
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from tests.auditing.conftest import ELISE, NOW, PASSWORD, Workshop, workshop
from tests.forms.practice import FAGNE, NOBODY, TILLEULS, keystores, register
from tests.support.commands import BIS

__all__ = ["workshop"]

PAGES = frozenset({"providers", "request", "renew", "complete", "troubleshoot"})


@dataclass(frozen=True)
class Practice:
    folder: Path
    files: dict[str, Path]
    people: dict[str, Provider]
    audit: Audit

    @property
    def table(self) -> AuditTable:
        return audit_table(self.audit, Environment.TRAINING)


@pytest.fixture(scope="module")
def practice(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    home = tmp_path_factory.mktemp("practice")
    files = keystores(workshop, home / "keystore")
    with open_registry(load_settings(home=home)) as registry:
        people = register(registry, files)
        lost = registry.add(Provider("Lost", practice=FAGNE))
        registry.assign(lost.id or 0, Assignment(str(home / "gone.p12")))
        options = AuditOptions(
            now=NOW, request=AuditRequest(environment=Environment.TRAINING, registry=False), language="en"
        )
        audit = audit_providers(registry, [home / "keystore"], lambda _: PASSWORD, options)
    return Practice(home / "keystore", files, people, audit)


def left(made: Practice, /, **filters: str) -> set[tuple[str, str]]:
    return {(row.title, row.state) for row in filter_rows(made.table, Filters(**filters)).rows}


def states(table: AuditTable) -> Mapping[str, int]:
    return counts((row.state for row in table.rows), ROW_STATES)


def test_every_row_has_a_name_a_state_and_its_worst_finding(practice: Practice) -> None:
    assert left(practice) == {
        ("Karl Hennes", "expired"),
        ("Claire Noirhomme", "renewable"),  # assigned to nobody, but hers by its number
        ("Claire Noirhomme", "none"),
        ("Élise Vandamme", "correct"),  # the certificate is valid, a period is not
        ("Bram Desmedt", "prepared"),
        ("Lost", "missing"),
        (f"SSIN={NOBODY}", "unreadable"),
    }
    rows = {(row.title, row.state): row for row in practice.table.rows}
    assert rows["Claire Noirhomme", "renewable"].urgency == "correct"
    karl = rows["Karl Hennes", "expired"]
    assert karl.worst is not None
    assert (karl.urgency, karl.worst.finding.key) == ("stops", "certificate_expired")


def test_a_keystore_of_another_environment_has_its_own_state(practice: Practice) -> None:
    found = states(audit_table(practice.audit, Environment.PRODUCTION))
    assert found["elsewhere"] == 3  # of the others nobody can tell
    assert "elsewhere" not in states(practice.table)


def test_the_filters_leave_what_fits_all_of_them(practice: Practice) -> None:
    assert {title for title, _ in left(practice, practice=FAGNE)} == {"Karl Hennes", "Lost"}
    assert left(practice, practice=TILLEULS, state="renewable") == {("Claire Noirhomme", "renewable")}
    nowhere = {title for title, _ in left(practice, practice=NO_PRACTICE)}
    assert nowhere == {"Bram Desmedt", f"SSIN={NOBODY}"}
    assert ("Karl Hennes", "expired") in left(practice, urgency="stops")
    assert ("Claire Noirhomme", "renewable") not in left(practice, urgency="stops")
    assert left(practice, practice="elsewhere") == set()


@pytest.mark.parametrize(
    "words", ["vandamme", "VÄNDAMME tilleuls", "79.03.14-218.72", "5-38861-71-521", "20260816", "vanda"]
)
def test_a_search_ignores_accents_and_separators(practice: Practice, words: str) -> None:
    assert left(practice, words=words) == {("Élise Vandamme", "correct")}


@pytest.mark.parametrize("words", [".*", "vandamme karl", "\\", "(", "|"])
def test_words_are_no_expression(practice: Practice, words: str) -> None:
    assert left(practice, words=words) == set()


def test_findings_go_with_their_row(practice: Practice) -> None:
    shown = filter_rows(practice.table, Filters(practice=FAGNE)).findings
    assert {found.title for found in shown} == {"Karl Hennes", "Lost"}
    severities = [found.audit_finding.finding.severity for found in shown]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    by_words = filter_rows(practice.table, Filters(words="overlap")).findings
    assert [found.audit_finding.finding.key for found in by_words] == ["periods_overlap"]
    by_state = filter_rows(practice.table, Filters(state="expired")).findings
    assert "certificate_expired" in {found.audit_finding.finding.key for found in by_state}
    assert {found.title for found in by_state} == {"Karl Hennes"}


@pytest.mark.parametrize("column", sorted(SORT_KEYS))
def test_what_has_nothing_to_sort_by_comes_last_either_way(practice: Practice, column: str) -> None:
    rows, key = practice.table.rows, SORT_KEYS[column]
    up, down = (
        [key(row) for row in sort_rows(rows, column, ascending=ascending)] for ascending in (True, False)
    )
    known = sorted(value for value in up if value is not None)
    missing = [None] * (len(rows) - len(known))
    assert (up, down) == ([*known, *missing], [*reversed(known), *missing])


def test_names_are_sorted_as_people_read_them(practice: Practice) -> None:
    rows = practice.table.rows
    names = list(dict.fromkeys(row.title for row in sort_rows(rows, "title")))
    expected = ["Bram Desmedt", "Claire Noirhomme", "Élise Vandamme", "Karl Hennes", "Lost", f"SSIN={NOBODY}"]
    assert names == expected
    assert SORT_KEYS["days"](sort_rows(rows, "days")[0]) < 0


def test_the_practices_and_the_rows_without(practice: Practice) -> None:
    rows = practice.table.rows
    assert practices(rows) == [FAGNE, TILLEULS, NO_PRACTICE]
    assert next(iter(counts((row.urgency for row in rows), ShownUrgency))) == "stops"


def test_an_export_has_what_the_filters_leave(practice: Practice) -> None:
    shown = only(practice.audit, filter_rows(practice.table, Filters(practice=FAGNE)))
    assert sorted(shown.providers["name"]) == ["Hennes", "Lost"]
    assert len(shown.findings) == len(shown.audit_findings) > 0
    assert [audit_finding.finding.key for audit_finding in shown.audit_findings] == list(
        shown.findings["key"]
    )
    text = csv_text(shown, Translator("en"))
    assert "Hennes" in text
    assert "Vandamme" not in text
    elise = only(practice.audit, filter_rows(practice.table, Filters(words="vandamme")))
    assert (len(elise.periods), len(elise.keystores)) == (2, 1)


def test_an_audit_of_nothing(tmp_path: Path) -> None:
    options = AuditOptions(unnamed=frozenset({tmp_path}))
    nothing = audit_table(audit_folder([tmp_path], None, options), Environment.TRAINING)
    assert (nothing.rows, nothing.findings) == ([], [])
    assert practices(nothing.rows) == []
    assert states(nothing) == {}
    shown = filter_rows(nothing, Filters(practice="x", state="expired", urgency="stops", words="y"))
    assert sort_rows(shown.rows, "title") == []


def test_a_finding_leads_to_the_form_that_does_the_next_step(practice: Practice) -> None:
    leads = NextSteps(practice.folder, PAGES)
    found = {
        audit_finding.finding.key: leads.of_finding(audit_finding)
        for audit_finding in practice.audit.audit_findings
    }
    numbers = {name: provider.id for name, provider in practice.people.items()}
    addresses = {key: None if link is None else link.address for key, link in found.items()}
    claire = key_of_file(practice.files["claire"].name)
    bram = key_of_file(practice.files["bram"].name)
    assert addresses["certificate_expired"] == "request.ipynb"
    assert addresses["certificate_renewable"] == f"renew.ipynb?keystore={claire}"
    assert addresses["certificate_missing"] == f"complete.ipynb?keystore={bram}"
    assert addresses["periods_overlap"] == f"providers.ipynb?provider={numbers['elise']}&part=periods"
    assert addresses["provider_without"] == f"providers.ipynb?provider={numbers['claire']}&part=certificate"
    assert addresses["nobody"] == "providers.ipynb"
    rows = {row.state: leads.of_row(row) for row in practice.table.rows}
    assert {state: None if step is None else step.page for state, step in rows.items()} == {
        "expired": "request",
        "renewable": "renew",
        "prepared": "complete",
        "correct": "providers",  # to the record that is wrong
        "none": "providers",
        "missing": "providers",
        "unreadable": "troubleshoot",
    }
    assert leads.of_row(replace(practice.table.rows[0], state="complete", action=Action.USE)) is None


@pytest.mark.parametrize("action", [Action.REQUEST, Action.RENEW])
def test_a_holder_without_a_card_gets_the_form_that_needs_none(practice: Practice, action: Action) -> None:
    row = next(row for row in practice.table.rows if row.merged.keystore is not None)
    assert row.merged.keystore is not None
    keystore = replace(row.merged.keystore, holder=f"SSIN={BIS}")
    row = replace(row, state="expired", action=action, merged=replace(row.merged, keystore=keystore))
    step = NextSteps(practice.folder, PAGES | {"foreigner"}).of_row(row)
    assert step is not None
    assert (step.page, step.address) == ("foreigner", "foreigner.ipynb")


def test_no_link_leads_to_a_form_that_is_not_there_or_does_not_take_the_file(practice: Practice) -> None:
    nowhere = NextSteps(practice.folder, frozenset())
    assert {nowhere.of_finding(audit_finding) for audit_finding in practice.audit.audit_findings} == {None}
    elsewhere = NextSteps(practice.folder / "other", PAGES)
    renewable = next(
        audit_finding
        for audit_finding in practice.audit.audit_findings
        if audit_finding.finding.key == "certificate_renewable"
    )
    link = elsewhere.of_finding(renewable)
    assert link is not None
    assert (link.page, link.words) == ("renew", "audit_page.do.take_over.renew")
    assert f"?{OFFERED}=" in link.address, "the form takes the file over first"


@pytest.mark.parametrize("reason", ["missing", "unreadable", "hangs", "link"])
def test_a_folder_that_cannot_be_read_is_a_warning_without_a_form(practice: Practice, reason: str) -> None:
    found, texts = AuditFinding(folder_finding(reason, "/clients"), file="/clients"), Translator("en")
    assert found.finding.key in FOLDER_KEYS
    assert most_urgent([found.finding]) is ShownUrgency.CORRECT
    audit = replace(practice.audit, audit_findings=(found,))
    result = Result(
        audit, audit_table(audit, Environment.TRAINING), NOW, (), None, False, (), time_line(audit)
    )
    assert NextSteps(practice.folder, PAGES).of_finding(found) is None
    assert folder_problems(result, texts) == [found.finding.message(texts)]
    assert found.finding.next_step(texts) in "".join(map(unescape, panels(result, texts)))


def test_link_to_troubleshooting_carries_the_file(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = PageContext(load_settings(), Translator("en"))
    elsewhere = NextSteps(practice.folder / "other", PAGES)
    rows = [row for row in practice.table.rows if row.merged.file is not None]
    links = {row.merged.file: link for row in rows if (link := elsewhere.of_row(row)) is not None}
    by_page = {file: link for file, link in links.items() if OFFERED in link.address}
    assert {link.page for link in by_page.values()} == {"troubleshoot", "renew", "complete"}
    for file, link in by_page.items():
        query = link.address.partition("?")[2]
        assert "SSIN" not in query
        monkeypatch.setenv("QUERY_STRING", query)
        assert stage.offered_file(OFFERED) == Path(file or "")
    monkeypatch.setenv("QUERY_STRING", f"{OFFERED}=/etc/passwd")
    assert stage.offered_file(OFFERED) is None, "an address from outside names nothing"
    masked = NextSteps(practice.folder / "other", PAGES, masks=True)
    found = [link for row in rows if (link := masked.of_row(row)) is not None]
    assert {link.address for link in found if link.page == "troubleshoot"} == {"troubleshoot.ipynb"}


def test_a_state_for_each_standing() -> None:
    assert [state for state in ROW_STATES if state in STATES] == list(STATES), "as the audit sorts them"
    assert set(STATES) <= set(ROW_STATES)


def test_passwords_by_a_part_of_the_name() -> None:
    assert (pattern_of(" "), pattern_of("7903"), pattern_of("SSIN=7?*")) == ("*", "*7903*", "SSIN=7?*")
    known = with_typed(with_typed(PasswordPatterns(), "", Secret("all")), ELISE, Secret("hers"))
    assert [pattern for pattern, _ in known.lines] == [f"*{ELISE}*", "*"]
    hers, other = Path(f"SSIN={ELISE} 20260101-120000.p12"), Path("SSIN=1 20260101-120000.p12")
    assert known.to_try(hers) == (Secret("hers"), Secret("all"))
    assert known.to_try(other) == (Secret("all"),)
    again = with_typed(known, ELISE, Secret("new"))
    assert again.to_try(hers) == (Secret("new"), Secret("all"))
    assert len(again.lines) == 2
    assert again.idle([other]) == (f"*{ELISE}*",)
    table = with_table(again, PasswordPatterns((("*", Secret("table")),)))
    assert table.to_try(other) == (Secret("table"),)
    assert "hers" not in repr(known)
