"""Hold the vocabulary of the code: one name for one thing. Ruff checks first lines of docstrings (rules D).

Only files whose text has one of the words are parsed: to parse all of them takes longer than the rest of this folder.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS: Final = ("ehtoolkit", "tests", "docs", "benchmarks")
GIVEN_UP: Final = {
    "Advice": "KnownError",
    "Asked": "ApplicantInfo, Call",
    "Bench": "KeystoreFactory",
    "CertificateState": "State",
    "Deed": "FileAction",
    "Desk": "FileFrame",
    "disk": "files",
    "Doorway": "AdmissionQueue",
    "Examination": "HealthReport",
    "Exchange": "SoapClient",
    "Faults": "respond_with_faults",
    "fs": "files",
    "Gate": "authentication",
    "Heard": "RequestStatus",
    "HolderFile": "FoundKeystore",
    "InTheWay": "RequestPreconditions",
    "Joined": "ProviderKeystore",
    "Looked": "InspectedFiles",
    "Looker": "ReaderProbe",
    "looker": "probe",
    "looking": "inspection",
    "Made": "NewKeystore",
    "mend": "undo_transfer_damage",
    "Mended": "Repaired",
    "Moment": "UtcDateTime",
    "Neighbours": "HolderFiles",
    "Newcomer": "NewPerson",
    "note": "records",
    "Noted": "AuditFinding",
    "Patience": "TimeoutGuard",
    "Question": "PendingRequest",
    "Reading": "ScanResult",
    "Reencrypted": "RewriteResult",
    "Remade": "RewriteResult",
    "Roster": "people_store",
    "Sayings": "FindingFactory",
    "Sealing": "EncryptionParams",
    "Seen": "AuditedKeystore, ServerInfo, ReaderSnapshot",
    "Sending": "DelayedAnswer",
    "sighting": "records",
    "Specimen": "InspectedFiles",
    "Switchboard": "scenario_actions",
    "switchboard": "scenario_actions",
    "Undertaking": "ActionPanel",
    "Unlisted": "UnreadableFolder",
    "Vouched": "TrustedCertificate",
    "Wish": "CertificateRequest, AuditOptions",
}
"""Names of modules, classes and functions that are not used, each with what is used instead."""
GIVEN_UP_IN_IDENTIFIERS: Final = {
    "bench": "factory",
    "dare": "allow_last_try",
    "deed": "action",
    "desk": "services",
    "doorway": "queue",
    "heard": "status",
    "looker": "probe",
    "noted": "findings",
    "roster": "people",
    "sighting": "state",
    "somebody": "another, unknown",
    "specimen": "file",
    "stranger": "untrusted",
    "switchboard": "actions",
    "told": "platform_state",
    "undertaking": "panel",
    "vouched": "trusted",
    "whatever": "any",
    "whoever": "any",
    "whom": "person",
    "whose": "holder",
    "wish": "request",
}
"""The same for words in any identifier: parameters, attributes, variables, functions."""
LOOP_NAMES: Final = ("one", "item", "entry", "x", "elem", "obj")
MOST_LOOPS = 20
CLASS = re.compile(r"^ *class ([A-Z]\w*)[:(\[]", re.MULTILINE)
DEFINITION = re.compile(r"^(?:class|def|async def) ([A-Za-z]\w*)", re.MULTILINE)
WORD = re.compile(rf"(?<![a-z])(?:{'|'.join(GIVEN_UP_IN_IDENTIFIERS)})(?![a-z])", re.IGNORECASE)
PROSE = re.compile(r'"""[\s\S]*?"""|# .*')
LOOP = re.compile(rf"\bfor\b[^:]{{0,80}}?\b(?:{'|'.join(LOOP_NAMES)})\b[^:]{{0,80}}?\bin\b")
Sources = dict[str, str]
Modules = dict[str, ast.Module]


@pytest.fixture(scope="module")
def sources() -> Sources:
    """The code by file; read here, since every worker imports this module."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "_build" not in path.parts
    }


@pytest.fixture(scope="module")
def suspects(sources: Sources) -> Modules:
    """The files that may have one of the words in a name."""
    code = {path: PROSE.sub("", text) for path, text in sources.items()}
    return {
        path: ast.parse(sources[path])
        for path, text in code.items()
        if WORD.search(text) or LOOP.search(text)
    }


def test_a_class_name_is_of_one_class(sources: Sources) -> None:
    homes = defaultdict(list)
    for path, text in sources.items():
        if path.startswith("ehtoolkit/"):
            for name in CLASS.findall(text):
                homes[name].append(path)
    assert len(homes) > 500
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_no_name_is_a_word_that_was_given_up(sources: Sources) -> None:
    found = [
        (path, name, GIVEN_UP[name])
        for path, text in sources.items()
        for name in (Path(path).stem, *DEFINITION.findall(text))
        if name in GIVEN_UP
    ]
    assert found == []


def identifiers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        for field in ("id", "arg", "attr", "name", "asname"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield name


def given_up_words(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each identifier that has a word of the table, with what is used instead."""
    for name in identifiers(tree):
        for word in name.casefold().split("_"):
            if word in GIVEN_UP_IN_IDENTIFIERS:
                yield name, GIVEN_UP_IN_IDENTIFIERS[word]


def loop_names(tree: ast.Module) -> Iterator[str]:
    """Yield the variables of loops that say nothing about what they hold."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            for name in ast.walk(node.target):
                if isinstance(name, ast.Name) and name.id in LOOP_NAMES:
                    yield name.id


def test_no_identifier_has_a_word_that_was_given_up(suspects: Modules) -> None:
    assert {(path, *found) for path, tree in suspects.items() for found in given_up_words(tree)} == set()


def test_loop_variables_are_named_after_what_they_hold(suspects: Modules) -> None:
    found = [(path, name) for path, tree in suspects.items() for name in loop_names(tree)]
    assert len(found) <= MOST_LOOPS, found


@pytest.mark.parametrize(
    "code", ["def f(desk): ...", "x.told", "f(wish=1)", "def _whose(): ...", "NOTED = 1", "import a as deed"]
)
def test_a_given_up_word_is_found(code: str) -> None:
    assert WORD.search(code)
    assert list(given_up_words(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["for one in a: ...", "for key, (one, _) in a: ...", "[\n(x, y)\nfor x,\ny in a]"]
)
def test_a_loop_variable_is_found(code: str) -> None:
    assert LOOP.search(code)
    assert list(loop_names(ast.parse(code)))
