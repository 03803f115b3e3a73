"""The catalogues with findings, and how severe each finding is, read from the code that makes it.

A key in a call, tuple or table has the severities that stand beside it: the name of the function that is called with
the key (``due`` makes a warning), or a `Severity`. ``say = warning if … else info`` gives both.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from ehtoolkit.finding import Severity

PACKAGE: Final = Path(__file__).resolve().parents[2] / "ehtoolkit"
SEVERITIES: Final = frozenset(map(str, Severity))


@dataclass(frozen=True)
class Catalogue:
    """A catalogue with findings.

    Attributes:
        title: their subject.
        shown: where they are shown.
        sources: where they are made.
        by_hand: findings whose key or severity comes from another function, so that neither stands beside the other.
    """

    title: str
    shown: str
    sources: tuple[str, ...]
    by_hand: Mapping[str, set[str]] = field(default_factory=dict)


CATALOGUES: Final = {
    "finding": Catalogue(
        "Keystores",
        "`keystore diagnose`, `certificate status`, Troubleshoot",
        (
            "keystore/diagnosis",
            "procedures/state/platform_status.py",
            "ehealth/revocation_answers.py",
            "auditing/scan/file_scan.py",
        ),
    ),
    "standing": Catalogue(
        "A certificate at the platform",
        "`certificate status`, `keystore diagnose`, `audit`, Troubleshoot",
        ("procedures", "keystore/diagnosis/remembered.py"),
        {
            "depot_newer": {"error", "info"},
            "depot_other": {"error", "info"},
            "last_word": {"error", "info", "warning"},
        },
    ),
    "session": Catalogue(
        "Sessions",
        "`certificate session`, `certificate test`, Troubleshoot",
        ("procedures/sts_session.py",),
        {
            f"no_session_{cause}": {"error"}
            for cause in ("certificate", "right", "clock", "platform", "software", "elliptic")
        },
    ),
    "certificate_test": Catalogue(
        "A certificate under test",
        "`certificate test`, `doctor`, Troubleshoot, Complete, Activate",
        ("procedures/certificate_test.py", "procedures/keystore_self_test.py"),
        {f"{check}_not_asked": {"warning"} for check in ("known", "depot", "session")},
    ),
    "card": Catalogue(
        "Cards",
        "`card show`, `doctor`",
        ("card/trust.py", "card/verification.py", "procedures/card_check.py"),
    ),
    "doctor": Catalogue(
        "This computer",
        "`doctor`, Check this computer",
        ("doctor",),
        {
            "known_other": {"warning"},
            "known_prepared": {"warning"},
            "known_waiting": {"warning"},
            "no_answer": {"error"},
        },
    ),
    "registry": Catalogue(
        "Records of providers",
        "`provider show`, `provider list --findings`, Providers",
        ("providers/rules",),
    ),
    "audit": Catalogue(
        "Keystores and registry together",
        "`audit`, Audit",
        ("auditing",),
        {
            "file_hangs": {"error"},
            "folder_loop": {"info"},
            "folder_missing": {"error"},
            "folder_unreadable": {"error"},
        },
    ),
    "actors": Catalogue(
        "Whom a card's holder may ask for",
        "`certificate actors`, Request",
        ("procedures",),
        {key: {"info"} for key in ("no_organisation", "not_appointed", "not_registered", "other_number")},
    ),
    "message": Catalogue(
        "Sealed messages", "`message open`, `message seal`, `certificate test`", ("ehealth/sealing",)
    ),
}


def severities(catalogue: str, keys: set[str]) -> dict[str, set[str]]:
    """Return the severities of those ``keys`` of a catalogue that the code makes findings of."""
    found: dict[str, set[str]] = {}
    files = (file for place in CATALOGUES[catalogue].sources for file in _files(PACKAGE / place))
    for path in sorted(files):
        for scope in _scopes(path):
            for key, levels in _findings_of(scope, keys):
                found.setdefault(key, set()).update(levels)
    return found | dict(CATALOGUES[catalogue].by_hand)


@cache
def _scopes(path: Path) -> list[ast.FunctionDef | ast.Module]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Module)]


def _files(place: Path) -> Iterable[Path]:
    return [place] if place.is_file() else place.rglob("*.py")


def _findings_of(scope: ast.FunctionDef | ast.Module, keys: set[str]) -> Iterator[tuple[str, set[str]]]:
    values = {
        node.targets[0].id: node.value
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(scope):
        if isinstance(node, ast.Call):
            expressions = [node.func, *node.args]
        elif isinstance(node, ast.Tuple):
            expressions = list(node.elts)
        else:
            continue
        expressions = [
            values.get(part.id, part) if isinstance(part, ast.Name) else part for part in expressions
        ]
        levels = {level for expression in expressions for level in _levels(expression)}
        if levels:
            yield from ((key, levels) for expression in expressions for key in _keys(expression, keys))


def _keys(expression: ast.expr, keys: set[str]) -> Iterator[str]:
    if isinstance(expression, ast.IfExp):
        yield from (*_keys(expression.body, keys), *_keys(expression.orelse, keys))
    elif isinstance(expression, ast.Constant) and expression.value in keys:
        yield str(expression.value)
    elif isinstance(expression, ast.JoinedStr):
        start = "".join(
            str(value.value) for value in expression.values[:1] if isinstance(value, ast.Constant)
        )
        yield from sorted(key for key in keys if start and key.startswith(start))


def _levels(expression: ast.expr) -> Iterator[str]:
    if isinstance(expression, ast.IfExp):
        yield from (*_levels(expression.body), *_levels(expression.orelse))
    elif isinstance(expression, ast.Name) and expression.id in SEVERITIES:
        yield expression.id
    elif isinstance(expression, ast.Name) and expression.id == "due":
        yield str(Severity.WARNING)
    elif isinstance(expression, ast.Attribute) and ast.unparse(expression.value).startswith("CheckTopic."):
        if expression.attr in SEVERITIES:
            yield expression.attr
    elif isinstance(expression, ast.Attribute) and isinstance(expression.value, ast.Name):
        if expression.value.id == "Severity":
            yield str(Severity[expression.attr])
        elif expression.value.id.isupper() and expression.attr in SEVERITIES:  # of a `FindingFactory`
            yield expression.attr
