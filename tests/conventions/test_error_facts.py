"""Facts of errors: declared with their types, which mypy checks where errors are made, and documented."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from ehtoolkit import errors
from ehtoolkit.errors import EhToolkitError
from ehtoolkit.keystore.passwords import near_misses
from ehtoolkit.secret import Secret
from tests.support.catalogues import choices, facts_of

CLASSES: Mapping[str, type[EhToolkitError]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, EhToolkitError)
}


def test_a_near_miss_of_a_password_is_a_declared_reason() -> None:
    found = {reason for typed in ("a ", "a") for reason, _ in near_misses(Secret(typed))}

    assert found | {"empty", "candidates"} == choices(facts_of(errors.KeystorePasswordWrong)["reason"])


def test_a_fact_is_an_attribute() -> None:
    error = errors.NotYetDelivered(not_before=datetime(2026, 11, 24, tzinfo=UTC))

    assert error.not_before == datetime(2026, 11, 24, tzinfo=UTC)
    assert errors.NotYetDelivered(not_before=None).not_before is None
    assert error.here is None, "declared for all errors of the platform"
    with pytest.raises(AttributeError, match="not_after"):
        getattr(error, "not_after")  # noqa: B009  # a checker would refuse it


def test_a_fact_that_is_added_later_is_one() -> None:
    error = errors.WrongEnvironment(path="/home/elise/keystore.p12", kind="training", wanted="production")
    error.facts["path"] = "keystore.p12"

    assert error.path == "keystore.p12"


@pytest.mark.parametrize("kind", CLASSES.values())
def test_text_of_an_error_has_no_notes_for_programmers(kind: type[EhToolkitError]) -> None:
    text = str(kind(path="a.p12"))
    assert "facts" not in text
    assert text.endswith(f" [{kind.key}: path=a.p12]")


def test_text_of_an_error_is_a_whole_sentence() -> None:
    text = str(errors.KeystorePasswordWrong(path="a.p12"))
    assert text == "The password does not open the keystore [keystore_password_wrong: path=a.p12]"


NOT_CAUSES = {
    *("CardError", "KeystoreError", "PlatformError"),  # roots: they name their subject
    *("CardTimeout", "ProviderChanged"),  # which one cannot be told
    "DuplicateAlias",  # one cause: Java does not tell these names apart
    "SchedulerInsecure",  # one connection
}
"""Errors whose sentence names alternatives that are no causes, or that cannot be told apart."""


@pytest.mark.parametrize("name", sorted(CLASSES.keys() - NOT_CAUSES))
def test_text_of_an_error_lists_no_causes_that_may_not_apply(name: str) -> None:
    """The fact ``reason`` names the one that does."""
    assert " or " not in str(CLASSES[name]()), "name the causes at the fact “reason”"


def test_an_error_can_be_taken_apart_and_put_together() -> None:
    raw = errors.PinWrong.__new__(errors.PinWrong)
    with pytest.raises(AttributeError):
        raw.facts  # noqa: B018  # asked for before there are any, as copying does

    copy = pickle.loads(pickle.dumps(errors.PinWrong(tries_left=2)))  # noqa: S301  # ours
    assert copy.tries_left == 2


@pytest.mark.parametrize("kind", CLASSES.values())
def test_declared_facts_are_documented(kind: type[EhToolkitError]) -> None:
    words = set(re.findall(r"\w+", kind.__doc__ or ""))
    own = {name for name, hint in facts_of(kind).items() if name in vars(kind) and hint is not type(None)}
    if "(facts:" in (kind.__doc__ or ""):
        assert own <= words
    if re.search(r"\breason =", kind.__doc__ or ""):
        assert choices(facts_of(kind)["reason"]) <= words
