"""Hold the vocabulary of the code: one name for one thing. Ruff checks first lines of docstrings (rules D)."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ehtoolkit"
GIVEN_UP: Final = {
    "Advice": "KnownError",
    "Asked": "ApplicantInfo, PlatformCheck, Call",
    "Bench": "KeystoreFactory",
    "Deed": "FileAction",
    "Desk": "PageServices",
    "disk": "files",
    "Doorway": "AdmissionQueue",
    "Examination": "HealthReport",
    "Exchange": "SoapClient",
    "Faults": "FaultInjector",
    "fs": "files",
    "Gate": "authentication",
    "Heard": "RequestStatus",
    "InTheWay": "RequestPreconditions",
    "Joined": "ProviderKeystore",
    "Looked": "InspectedFile",
    "Looker": "ReaderProbe",
    "looker": "probe",
    "looking": "inspection",
    "Made": "NewKeystore",
    "mend": "undo_transfer_damage",
    "Mended": "Repaired",
    "Moment": "UtcDateTime",
    "Neighbours": "FolderListing",
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
    "Specimen": "InspectedFile",
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
    "specimen": "file",
    "stranger": "untrusted",
    "switchboard": "actions",
    "told": "platform_state",
    "undertaking": "panel",
    "vouched": "trusted",
    "whom": "person",
    "whose": "holder",
    "wish": "request",
}
"""The same for words in any identifier: parameters, attributes, variables."""
Modules = dict[str, ast.Module]


@pytest.fixture(scope="module")
def modules() -> Modules:
    """The code by module; made here, since every worker imports this file."""
    return {
        path.relative_to(PACKAGE).with_suffix("").as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def definitions(tree: ast.Module) -> Iterator[str]:
    """Public classes and functions at the top of a module."""
    for node in tree.body:
        if isinstance(
            node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and not node.name.startswith("_"):
            yield node.name


def test_a_class_name_is_of_one_class(modules: Modules) -> None:
    homes = defaultdict(list)
    for module, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(module)
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_no_name_is_a_word_that_was_given_up(modules: Modules) -> None:
    found = [
        (module, name, GIVEN_UP[name])
        for module, tree in modules.items()
        for name in (module.rpartition("/")[2], *definitions(tree))
        if name in GIVEN_UP
    ]
    assert found == []


def identifiers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        for field in ("id", "arg", "attr", "name"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield name


def test_no_identifier_has_a_word_that_was_given_up(modules: Modules) -> None:
    found = {
        (module, name): GIVEN_UP_IN_IDENTIFIERS[word]
        for module, tree in modules.items()
        for name in identifiers(tree)
        for word in name.casefold().split("_")
        if word in GIVEN_UP_IN_IDENTIFIERS
    }
    assert found == {}


@pytest.mark.parametrize(
    "code", ["def f(desk): ...", "x.told", "f(wish=1)", "def _whose(): ...", "noted = 1"]
)
def test_a_given_up_word_would_be_found(code: str) -> None:
    words = {word for name in identifiers(ast.parse(code)) for word in name.strip("_").split("_")}
    assert words & GIVEN_UP_IN_IDENTIFIERS.keys()


LOOP_NAMES = {"one", "item", "entry", "x", "elem", "obj"}
MOST_LOOPS = 20


def test_loop_variables_are_named_after_what_they_hold(modules: Modules) -> None:
    found = [
        (module, name.id)
        for module, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.For | ast.comprehension)
        for name in ast.walk(node.target)
        if isinstance(name, ast.Name) and name.id in LOOP_NAMES
    ]
    assert len(found) <= MOST_LOOPS, found
