"""What rescue says of the parts that it could not save, compared with what openssl still reads of the file."""

from __future__ import annotations

import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from cryptography import x509

from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, with_local_key_id
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12
from ehtoolkit.keystore.codec.protection import Encrypted
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.entries import judge_certificates
from ehtoolkit.keystore.key_pairs import encoded, key_id_of
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.lost_items import LostItem, Purpose, advise_on_lost, describe_lost
from ehtoolkit.keystore.repair.merging import carry_old_keys, merge_old_keys
from ehtoolkit.keystore.rewrite import rewrite_file
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from tests.keystore.conftest import KeystoreMaker
from tests.keystore.other_programs import need
from tests.keystore.quick_writer import write_quick

OLDER, DAMAGED = "SSIN=79031421872 20230901-101500.p12", "SSIN=79031421872 20261124-130000.p12"
OLD_SERIAL, NEW_SERIAL = (1 << 127) + 7, (1 << 127) + 9


@pytest.fixture(scope="module")
def renewed(keystore_maker: KeystoreMaker) -> Keystore:
    """A renewed keystore: new keys, and the encryption key of the older one, whose signer is in no file any more."""
    roles = {
        **keystore_maker.keys,
        "authentication": keystore_maker.keys["renewed"],
        "encryption": keystore_maker.keys["stranger"],
    }
    later = KeystoreMaker(roles, keystore_maker.start + timedelta(days=1), keystore_maker.end)
    certificate = later.encryption_certificate(serial=NEW_SERIAL)
    complete = later.installed.with_encryption(later.keys["encryption"], certificate)
    return carry_old_keys(complete, keystore_maker.complete)


