"""The card's software: which is there, whether it loads, and what it cannot do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ehtoolkit.card.readers import ReaderProbe
from ehtoolkit.doctor.readers import check_modules
from ehtoolkit.i18n import LANGUAGES, Translator
from tests.doctor.conftest import keys, one
from tests.doctor.scripted_probe import scripted
from tests.support.softhsm import softhsm_module

OPENSC = Path("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so")


def said(kind: str, version: str = "5.1") -> dict[str, object]:
    return {"result": {"kind": kind, "version": version}}


def there(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(b"")
    return path


def test_none_at_all(tmp_path: Path) -> None:
    lines = list(check_modules(ReaderProbe(), None, [tmp_path / "libbeidpkcs11.so.0"]))
    assert keys(lines) == [("module", "error", "module_missing")]
    assert "eid.belgium.be" in lines[0].next_step(Translator("de"))


def test_the_official_one(tmp_path: Path) -> None:
    official = there(tmp_path, "libbeidpkcs11.so.0")
    lines = list(check_modules(scripted(tmp_path, said("official")), None, [official]))
    assert keys(lines) == [("module", "ok", "module_official")]
    assert "5.1" in one(lines, "module_official").message(Translator("fr"))


def test_opensc_alone_cannot_sign() -> None:
    """The real module says of itself that it is OpenSC."""
    if not OPENSC.exists():
        pytest.skip("OpenSC is not installed")
    lines = list(check_modules(ReaderProbe(), None, [OPENSC]))
    assert keys(lines) == [("module", "error", "module_opensc")]
    for language in LANGUAGES:
        line = one(lines, "module_opensc")
        assert "2021" in line.message(Translator(language))
        assert "eid.belgium.be" in line.next_step(Translator(language))


@pytest.mark.parametrize(
    ("version", "key"),
    [
        ("0.26", "module_opensc"),
        ("0.27", "module_opensc_new"),
        ("1.0", "module_opensc_new"),
        ("x", "module_opensc"),
    ],
)
def test_which_cards_opensc_knows_depends_on_its_version(tmp_path: Path, version: str, key: str) -> None:
    module = there(tmp_path, "opensc-pkcs11.so")
    lines = list(check_modules(scripted(tmp_path, said("opensc", version)), None, [module]))
    assert keys(lines) == [("module", "error", key)]
    assert version in one(lines, key).message(Translator("nl"))
    assert "eid.belgium.be" in one(lines, key).next_step(Translator("nl"))


def test_opensc_beside_another(tmp_path: Path) -> None:
    """Named by its file alone, a module is the official one: SoftHSM stands in for it here."""
    official = tmp_path / "libbeidpkcs11.so.0"
    shutil.copy(softhsm_module(), official)
    lines = list(check_modules(ReaderProbe(), None, [official, OPENSC]))
    assert keys(lines) == [("module", "ok", "module_official"), ("module", "ok", "module_opensc_too")]


def test_the_one_that_is_chosen_counts_alone() -> None:
    lines = list(check_modules(ReaderProbe(), softhsm_module(), [OPENSC]))
    assert keys(lines) == [("module", "warning", "module_other")]
    one(lines, "module_other")


def test_a_file_that_is_no_module(tmp_path: Path) -> None:
    path = there(tmp_path, "libbeidpkcs11.so.0")
    lines = list(check_modules(ReaderProbe(), None, [path]))
    assert keys(lines) == [("module", "error", "module_missing")]


@pytest.mark.parametrize(
    ("mishap", "key"),
    [({"sleep": 20}, "module_silent"), ({"exit": 11}, "module_broken")],
    ids=["hangs", "crashes"],
)
def test_a_module_that_gives_no_answer(tmp_path: Path, mishap: dict[str, int], key: str) -> None:
    """One that hangs is not told to be broken: it waits for a reader that does not answer, more often than not."""
    path = there(tmp_path, "libbeidpkcs11.so.0")
    lines = list(check_modules(scripted(tmp_path, mishap), None, [path]))
    assert keys(lines) == [("module", "error", key)]
    assert str(path) in one(lines, key).message(Translator("en"))
    assert ("unplug the reader" in one(lines, key).next_step(Translator("en"))) is (key == "module_silent")


def test_without_the_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ehtoolkit.doctor.readers.find_spec", lambda name: None)
    lines = list(check_modules(ReaderProbe(), None))
    assert keys(lines) == [("module", "error", "module_missing")]
    assert '".[card]"' in lines[0].next_step(Translator("en"))
