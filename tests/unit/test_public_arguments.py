"""Every name of `dir(ehtoolkit)`: its signature, and what its arguments accept and reject."""

from __future__ import annotations

import inspect
import pydoc
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import ehtoolkit
from ehtoolkit import ContactData, Niss, Person, Secret

FUNCTIONS: dict[str, Callable[..., object]] = {
    name: getattr(ehtoolkit, name) for name in dir(ehtoolkit) if inspect.isfunction(getattr(ehtoolkit, name))
}
PATHS = {"PathLike", "Paths", "Paths | None", "PathLike | None", "Iterable[PathLike]"}
PASSWORDS = {"Password", "Password | None", "Passwords"}
CONTACT = ContactData("elise@example.be", "+32 2 555 01 42")
VALID = {
    "contact": CONTACT,
    "person": Person(Niss("81431706470"), "Anaïs Renée", "Delporte-Gómez"),
    "agree": lambda contract: None,
    "reason": "lost",
    "key_id": "A" * 40,
    "record": ehtoolkit.Provider("Vandamme", "Élise"),
    "now": datetime(2026, 11, 29, tzinfo=UTC),
    "recipients": ["SSIN=79031421872"],
}


def parameters(kinds: set[str]) -> list[tuple[str, str, str]]:
    """Return function, parameter and annotation of all parameters that are annotated as one of ``kinds``."""
    return [
        (name, parameter.name, str(parameter.annotation))
        for name, function in FUNCTIONS.items()
        for parameter in inspect.signature(function).parameters.values()
        if parameter.annotation in kinds
    ]


def call(name: str, **given: Any) -> object:
    """Call a public function with ``given``, and with a valid value for every other parameter that it needs."""
    needed = {
        parameter.name: VALID.get(parameter.name, "nowhere.p12")
        for parameter in inspect.signature(FUNCTIONS[name]).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    }
    return FUNCTIONS[name](**{**needed, **given})


def test_there_are_parameters() -> None:
    assert len(parameters(PATHS)) > 15
    assert len(parameters(PASSWORDS)) > 12


@pytest.mark.parametrize(("name", "parameter", "annotation"), parameters(PATHS))
def test_a_path_is_never_empty(name: str, parameter: str, annotation: str) -> None:
    if annotation == "Iterable[PathLike]":
        # An empty text among recipients is no number of a holder; the other lists are of files.
        with pytest.raises((ValueError, ehtoolkit.errors.EhToolkitError)):
            call(name, **{parameter: [""]})
        return
    for empty in ("", " "):
        with pytest.raises(ValueError, match=rf"^{parameter} is an empty path$"):
            call(name, **{parameter: empty})


@pytest.mark.parametrize(("name", "parameter", "annotation"), parameters(PATHS | PASSWORDS))
def test_a_wrong_type_names_the_argument(name: str, parameter: str, annotation: str) -> None:
    with pytest.raises(TypeError, match=rf"^{parameter}(\[0\])? has to be .*, not int$") as raised:
        call(name, **{parameter: [1234] if annotation.startswith("Iterable") else 1234})
    assert "1234" not in str(raised.value)


