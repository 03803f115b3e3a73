"""Names and neighbours: what other programs stumble over in the keystore folder."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest

from ehtoolkit.i18n import BRUSSELS, Translator
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from tests.keystore.conftest import KeystoreMaker
from tests.keystore.diagnosis.conftest import ACCEPTANCE, NAME, OLD_SERIAL, Maker

OLDER = "SSIN=79031421872 20230601-090000.p12"


class Put(Protocol):
    """Write files with these names and return their folder."""

    def __call__(self, *names: str, data: bytes = ...) -> Path: ...


@pytest.fixture
def put(maker: Maker, complete: bytes, tmp_path: Path) -> Put:
    def put(*names: str, data: bytes = complete) -> Path:
        for name in names:
            (tmp_path / name).write_bytes(data)
        return tmp_path

    return put


def look(maker: Maker, folder: Path, name: str, *, password: bool = True) -> Diagnosis:
    given = maker.password if password else None
    return diagnose(folder / name, given, maker.now, listing=HolderFiles.listed(folder))


def facts(diagnosis: Diagnosis, key: str) -> dict[str, object]:
    return next(dict(finding.facts) for finding in diagnosis.findings if finding.key == key)


@pytest.mark.parametrize(
    "name",
    [NAME, "SSIN=79031421872_20261124-130000.p12", "NIHII-PHARMACY=12345678,SHOP 20261124-130000.acc-p12"],
)
def test_names_that_are_fine(maker: Maker, complete: bytes, name: str) -> None:
    assert not maker.keys(complete, name) & {"name_renamed", "name_odd", "name_backup"}


def test_without_a_name_there_is_no_finding_about_it(maker: Maker, complete: bytes) -> None:
    assert not any(key.startswith(("name_", "ending_")) for key in maker.keys(complete, None))


def test_the_proper_name_of_a_file_that_was_called_anything(maker: Maker, complete: bytes) -> None:
    proper = facts(maker.look(complete, "mon certificat.p12"), "name_renamed")["proper"]
    assert proper == f"SSIN=79031421872 {maker.keystore_maker.start.astimezone(BRUSSELS):%Y%m%d-%H%M%S}.p12"
    acceptance = maker.write(maker.issued_by(ACCEPTANCE))
    named = facts(maker.look(acceptance, "79031421872 20261124-130000.p12"), "name_renamed")["proper"]
    assert named == "SSIN=79031421872 20261124-130000.acc-p12"
    integration = diagnose(complete, None, maker.now, name="79031421872 20261124-130000.int-p12")
    assert facts(integration, "name_renamed")["proper"] == "SSIN=79031421872 20261124-130000.int-p12"


def test_a_name_in_another_case(maker: Maker, put: Put) -> None:
    """To some systems it is the proper name already: it is not taken by another file."""
    folder = put(NAME.lower())
    assert facts(look(maker, folder, NAME.lower()), "name_renamed")["proper"] == NAME


@pytest.mark.parametrize("time", ["99991231-235959", "00010101-000000", "20261399-000000"])
def test_times_that_cannot_be(maker: Maker, complete: bytes, time: str) -> None:
    proper = facts(maker.look(complete, f"SSIN=79031421872 {time} (1).p12"), "name_renamed")["proper"]
    assert proper == f"SSIN=79031421872 {maker.keystore_maker.start.astimezone(BRUSSELS):%Y%m%d-%H%M%S}.p12"


def test_a_file_without_holder_has_no_proposed_name(maker: Maker, complete: bytes) -> None:
    closed = diagnose(complete, None, maker.now, name="certificat.p12")
    assert closed.has("name_odd")
    assert maker.look(complete, f"{NAME}.20261124T120000Z.bak").has("name_backup")


def test_older_and_newer_files_of_a_person(maker: Maker, put: Put) -> None:
    folder = put(NAME, OLDER, "SSIN=80010112309 20270101-000000.p12", "certificat.p12")
    assert facts(look(maker, folder, NAME), "beside_older") == {"others": (OLDER,)}
    assert facts(look(maker, folder, OLDER), "beside_newer") == {"newer": NAME, "others": (NAME,)}
    for name in (NAME, OLDER):
        closed = look(maker, folder, name, password=False)
        assert closed.has("beside_older") is (name == NAME)
        assert closed.has("beside_newer") is (name == OLDER)
    assert not look(maker, put("SSIN=80010112309 20270101-000000.p12", data=b""), NAME).has("beside_newer")


def test_an_unopened_file_has_the_finding(maker: Maker, put: Put) -> None:
    put(NAME, data=b"")
    diagnosis = look(maker, put(OLDER), NAME)
    assert [finding.key for finding in diagnosis.findings] == ["file_empty", "beside_older"]


@pytest.mark.parametrize("data", ["", "prepared"])
def test_an_unusable_file_is_no_newer_file(maker: Maker, put: Put, data: str) -> None:
    """One that is damaged, or waits for its certificate, is said to be there, and nobody is sent to load it."""
    put(NAME, data=maker.write(maker.keystore_maker.prepared) if data else b"")
    diagnosis = look(maker, put(OLDER), OLDER)
    assert not diagnosis.has("beside_newer")
    assert facts(diagnosis, "beside_older") == {"others": (NAME,)}


def test_an_organisation_has_a_file_for_each_application(maker: Maker, put: Put) -> None:
    first, second = (f"NIHII-PHARMACY=12345678,{app} 20261124-130000.p12" for app in ("ONE", "TWO"))
    folder = put(first, second)
    closed = look(maker, folder, first, password=False)
    assert not closed.has("beside_older")
    assert not closed.has("beside_newer")
    put("NIHII-PHARMACY=12345678,ONE 20270101-130000.p12")
    assert look(maker, folder, first, password=False).has("beside_newer")


def test_keys_that_only_the_older_file_has(maker: Maker, put: Put) -> None:
    put(OLDER, data=maker.write(maker.with_old_key(maker.keystore_maker.complete)))
    folder = put(NAME)
    found = facts(look(maker, folder, NAME, password=False), "beside_more_keys")
    assert found == {"older": OLDER, "count": 1, "serials": (str(OLD_SERIAL),)}
    assert not look(maker, folder, OLDER).has("beside_more_keys")
    put(OLDER, data=b"damaged")
    assert not look(maker, folder, NAME).has("beside_more_keys")


def test_a_folder_that_cannot_be_listed_has_no_neighbours(tmp_path: Path) -> None:
    assert HolderFiles.listed(tmp_path / "missing").names == frozenset()
    (tmp_path / "file").write_bytes(b"")
    assert HolderFiles.listed(tmp_path / "file").names == frozenset()


def test_one_look_at_the_folder_serves_all_its_files(maker: Maker, put: Put) -> None:
    names = [f"SSIN=79031421872 2026112{day}-130000.p12" for day in range(9)]
    folder = put(*names)
    listing = HolderFiles.listed(folder)
    found = [diagnose(folder / name, None, maker.now, listing=listing) for name in names]
    assert [each.has("beside_newer") for each in found] == [True] * 8 + [False]


@pytest.mark.parametrize("when", ["renewable", "expired"])
@pytest.mark.parametrize("newer", ["complete", "waiting", "a copy", "no keystore"])
def test_a_newer_file_is_reported_once(maker: Maker, put: Put, when: str, newer: str) -> None:
    """The old one is neither to be renewed nor to be requested anew, and a renewal that waits is to be completed."""
    keystore_maker = maker.keystore_maker
    roles = {
        **keystore_maker.keys,
        "authentication": keystore_maker.keys["renewed"],
        "encryption": keystore_maker.keys["stranger"],
    }
    later = KeystoreMaker(roles, keystore_maker.start, keystore_maker.end)
    waiting = Keystore.prepare(later.keys["authentication"], keystore_maker.start)
    waiting = waiting.with_encryption(
        keystore_maker.keys["encryption"], keystore_maker.encryption_certificate()
    )  # the old keys
    certificate = later.encryption_certificate(serial=(1 << 127) + 9)
    content = {
        "complete": maker.write(later.installed.with_encryption(later.keys["encryption"], certificate)),
        "waiting": maker.write(waiting),
        "a copy": maker.write(keystore_maker.complete),
        "no keystore": b"",
    }[newer]
    put(NAME, data=content)
    folder = put(OLDER)
    end = keystore_maker.complete.not_after
    assert end is not None
    now = end + timedelta(days=20 if when == "expired" else -20)
    found = diagnose(folder / OLDER, maker.password, now, listing=HolderFiles.listed(folder))
    said = {finding.key for finding in found.findings if finding.key.startswith("state_")} | (
        {"beside_newer"} & {finding.key for finding in found.findings}
    )
    assert said == {
        "complete": {"state_replaced"},
        "waiting": {"state_renewal_waits"},
        "no keystore": {f"state_{when}"},
    }.get(newer, {f"state_{when}", "beside_newer"})
    if newer in ("complete", "waiting"):
        assert facts(found, said.pop()) == {"date": end, "newer": NAME}
        steps = " ".join(finding.next_step(Translator("en")) for finding in found.findings)
        assert "certificate renew" not in steps
        assert "new request" not in steps
