"""What files of keys and certificates make together, and what they do not."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from cryptography.x509.oid import NameOID

from ehtoolkit import errors
from ehtoolkit.keystore.codec.pem import read_blocks
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.key_import import read_source, write_combined
from ehtoolkit.keystore.repair.merging import CombinedKeys, combine_sources
from ehtoolkit.keystore.repair.pem import read_pem
from ehtoolkit.secret import Secret

CORPUS = Path(__file__).resolve().parents[2] / "data" / "keystores"
PASSWORD, OTHER = Secret("Test-Pass1"), Secret("Other-Pass1")
START = datetime(2026, 11, 24, tzinfo=UTC)


def certificate(
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    name: str,
    issuer: str,
    days: int = 90,
) -> bytes:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    made = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=days))
        .sign(signer, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def stored(key: ec.EllipticCurvePrivateKey, password: Secret | None = None, form: str = "PKCS8") -> bytes:
    sealed: KeySerializationEncryption = NoEncryption()
    if password is not None:
        sealed = BestAvailableEncryption(password.reveal().encode())
    return key.private_bytes(Encoding.PEM, getattr(PrivateFormat, form), sealed)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key in several forms, its certificate and the chain, and what does not belong to them."""
    folder = tmp_path_factory.mktemp("sources")
    root, key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    leaf, authority = certificate(key, root, "Bram", "Root"), certificate(root, root, "Root", "Root")
    der = x509.load_pem_x509_certificate(leaf)
    made = {
        "key.pem": stored(key),
        "sec1.pem": stored(key, form="TraditionalOpenSSL"),
        "sealed.pem": stored(key, OTHER),
        "sealed_sec1.pem": stored(key, OTHER, "TraditionalOpenSSL"),
        "own.pem": stored(key, PASSWORD),
        "key.der": key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        "sec1.der": key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        "leaf.pem": leaf,
        "leaf.der": der.public_bytes(Encoding.DER),
        "self.pem": certificate(key, key, "Bram", "Bram"),
        "newer.pem": certificate(key, root, "Bram", "Root", 365),
        "root.pem": authority,
        "chain.p7b": serialize_certificates([der, x509.load_pem_x509_certificate(authority)], Encoding.DER),
        "all.pem": b"Bag Attributes\n    friendlyName: bram\n" + stored(key) + leaf + authority,
        "other.pem": stored(other),
        "other_leaf.pem": certificate(other, root, "Ann", "Root"),
        "names.pem": (
            b"    friendlyName: A\n"
            + stored(key)
            + b"    friendlyName: a\n"
            + stored(other)
            + leaf
            + certificate(other, root, "Ann", "Root")
        ),
        "openssh.pem": key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
        "weak.pem": ec.generate_private_key(ec.SECP192R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
        "cut.pem": stored(key)[:-30],
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return folder


def combined(
    folder: Path, names: str, alias: str | None = None, key_password: Secret | None = None
) -> CombinedKeys:
    paths = [CORPUS / name if (CORPUS / name).exists() else folder / name for name in names.split()]
    return combine_sources([read_source(path, lambda: [PASSWORD], key_password) for path in paths], alias)


@pytest.mark.parametrize(
    ("names", "key_password", "certificates"),
    [
        ("key.pem leaf.pem", None, 1),
        ("leaf.der key.der", None, 1),
        ("sec1.der leaf.pem root.pem", None, 2),
        ("sec1.pem chain.p7b", None, 2),
        ("sealed.pem chain.p7b leaf.pem", OTHER, 2),
        ("sealed_sec1.pem leaf.pem", OTHER, 1),
        ("own.pem leaf.pem", OTHER, 1),  # the password of the file is tried after that of the keys
        ("key.pem self.pem", None, 1),
        ("key.pem self.pem newer.pem", None, 1),  # the issued one replaces what the key signed for itself
        ("all.pem", None, 2),
    ],
)
def test_a_key_and_its_certificates_make_a_keystore(
    files: Path, tmp_path: Path, names: str, key_password: Secret | None, certificates: int
) -> None:
    made = combined(files, names, key_password=key_password)
    target = tmp_path / "new.p12"
    written = write_combined(target, made, PASSWORD)
    found = Keystore.of(read_pkcs12(target.read_bytes(), PASSWORD))
    assert found.contents == written
    assert len(found.contents.certificates) == certificates
    assert [key.alias for key in found.contents.keys] == ["bram" if "all" in names else "authentication"]
    leaf = found.contents.certificates[0]
    assert (leaf.alias, leaf.local_key_id) == (found.authentication.alias, found.authentication.local_key_id)
    assert found.chain[0].subject.rfc4514_string() == "CN=Bram"
    assert len(found.chain) == certificates
    with pytest.raises(errors.FileExists):
        write_combined(target, made, PASSWORD)


@pytest.mark.parametrize(
    ("names", "alias", "reason"),
    [
        ("leaf.pem root.pem", None, "no_key"),
        ("key.pem", None, "no_certificate"),
        ("key.pem root.pem", None, "no_certificate"),
        ("key.pem other_leaf.pem", None, "no_certificate"),
        ("key.pem leaf.pem other_leaf.pem", None, "stray"),
        ("key.pem key.der leaf.pem", None, "same_key"),
        ("sun17_three.p12 x_JKS.p12", None, "same_key"),
        ("key.pem leaf.pem newer.pem", None, "certificates"),
        ("key.pem leaf.pem other.pem other_leaf.pem", "x", "alias"),
    ],
)
def test_what_does_not_fit_is_a_conflict(files: Path, names: str, alias: str | None, reason: str) -> None:
    with pytest.raises(errors.ImportConflict) as refused:
        combined(files, names, alias)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("names", "error"),
    [
        ("names.pem", errors.DuplicateAlias),
        ("sealed.pem leaf.pem", errors.KeyPasswordWrong),
        ("sealed_sec1.pem leaf.pem", errors.KeyPasswordWrong),
        ("openssh.pem leaf.pem", errors.KeystoreUnsupported),
        ("weak.pem leaf.pem", errors.KeyUnfit),
        ("cut.pem leaf.pem", errors.KeystoreDamaged),
        ("z_zeros.p12 key.pem", errors.NotAKeystore),
        ("z_trunc.p12", errors.KeystoreDamaged),
        ("missing.pem", errors.KeystoreNotFound),
    ],
)
def test_what_cannot_be_read_is_an_error(files: Path, names: str, error: type[errors.EhToolkitError]) -> None:
    with pytest.raises(error) as refused:
        combined(files, names)
    assert "Pass1" not in str(refused.value)


@pytest.mark.parametrize("name", ["sun17_three.p12", "bc_complete.p12", "x_JKS.p12", "z_base64.p12"])
def test_a_keystore_keeps_everything(files: Path, tmp_path: Path, name: str) -> None:
    from tests.support.keystores import load_any

    before = load_any((CORPUS / name).read_bytes(), PASSWORD)
    after = write_combined(tmp_path / "new.p12", combined(files, name), PASSWORD)
    assert [(key.alias, key.pkcs8) for key in after.keys] == [(key.alias, key.pkcs8) for key in before.keys]
    assert sorted((bag.alias or "", bag.der) for bag in after.certificates) == sorted(
        (bag.alias or "", bag.der) for bag in before.certificates
    )


def test_a_reply_replaces_the_stand_in_of_a_keystore(files: Path, tmp_path: Path) -> None:
    """A keystore with a certificate that its key signed for itself, and the one that an authority issued."""
    target = tmp_path / "first.p12"
    write_combined(target, combined(files, "key.pem self.pem", "bram"), PASSWORD)
    made = combine_sources([read_source(path, lambda: [PASSWORD]) for path in (target, files / "chain.p7b")])
    keystore = Keystore.of(made.contents)
    assert keystore.authentication.alias == "bram"
    assert [each.subject.rfc4514_string() for each in keystore.chain] == ["CN=Bram", "CN=Root"]
    assert len(made.contents.certificates) == 2


def test_the_password_of_the_sources(files: Path) -> None:
    assert combined(files, "key.pem leaf.pem").password is None
    assert combined(files, "sealed.pem leaf.pem", key_password=OTHER).password == OTHER
    assert combined(files, "bc_complete.p12").password == PASSWORD
    both = "bc_complete.p12 sealed.pem leaf.pem"
    assert combined(files, both, key_password=OTHER).password is None


BOM = b"\xef\xbb\xbf"
PEM_OF_OTHERS = b"-----BEGIN OpenVPN Static key V1-----\n00ff\n-----END OpenVPN Static key V1-----\n"


@pytest.mark.parametrize("begin", [b"", BOM])
def test_a_certificate_as_text_or_der_with_and_without_a_bom(
    files: Path, tmp_path: Path, begin: bytes
) -> None:
    der, pem = (files / "leaf.der").read_bytes(), (files / "leaf.pem").read_bytes()
    for data in (der, pem, base64.b64encode(der), base64.encodebytes(der)):
        path = tmp_path / "leaf"
        path.write_bytes(begin + data)
        (bag,) = read_source(path, lambda: ()).contents.certificates
        assert bag.der == der


@pytest.mark.parametrize(
    ("data", "error", "fact"),
    [
        (lambda der, pem: base64.b64encode(der)[:201], errors.KeystoreDamaged, "truncated"),
        (lambda der, pem: base64.b64encode(der)[:202], errors.KeystoreDamaged, "truncated"),
        (lambda der, pem: base64.b64encode(der)[:200], errors.KeystoreDamaged, "certificate"),
        (lambda der, pem: base64.b64encode(der)[:60] + b"\xe9" * 4, errors.KeystoreDamaged, "structure"),
        (lambda der, pem: pem[:20], errors.KeystoreDamaged, "truncated"),
        (lambda der, pem: pem[:-30], errors.KeystoreDamaged, "truncated"),
        (lambda der, pem: pem + pem[:15], errors.KeystoreDamaged, "truncated"),
        (lambda der, pem: PEM_OF_OTHERS, errors.NotAKeystore, "unknown"),
    ],
)
def test_text_that_is_cut_or_of_another_program(
    files: Path,
    tmp_path: Path,
    data: Callable[[bytes, bytes], bytes],
    error: type[errors.KeystoreError],
    fact: str,
) -> None:
    path = tmp_path / "some.txt"
    path.write_bytes(data((files / "leaf.der").read_bytes(), (files / "leaf.pem").read_bytes()))
    with pytest.raises(error) as refused:
        read_source(path, lambda: ())
    assert fact in refused.value.facts.values()
    assert refused.value.path == str(path)


def test_every_cut_and_bom_is_refused_by_an_error_of_ours(files: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut"
    for name in ("key.pem", "sealed.pem", "sealed_sec1.pem", "leaf.der", "all.pem", "chain.p7b", "key.der"):
        whole = (files / name).read_bytes()
        for data in (whole, base64.b64encode(whole)):
            for cut in range(1, len(data), max(1, len(data) // 40)):
                for begin in (b"", BOM):
                    path.write_bytes(begin + data[:cut])
                    try:
                        read_source(path, lambda: [PASSWORD])
                    except errors.KeystoreError:
                        continue


@pytest.mark.parametrize("name", ["sealed.pem", "sealed_sec1.pem", "bc_complete.p12", "x_JKS.p12"])
def test_a_password_with_a_byte_that_is_no_character_is_wrong(files: Path, name: str) -> None:
    """As the terminal gives a byte that its encoding does not have."""
    path = CORPUS / name if (CORPUS / name).exists() else files / name
    with pytest.raises((errors.KeystorePasswordWrong, errors.KeyPasswordWrong)):
        read_source(path, lambda: [Secret("x\udc80")])


def test_hostile_text_is_bounded(files: Path) -> None:
    begins = b"-----BEGIN PRIVATE KEY-----\n" * 30_000
    for data in (begins, begins.replace(b"BEGIN", b"END"), (files / "leaf.pem").read_bytes() * 400):
        try:
            read_pem(data, lambda: [PASSWORD])
        except errors.KeystoreError:
            continue
    source = random.Random(5)  # noqa: S311
    good = [(files / name).read_bytes() for name in ("all.pem", "sealed.pem", "sealed_sec1.pem", "chain.p7b")]
    for _ in range(400):
        mutated = bytearray(source.choice(good))
        for _ in range(source.choice([1, 2, 8])):
            mutated[source.randrange(len(mutated))] = source.randrange(256)
        try:
            list(read_blocks(bytes(mutated)))
            read_pem(bytes(mutated), lambda: [PASSWORD])
        except errors.KeystoreError:
            continue
