"""Files that show a finding which takes the platform, another file or the folder to help."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import install_certificate
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.cli.conftest import Call
from tests.cli.made_files import with_pair
from tests.support.commands import has_option

PASSWORD = Secret("Kine-2026")
HOLDER = "SSIN=79031421872"
Answer = tuple[int, dict[str, Any]]
Findings = Mapping[str, dict[str, Any]]
COMPLETE = ("certificate complete FILE",)
RENEW = "certificate renew FILE --accept-terms --pin-file PIN"
MERGE = ("keystore merge FILE --from COPY",)
ARCHIVE = ("keystore archive FOLDER",)
SHOW = ("etk show HOLDER",)


@dataclass
class TrainingPlatformDriver:
    """Somebody with a card, at the training platform."""

    call: Call
    ask: Call
    secrets: dict[str, Path]
    tmp_path: Path

    def __call__(self, *command: object) -> Answer:
        """Call a command, with the password where it takes one."""
        given = ("--password-file", self.secrets["password"]) if has_option(command, "password_file") else ()
        return self.call(*command, *given)

    def findings(self, file: Path, *, opened: bool = True) -> Findings:
        given = ("--password-file", self.secrets["password"]) if opened else ()
        _, answer = self.call("keystore", "diagnose", file, "--lang", "en", *given)
        return {finding["key"]: finding for finding in answer["keystores"][0]["findings"]}

    # ── files ────────────────────────────────────────────────────────────────────────────────────────────
    def delivered(self) -> Path:
        """A request whose certificate is ready."""
        asked = self.ask()[1]
        assert "keystore" in asked, asked
        keystore = Path(asked["keystore"])
        self.call("training", "clock", "+1d")
        return keystore

    def installed(self) -> Path:
        """The certificate is there, and no encryption key."""
        keystore = self.delivered()
        toolkit = open_toolkit(load_settings())
        install_certificate(KeystoreFile.open(keystore, PASSWORD), toolkit.context)
        toolkit.close()
        return keystore

    def ending(self) -> Path:
        """The same, a year and more later."""
        keystore = self.installed()
        self.call("training", "clock", "+34mo")
        return keystore

    def complete(self) -> Path:
        keystore = self.delivered()
        assert self("certificate", "complete", keystore)[0] == 0
        return keystore

    def due(self) -> Path:
        keystore = self.complete()
        self.call("training", "clock", "+34mo")
        return keystore

    def renewing(self) -> Path:
        """The old one; the new one waits beside it, its certificate is ready."""
        old = self.due()
        asked = ("certificate", "renew", old, "--accept-terms", "--pin-file", self.secrets["pin"])
        assert self(*asked)[0] == 0
        self.call("training", "clock", "+1d")
        return old

    def renewed(self) -> Path:
        old = self.renewing()
        assert self("certificate", "complete", self.newest(old))[0] == 0
        return old

    def activated(self) -> Path:
        old = self.renewed()
        assert self("certificate", "activate", self.newest(old))[0] == 0
        return old

    def twice(self) -> Path:
        """The old one of two that are complete, of which the new one lacks a key."""
        old = self.complete()
        asked = ("certificate", "revoke", old, "--reason", "superseded", "--accept-terms")
        assert self(*asked, "--pin-file", self.secrets["pin"])[0] == 0
        self.complete()
        return old

    def merged(self) -> Path:
        old = self.twice()
        assert self("keystore", "merge", self.newest(old), "--from", old)[0] == 0
        return old

    def newest(self, file: Path) -> Path:
        return max(file.parent.glob("*.*p12"))

    def changed(self, change: Callable[[Pkcs12Contents], Pkcs12Contents], file: Path | None = None) -> Path:
        """A complete one of which ``change`` was made; what it was is put elsewhere."""
        keystore = file or self.complete()
        (self.tmp_path / "copy.p12").write_bytes(keystore.read_bytes())
        contents = read_pkcs12(keystore.read_bytes(), PASSWORD)
        keystore.write_bytes(write_pkcs12(change(contents), PASSWORD))
        return keystore

    def parted(self) -> Path:
        """The encryption key of a complete one alone; the rest is elsewhere."""
        file = self.complete()
        contents = read_pkcs12(file.read_bytes(), PASSWORD)
        (self.tmp_path / "copy.p12").write_bytes(write_pkcs12(without_encryption(Key, contents), PASSWORD))
        decrypting = tuple(key for key in contents.keys if (key.alias or "").isdecimal())
        ids = {key.local_key_id for key in decrypting}
        own = tuple(bag for bag in contents.certificates if bag.local_key_id in ids)
        file.write_bytes(write_pkcs12(replace(contents, keys=decrypting, certificates=own), PASSWORD))
        return file


# ── what is wrong with a file ────────────────────────────────────────────────────────────────────────────
def is_of_key(bag: CertificateBag) -> bool:
    return bag.local_key_id is not None


def without_chain(contents: Pkcs12Contents) -> Pkcs12Contents:
    return replace(contents, certificates=tuple(filter(is_of_key, contents.certificates)))


def backwards(contents: Pkcs12Contents) -> Pkcs12Contents:
    return replace(contents, certificates=contents.certificates[::-1])


def pretended(contents: Pkcs12Contents) -> Pkcs12Contents:
    """An authority of the right name that has signed nothing."""
    leaf = x509.load_der_x509_certificate(contents.certificates[0].der)
    key = rsa.generate_private_key(65537, 2048)
    times = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    builder = x509.CertificateBuilder(leaf.issuer, leaf.issuer, key.public_key(), 77, *times)
    false = CertificateBag(builder.sign(key, SHA256()).public_bytes(Encoding.DER))
    return replace(contents, certificates=(*without_chain(contents).certificates, false))


def without_encryption(kind: type[Key | CertificateBag], contents: Pkcs12Contents) -> Pkcs12Contents:
    if kind is Key:
        keys = tuple(key for key in contents.keys if not (key.alias or "").isdecimal())
        return replace(contents, keys=keys)
    certificates = tuple(bag for bag in contents.certificates if not (bag.alias or "").isdecimal())
    return replace(contents, certificates=certificates)


# ── what proves that a step helped, where the finding stays ──────────────────────────────────────────────
def seals_for(_: TrainingPlatformDriver, file: Path, answer: dict[str, Any]) -> None:
    """The depot has one of the file's keys."""
    published = {token["serial"] for token in answer["tokens"]}
    assert published & {bag.alias for bag in read_pkcs12(file.read_bytes(), PASSWORD).keys}