@pytest.mark.parametrize(("name", "parameter", "annotation"), parameters(PATHS | PASSWORDS))
def test_str_and_path_and_secret_are_accepted(
    name: str, parameter: str, annotation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value of each type gets as far as the other: both end in the same error, or in none."""

    def ending(value: object) -> object:
        with tempfile.TemporaryDirectory(dir=tmp_path) as home:
            monkeypatch.setenv("EHTOOLKIT_HOME", home)
            try:
                call(name, **{parameter: [value] if annotation.startswith("Iterable") else value})
            except ehtoolkit.errors.EhToolkitError as error:
                return error.key
            return None

    path = tmp_path / "nowhere.p12"
    if annotation in PASSWORDS:
        assert ending("Kine-2026") == ending(Secret("Kine-2026"))
    elif parameter == "recipients":  # a str is a holder's number there, and a Path a file
        assert ending(path) == ending("SSIN=79031421872") == "keystore_not_found"
    else:
        assert ending(str(path)) == ending(path)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_help_shows_the_signature(name: str) -> None:
    signature = inspect.signature(FUNCTIONS[name])
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    assert inspect.Parameter.VAR_POSITIONAL not in kinds
    if name not in ("connect", "load_settings"):  # which take every setting by its name
        assert inspect.Parameter.VAR_KEYWORD not in kinds
    shown = pydoc.plain(pydoc.render_doc(FUNCTIONS[name]))
    assert all(f"{parameter}" in shown for parameter in signature.parameters)
    assert inspect.getdoc(FUNCTIONS[name])


UNKNOWN = {
    "a language of an audit": (
        lambda: ehtoolkit.audit(language="xx"),
        "language has to be one of fr, nl, de, en",
    ),
    "a language": (lambda: ehtoolkit.Translator("xx"), "language has to be one of fr, nl, de, en"),  # type: ignore[arg-type]
    "a profile": (
        lambda: ehtoolkit.change_password("a.p12", "Kine-2026", "Kine-2027", profile="newest"),
        "profile has to be one of compatible, modern",
    ),
    "days": (lambda: ehtoolkit.audit(due_within=-1), "due_within has to be 0 or more"),
    "processes": (lambda: ehtoolkit.audit(processes=0), "processes has to be 1 or more"),
    "a card": (lambda: ehtoolkit.read_card(""), "card is empty"),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_an_unknown_name_is_rejected(what: str) -> None:
    action, message = UNKNOWN[what]
    with pytest.raises(ValueError, match=message):
        action()


def test_records_and_moments_are_checked() -> None:
    with pytest.raises(TypeError, match="record has to be Provider, not str"):
        ehtoolkit.examine_provider("Vandamme", datetime.now(UTC))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="now has to be datetime, not str"):
        ehtoolkit.examine_provider(ehtoolkit.Provider("Vandamme", "Élise"), "today")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="settings has to be Settings, not str"):
        ehtoolkit.open_registry("registry.sqlite")  # type: ignore[arg-type]


# ── passwords for many files ─────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def keystores() -> tuple[Path, Path]:
    """The keystores of two people, under two passwords, not completed yet."""
    made = []
    with ehtoolkit.connect() as eh:
        for card, password in (("training:elise", "Kine-2026"), ("training:bram", "Huis-2026")):
            asked = eh.request_certificate(
                CONTACT, password=password, pin="1234", card=card, agree=lambda _: None
            )
            made.append(asked.keystore)
    return made[0], made[1]


def opened(passwords: Any, files: tuple[Path, Path]) -> list[bool]:
    """Return which of two files each of the functions opens that take passwords for many."""
    diagnosed = [diagnosis.opened for diagnosis in ehtoolkit.diagnose(files, passwords)]
    frame = ehtoolkit.audit(files[0].parent, passwords, processes=1).keystores.set_index("file")
    audited = [bool(frame.loc[str(file), "opened"]) for file in files]
    assert diagnosed == audited
    return diagnosed


def test_passwords_by_pattern(keystores: tuple[Path, Path]) -> None:
    elise, _ = keystores
    assert opened({elise.name: "Kine-2026"}, keystores) == [True, False]
    assert opened({"SSIN=8511*": "Huis-2026"}, keystores) == [False, True]
    assert opened({"*.p12": "Huis-2026", f"{elise.parent.name}/{elise.name}": "Kine-2026"}, keystores) == [
        True,
        True,
    ]
    assert opened({elise: "Kine-2026"}, keystores) == [True, False]


def test_a_password_table(keystores: tuple[Path, Path], tmp_path: Path) -> None:
    table = tmp_path / "passwords.csv"
    table.write_text("pattern,password\n*,Kine-2026\n*,Huis-2026\n", encoding="utf-8")
    assert opened(table, keystores) == [True, True]
    assert opened(str(table), keystores) == [True, True]
    with pytest.raises(ehtoolkit.errors.FileUnreadable):
        ehtoolkit.audit(keystores[0].parent, tmp_path / "none.csv")


def test_a_text_that_names_no_table_is_a_password(keystores: tuple[Path, Path]) -> None:
    assert opened("none.csv", keystores) == [False, False]
    assert opened("Kine-2026", keystores) == [True, False]


def test_a_password_that_was_meant_for_many_files_accuses_none(keystores: tuple[Path, Path]) -> None:
    folder = keystores[0].parent
    for many in ("Kine-2026", {"*.p12": "Kine-2026"}):
        findings = ehtoolkit.audit(folder, many, processes=1).findings
        assert "password_wrong" not in set(findings["key"])
    by_name = {keystores[1].name: "Kine-2026"}
    assert "password_wrong" in set(ehtoolkit.audit(folder, by_name, processes=1).findings["key"])


# ── another password ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("profile", [None, "compatible", "modern"])
def test_change_password_with_str_and_path(keystores: tuple[Path, Path], profile: str | None) -> None:
    elise, _ = keystores
    key = ehtoolkit.open_keystore(elise, "Kine-2026").key_id
    changed = ehtoolkit.change_password(str(elise), "Kine-2026", Secret("Kine-2027"), profile=profile)
    assert ehtoolkit.open_keystore(elise, "Kine-2027").key_id == key
    assert ehtoolkit.open_keystore(changed.backup, "Kine-2026").key_id == key
    assert profile in (None, changed.profile)
    with pytest.raises(ehtoolkit.errors.KeystorePasswordWrong):
        ehtoolkit.change_password(elise, "Kine-2026", "Kine-2028")
