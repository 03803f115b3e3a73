"""Facts of errors as attributes: declared with their types, kept to where errors are made, and read no other way."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from ehtoolkit import errors
from ehtoolkit.errors import EhToolkitError
from ehtoolkit.keystore.passwords import near_misses
from ehtoolkit.secret import Secret

PACKAGE = Path(errors.__file__).parent
SOURCES = {
    path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")
}
CLASSES: Mapping[str, type[EhToolkitError]] = {
    name: one
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, EhToolkitError)
}


HINTS = {name: get_type_hints(kind) for name, kind in CLASSES.items()}


def declared(kind: type[EhToolkitError]) -> dict[str, object]:
    """The facts that a class adds, with their types."""
    own = vars(kind).get("__annotations__", {}).keys() - {"key", "_declared"}
    return {name: HINTS[kind.__name__][name] for name in own}


def choices(hint: object) -> frozenset[str]:
    """The words of a `Literal`, perhaps with None; none for another type."""
    parts = (hint, *get_args(hint))
    return frozenset(word for one in parts if get_origin(one) is Literal for word in get_args(one))


def test_the_listing_has_every_error() -> None:
    listed = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")

    assert sorted(listed) == sorted(CLASSES.keys() - {"EhToolkitError"})


def test_a_near_miss_of_a_password_is_a_declared_reason() -> None:
    found = {reason for typed in ("a ", "a") for reason, _ in near_misses(Secret(typed))}

    assert found | {"empty", "candidates"} == choices(HINTS["KeystorePasswordWrong"]["reason"])


def test_a_fact_is_an_attribute() -> None:
    error = errors.NotYetDelivered(not_before=datetime(2026, 11, 24, tzinfo=UTC))

    assert error.not_before == datetime(2026, 11, 24, tzinfo=UTC)
    assert errors.NotYetDelivered().not_before is None
    assert errors.NotYetDelivered().here is None, "declared for all errors of the platform"
    with pytest.raises(AttributeError, match="not_after"):
        getattr(error, "not_after")  # noqa: B009  # a checker would refuse it


def test_a_fact_that_is_added_later_is_one() -> None:
    error = errors.WrongEnvironment(path="/home/elise/keystore.p12")
    error.facts["path"] = "keystore.p12"

    assert error.path == "keystore.p12"


@pytest.mark.parametrize("kind", CLASSES.values())
def test_text_of_an_error_has_no_notes_for_programmers(kind: type[EhToolkitError]) -> None:
    text = str(kind(path="a.p12"))
    assert "facts" not in text
    assert text.endswith(f" [{kind.key}: path=a.p12]")


def test_an_error_can_be_taken_apart_and_put_together() -> None:
    raw = errors.PinWrong.__new__(errors.PinWrong)
    with pytest.raises(AttributeError):
        raw.facts  # noqa: B018  # asked for before there are any, as copying does

    copy = pickle.loads(pickle.dumps(errors.PinWrong(tries_left=2)))  # noqa: S301  # ours
    assert copy.tries_left == 2


@pytest.mark.parametrize("kind", [one for one in CLASSES.values() if declared(one)])
def test_what_is_declared_is_documented(kind: type[EhToolkitError]) -> None:
    text = kind.__doc__ or ""
    for name, hint in declared(kind).items():
        if "facts:" in text:
            assert name in text
        assert choices(hint) <= set(text.replace(",", " ").replace(")", " ").replace(".", " ").split())


@pytest.fixture(scope="module")
def made() -> list[tuple[str, str, str, str]]:
    """File, class, fact and word of every error that is made with a word in the code itself."""
    return list(found())


def found() -> Iterator[tuple[str, str, str, str]]:
    for file, source in SOURCES.items():
        tree = ast.parse(source if "errors" in source else "")
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            for keyword in call.keywords if name in CLASSES else ():
                values = [keyword.value]
                if isinstance(keyword.value, ast.IfExp):
                    values = [keyword.value.body, keyword.value.orelse]
                words = [one.value for one in values if isinstance(one, ast.Constant)]
                yield from ((file, name, keyword.arg or "", one) for one in words if isinstance(one, str))


def test_errors_are_made_with_words_that_are_declared(made: list[tuple[str, str, str, str]]) -> None:
    strangers = [
        (file, name, fact, word)
        for file, name, fact, word in made
        for words in (choices(HINTS[name].get(fact)),)
        if words and word not in words
    ]
    assert strangers == []


def test_words_are_found_where_errors_are_made(made: list[tuple[str, str, str, str]]) -> None:
    assert sum(fact == "reason" for _, _, fact, _ in made) > 80


def caught(function: ast.FunctionDef) -> Iterator[str]:
    """The names that errors have in a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.ExceptHandler) and node.name is not None:
            yield node.name
        elif isinstance(node, ast.arg) and node.annotation and "errors." in ast.unparse(node.annotation):
            yield node.arg


def reads(node: ast.AST) -> ast.expr | None:
    """The mapping that ``node`` takes a value of."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        return node.func.value
    return None


def test_facts_of_errors_are_read_as_attributes() -> None:
    """Those that a sentence is filled in with, or that are handed on whole, are read as they are."""
    found = []
    for file, source in SOURCES.items():
        tree = ast.parse(source if ".facts" in source else "")
        for function in (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)):
            facts = {f"{name}.facts" for name in caught(function)}
            mappings = [of for of in map(reads, ast.walk(function)) if of is not None] if facts else []
            found += [(file, function.name) for of in mappings if ast.unparse(of) in facts]
    assert found == []