def is_active(_: TrainingPlatformDriver, __: Path, answer: dict[str, Any]) -> None:
    assert answer["state"] == "active"


def opens_messages(driver: TrainingPlatformDriver, file: Path, _: dict[str, Any]) -> None:
    """There is an RSA key that the depot has, beside the one that was there."""
    seals_for(driver, file, driver("etk", "show", HOLDER)[1])
    assert "4711" in {bag.alias for bag in read_pkcs12(file.read_bytes(), PASSWORD).keys}


def has_its_key_again(driver: TrainingPlatformDriver, _: Path, answer: dict[str, Any]) -> None:
    assert answer["added"] == 1
    contents = read_pkcs12((driver.tmp_path / "copy.p12").read_bytes(), PASSWORD)
    assert [(key.alias or "").isdecimal() for key in contents.keys] == [False, True]


def is_put_away(_: TrainingPlatformDriver, file: Path, answer: dict[str, Any]) -> None:
    assert not file.exists(), answer
    assert (file.parent / "archive" / file.name).exists()


def is_of_training(driver: TrainingPlatformDriver, file: Path, answer: dict[str, Any]) -> None:
    (renamed,) = answer["renamed"]
    assert Path(renamed["keystore"]).suffix == ".p12"
    assert "ending_misleads" not in driver.findings(Path(renamed["keystore"]))


def is_renewed(driver: TrainingPlatformDriver, file: Path, answer: dict[str, Any]) -> None:
    assert driver.newest(file) == Path(answer["keystore"]) != file


@dataclass(frozen=True)
class Scene:
    """``make``: gives the file. ``steps``: the commands that the finding names, with what they are given. ``proof``:
    what has come of it; None: the finding is gone. ``opened``: whether the password is given for the look."""

    make: Callable[[TrainingPlatformDriver], Path]
    steps: tuple[str, ...]
    proof: Callable[[TrainingPlatformDriver, Path, dict[str, Any]], None] | None = None
    opened: bool = True


SCENES: dict[str, Scene] = {
    "state_prepared": Scene(TrainingPlatformDriver.delivered, COMPLETE),
    "closed_without_encryption_key": Scene(TrainingPlatformDriver.delivered, COMPLETE, opened=False),
    "state_no_etk": Scene(TrainingPlatformDriver.installed, COMPLETE),
    "etk_not_rsa": Scene(
        lambda driver: driver.changed(
            lambda contents: with_pair(ec.generate_private_key(ec.SECP384R1()), contents), driver.installed()
        ),
        COMPLETE,
        opens_messages,
    ),
    "chain_incomplete": Scene(lambda driver: driver.changed(without_chain), COMPLETE),
    "chain_order": Scene(lambda driver: driver.changed(backwards), COMPLETE),
    "chain_broken": Scene(lambda driver: driver.changed(pretended), COMPLETE),
    "state_ends": Scene(TrainingPlatformDriver.ending, (*COMPLETE, RENEW), is_renewed),
    "state_renewable": Scene(TrainingPlatformDriver.due, (RENEW,), is_renewed),
    "state_renewal_waits": Scene(TrainingPlatformDriver.renewing, ("certificate complete NEWEST",)),
    "state_replaced": Scene(TrainingPlatformDriver.activated, ARCHIVE, is_put_away),
    "beside_newer": Scene(TrainingPlatformDriver.merged, ARCHIVE, is_put_away),
    "authentication_missing": Scene(
        TrainingPlatformDriver.parted, ("keystore merge COPY --from FILE",), has_its_key_again
    ),
    "beside_older": Scene(lambda driver: driver.newest(driver.merged()), ARCHIVE),
    "beside_more_keys": Scene(
        lambda driver: driver.newest(driver.twice()), ("keystore merge FILE --from OLDEST",)
    ),
    "etk_key_missing": Scene(
        lambda driver: driver.changed(lambda contents: without_encryption(Key, contents)), MERGE
    ),
    "etk_certificate_missing": Scene(
        lambda driver: driver.changed(lambda contents: without_encryption(CertificateBag, contents)), MERGE
    ),
    "etk_current": Scene(TrainingPlatformDriver.complete, SHOW, seals_for),
    "etk_several": Scene(
        lambda driver: driver.changed(
            lambda contents: with_pair(rsa.generate_private_key(65537, 2048), contents)
        ),
        SHOW,
        seals_for,
    ),
    "ending_misleads": Scene(
        lambda driver: (file := driver.complete()).rename(file.with_suffix(".acc-p12")),
        ("keystore rename FILE",),
        is_of_training,
    ),
    "state_complete": Scene(TrainingPlatformDriver.complete, ("certificate status FILE",), is_active),
}
STEPS = {(key, " ".join(step.split()[:2])) for key, scene in SCENES.items() for step in scene.steps}
"""Findings and the commands that they name, all of which are done here."""
