"""What users report about their file, row by row, and what the diagnosis has to find for each.

The numbers are rows of the list of symptoms that the diagnosis is made for: 4 and 24 to 39 are about the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from ehtoolkit.finding import Severity
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.key_pairs import encoded
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.secret import Secret
from tests.keystore.diagnosis.conftest import ACCEPTANCE, ELLIPTIC, NAME, PRODUCTION, Maker

OLDER: Final = "SSIN=79031421872 20230601-090000.p12"
ROWS: Final = frozenset((4, *range(24, 40)))


@dataclass(frozen=True)
class Row:
    """``symptom``: what the user sees. ``make``: the situation. ``finds``: the findings that must be there,
    ``never``: those that would mislead."""

    number: int
    symptom: str
    make: Callable[[Maker, Path], Diagnosis]
    finds: frozenset[str]
    never: frozenset[str] = frozenset()


BEYOND_THE_FILE: Final = {
    28: "which of the keys is published, and whether it was activated, only the depot and the platform know; "
    "what the file has to compare with the depot, its serial number, is the finding etk_current",
    29: "how many tokens match at the depot is not in the file",
    38: "that the holder has left the practice is in the register of providers, not in the file",
}


def _waiting(maker: Maker, _: Path) -> Diagnosis:
    return maker.look(maker.keystore_maker.prepared)


def _wrong_password(maker: Maker, _: Path) -> Diagnosis:
    return diagnose(maker.write(maker.keystore_maker.complete), Secret(" KINE-2026"), maker.now, name=NAME)


def _damaged(maker: Maker, _: Path) -> Diagnosis:
    data = bytearray(maker.write(maker.keystore_maker.complete))
    data[-30] ^= 1  # in the MAC at the end
    return maker.look(bytes(data))


def _small(maker: Maker, _: Path) -> Diagnosis:
    return maker.look(maker.keystore_maker.complete)


def _large(maker: Maker, _: Path) -> Diagnosis:
    contents = maker.keystore_maker.installed.contents
    many = Pkcs12Contents(contents.keys, contents.certificates * 3)
    return maker.look(many)


def _without_etk(maker: Maker, _: Path) -> Diagnosis:
    return maker.look(maker.keystore_maker.installed)


def _folder(maker: Maker, folder: Path, name: str, others: tuple[str, ...]) -> Diagnosis:
    for other in (name, *others):
        (folder / other).write_bytes(maker.write(maker.keystore_maker.complete))
    return diagnose(folder / name, maker.password, maker.now, listing=HolderFiles.listed(folder))


def _beside_older(maker: Maker, folder: Path) -> Diagnosis:
    return _folder(maker, folder, NAME, (OLDER,))


def _beside_newer(maker: Maker, folder: Path) -> Diagnosis:
    return _folder(maker, folder, OLDER, (NAME,))


def _copied(maker: Maker, folder: Path) -> Diagnosis:
    return _folder(maker, folder, "SSIN=79031421872 20261124-130000 (1).p12", ())


def _beside_test(maker: Maker, folder: Path) -> Diagnosis:
    return _folder(maker, folder, NAME, ("SSIN=79031421872 20230601-090000.acc-p12",))


def _test_in_production(maker: Maker, _: Path) -> Diagnosis:
    return maker.look(maker.issued_by(ACCEPTANCE))


def _keys_left_behind(maker: Maker, folder: Path) -> Diagnosis:
    (folder / OLDER).write_bytes(maker.write(maker.with_old_key(maker.keystore_maker.complete)))
    (folder / NAME).write_bytes(maker.write(maker.keystore_maker.complete))
    return diagnose(folder / NAME, maker.password, maker.now, listing=HolderFiles.listed(folder))


def _merged_wrongly(maker: Maker, _: Path) -> Diagnosis:
    return maker.look(maker.with_old_certificate_only(maker.keystore_maker.complete))


def _truncated(maker: Maker, _: Path) -> Diagnosis:
    return maker.look(maker.write(maker.keystore_maker.complete)[:3000])


def _certificates_only(maker: Maker, _: Path) -> Diagnosis:
    return maker.look(Pkcs12Contents((), maker.keystore_maker.installed.contents.certificates))


def _bare_certificate(maker: Maker, _: Path) -> Diagnosis:
    return maker.look(encoded(maker.keystore_maker.chain[0]))


def _gone(maker: Maker, folder: Path) -> Diagnosis:
    return diagnose(folder / NAME, maker.password, maker.now)


def _expired(maker: Maker, _: Path) -> Diagnosis:
    return maker.look(maker.keystore_maker.complete, now=maker.keystore_maker.end + timedelta(days=2))


def _row(
    number: int, symptom: str, make: Callable[[Maker, Path], Diagnosis], finds: str, never: str = ""
) -> Row:
    return Row(number, symptom, make, frozenset(finds.split()), frozenset(never.split()))


TABLE: Final = (
    _row(4, "step 2 cannot find the request: the waiting file lies elsewhere", _waiting, "state_prepared"),
    _row(
        24,
        "keystore password was incorrect",
        _wrong_password,
        "password_wrong password_hint_blanks password_hint_capitals",
        "damaged_integrity damaged_contents",
    ),
    _row(24, "the same words, and the file is damaged", _damaged, "damaged_integrity", "password_wrong"),
    _row(25, "software refuses the file after the request", _waiting, "state_prepared"),
    _row(26, "support wants 10 kB and the file is smaller", _small, "size_small_but_whole state_complete"),
    _row(26, "support is content with the size, and the file lacks a key", _large, "size_large_but_lacking"),
    _row(27, "could not retrieve ETK", _without_etk, "state_no_etk"),
    _row(30, "several keystores for one person", _beside_older, "beside_older", "beside_newer"),
    _row(31, "software crashes after a file was copied", _copied, "name_renamed"),
    _row(32, "test file used in production", _test_in_production, "environment_test ending_misleads"),
    _row(32, "test file beside that of production", _beside_test, "beside_other_environment", "beside_older"),
    _row(33, "all works, until the old certificate ends", _beside_newer, "beside_newer", "beside_older"),
    _row(34, "old messages cannot be opened", _keys_left_behind, "beside_more_keys beside_older"),
    _row(35, "the same, though the files were merged", _merged_wrongly, "etk_key_missing"),
    _row(36, "private key not found, file truncated", _truncated, "damaged_truncated"),
    _row(36, "a file of zero bytes", lambda maker, _: maker.look(b""), "file_empty"),
    _row(36, "a keystore without a private key", _certificates_only, "content_no_key"),
    _row(36, "a bare certificate", _bare_certificate, "file_certificate"),
    _row(37, "new computer, the file is gone", _gone, "file_missing"),
    _row(39, "the certificate has expired", _expired, "state_expired", "state_complete"),
)


def test_every_row_about_the_file_is_here_once_or_has_a_reason() -> None:
    shown = {row.number for row in TABLE}
    assert shown | BEYOND_THE_FILE.keys() == ROWS
    assert not shown & BEYOND_THE_FILE.keys()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.number}-{row.symptom}".replace(" ", "_"))
def test_the_diagnosis_finds_it(row: Row, maker: Maker, tmp_path: Path) -> None:
    diagnosis = row.make(maker, tmp_path)
    found = {finding.key for finding in diagnosis.findings}
    assert row.finds <= found
    assert not row.never & found
    for language in LANGUAGES:
        for finding in diagnosis.findings:
            assert "{" not in finding.message(Translator(language)) + finding.next_step(Translator(language))


def test_the_proper_name_is_offered(maker: Maker, tmp_path: Path) -> None:
    for name in (
        "SSIN=79031421872 20261124-130000 (1).p12",
        "SSIN=79031421872 20261124-130000 - Copy.p12",
        "Copy of SSIN=79031421872 20261124-130000.p12",
        "79031421872 20261124-130000.p12",
    ):
        diagnosis = maker.look(maker.keystore_maker.complete, name)
        (finding,) = (each for each in diagnosis.findings if each.key == "name_renamed")
        assert finding.facts == {"name": name, "proper": NAME}
    beside = _folder(maker, tmp_path, "SSIN=79031421872 20261124-130000 (1).p12", (NAME,))
    (finding,) = (each for each in beside.findings if each.key == "name_renamed")
    assert (
        finding.facts["proper"] == "SSIN=79031421872 20261124-125959.p12"
    )  # the original stays the last one


def test_an_authority_that_old_software_does_not_know(maker: Maker) -> None:
    assert "issuer_elliptic" in maker.keys(maker.issued_by(ELLIPTIC, elliptic=True))
    assert "issuer_elliptic" not in maker.keys(maker.issued_by(PRODUCTION))


def test_a_good_file_of_production_is_called_good(maker: Maker) -> None:
    diagnosis = maker.look(maker.issued_by(PRODUCTION))
    assert diagnosis.severity is Severity.INFO
    assert diagnosis.environment is Environment.PRODUCTION
    assert {finding.key for finding in diagnosis.findings} == {
        *("state_complete", "chain_complete", "etk_current", "size_small_but_whole"),
        *("java_readable", "dotnet_readable", "old_readable"),
    }