def certificates_of_openssl(file: Path, secret: Path) -> set[bytes]:
    """Every certificate that openssl reads in a file without looking at its MAC or its keys."""
    shown = subprocess.run(
        [
            *(need("openssl"), "pkcs12", "-legacy", "-nomacver", "-nokeys"),
            *("-in", file, "-passin", f"file:{secret}"),
        ],
        capture_output=True,
        check=True,
    ).stdout
    blocks = re.findall(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", shown, re.DOTALL)
    return {encoded(x509.load_pem_x509_certificate(block)) for block in blocks}


def with_damaged_key(data: bytes, alias: str) -> bytes:
    """The file with another byte in the salt that encrypts a private key."""
    (key,) = (bag for bag in outline_pkcs12(data).visible_bags if isinstance(bag, Key) and bag.alias == alias)
    assert isinstance(key.material, Encrypted)
    at = data.rindex(b"s" * 20, 0, data.index(key.material.data))
    return data[:at] + b"\0" + data[at + 1 :]


@pytest.fixture
def files(keystore_maker: KeystoreMaker, renewed: Keystore, password: Secret, tmp_path: Path) -> Path:
    """The folder of the holder: the older keystore, and the renewed one."""
    (tmp_path / "p.txt").write_text(password.reveal())
    for name, keystore in ((OLDER, keystore_maker.complete), (DAMAGED, renewed)):
        (tmp_path / name).write_bytes(write_quick(keystore.contents, password, EncryptionProfile.COMPATIBLE))
    return tmp_path


@pytest.mark.parametrize(
    ("alias", "purpose", "unproven"),
    [
        ("authentication", "authentication", []),
        (str(NEW_SERIAL), "encryption", []),
        (str(OLD_SERIAL), "encryption", [str(OLD_SERIAL)]),
    ],
)
def test_a_lost_key_costs_no_certificate_and_is_named(
    files: Path, renewed: Keystore, password: Secret, alias: str, purpose: Purpose, unproven: list[str]
) -> None:
    file, target = files / DAMAGED, files / "saved.p12"
    file.write_bytes(with_damaged_key(file.read_bytes(), alias))
    (key,) = (key for key in renewed.contents.keys if key.alias == alias)

    made = rewrite_file(file, password, target, salvage=True)

    copies = (files / OLDER,) if alias == str(OLD_SERIAL) else ()
    assert made.lost == (LostItem("key", "damaged", alias, key.key_id.hex().upper(), purpose, copies),)
    assert list(made.unproven) == unproven
    saved = read_pkcs12(target.read_bytes(), password)
    assert {bag.der for bag in saved.certificates} == certificates_of_openssl(file, files / "p.txt")
    assert {each.pkcs8 for each in saved.keys} == {
        each.pkcs8 for each in renewed.contents.keys if each is not key
    }


def test_the_older_keystore_that_is_named_has_the_lost_key(
    files: Path, renewed: Keystore, password: Secret
) -> None:
    """The advice works: merging brings the key back, with its certificate."""
    file, target = files / DAMAGED, files / "saved.p12"
    file.write_bytes(with_damaged_key(file.read_bytes(), str(OLD_SERIAL)))
    (lost,) = rewrite_file(file, password, target, salvage=True).lost

    merged = merge_old_keys(open_keystore(target, password), open_keystore(lost.copies[0], password))

    assert {key.pkcs8 for key in merged.contents.keys} == {key.pkcs8 for key in renewed.contents.keys}
    assert all(key.chain for key in merged.contents.keys)


@pytest.mark.parametrize("place", ["beside", "archive", "other folder", "a copy of the damage", "nowhere"])
def test_where_a_copy_of_a_lost_key_is_looked_for(files: Path, password: Secret, place: str) -> None:
    file, older, other = files / DAMAGED, files / OLDER, files / "other"
    damaged = with_damaged_key(file.read_bytes(), str(OLD_SERIAL))
    file.write_bytes(damaged)
    wanted = {"beside": older, "archive": files / "archive" / OLDER, "other folder": other / OLDER}.get(place)
    data = older.read_bytes()
    older.unlink()
    if wanted is not None:
        wanted.parent.mkdir(exist_ok=True)
        wanted.write_bytes(data)
    if place == "a copy of the damage":
        (files / "SSIN=79031421872 20261125-130000.p12").write_bytes(damaged)

    (lost,) = rewrite_file(file, password, files / "saved.p12", salvage=True, folders=[other]).lost

    assert lost.copies == (() if wanted is None else (wanted,))


def test_a_certificate_is_damaged_only_where_that_is_proven(
    keystore_maker: KeystoreMaker, renewed: Keystore
) -> None:
    """The old encryption certificate without its key and its signer; the same stored as that of a key of the file; and
    an issuer of which the root is damaged."""
    bags = renewed.contents.certificates
    (old,) = (bag for bag in bags if bag.alias == str(OLD_SERIAL))
    ids = [key.key_id for key in renewed.contents.keys if key.alias != str(OLD_SERIAL)]
    verdicts = dict(zip(bags, judge_certificates(bags, ids), strict=True))
    assert verdicts.pop(old) is None
    assert all(verdicts.values())
    mistaken = with_local_key_id(old, ids[0])
    assert judge_certificates([*bags, mistaken], ids)[-1] is False
    leaf, issuing, root = (CertificateBag(encoded(each)) for each in keystore_maker.chain)
    at = len(root.der) // 2
    broken = CertificateBag(root.der[:at] + bytes([root.der[at] ^ 1]) + root.der[at + 1 :])
    own = [key_id_of(keystore_maker.chain[0])]
    assert judge_certificates([leaf, issuing, broken], own) == (True, True, False)


def test_a_leaf_and_an_issuer_of_which_one_is_damaged(keystore_maker: KeystoreMaker) -> None:
    """Without the root, nothing tells which of both: both are kept."""
    leaf, issuing = (CertificateBag(encoded(each)) for each in keystore_maker.chain[:2])
    own = [key_id_of(keystore_maker.chain[0])]
    for place in (0, 1):
        bags = [leaf, issuing]
        der = bags[place].der
        bags[place] = CertificateBag(der[:-20] + bytes([der[-20] ^ 1]) + der[-19:])
        expected = (None, None) if place == 0 else (True, True)  # the issuer's signature is not looked at
        assert judge_certificates(bags, own) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_is_named_in_every_language(language: LanguageName) -> None:
    reasons = ("truncated", "damaged", "unproven", "unsupported", "password")
    for texts in (Translator(language), Translator(language, on_pages=True)):
        for kind in ("key", "certificate", "certificates", "other", "rest"):
            for reason in reasons:
                said = describe_lost(LostItem(kind, reason, "4711"), texts)
                assert ("4711" in said[0]) is (kind in ("key", "certificate", "other"))
        for purpose in get_args(Purpose):
            item = LostItem("key", "damaged", "4711", "AB" * 20, purpose, (Path("older.p12"),))
            what, then = describe_lost(item, texts)
            assert "4711" in what
            assert "older.p12" in then


def test_a_certificate_is_asked_for_again_only_where_its_key_is_left() -> None:
    texts = Translator("en")
    lost_certificate, lost_key = (
        LostItem("certificate", "damaged"),
        LostItem("key", "damaged", purpose="authentication"),
    )
    again = texts.get("keystore.lost.complete")
    assert again in advise_on_lost([lost_certificate], texts)
    assert again not in advise_on_lost([lost_key], texts)
    assert again not in advise_on_lost([lost_certificate, lost_key], texts)
    assert list(advise_on_lost([], texts)) == []
