"""What a file is that is no keystore, and what was done to one in transfer."""

from __future__ import annotations

import base64
import random
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.keystore.codec.file_type import detect_file_type, is_text_mode, undo_transfer_damage
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.secret import Secret
from tests.keystore.conftest import Sample
from tests.support.keystores import load_any

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

FAULTS = {
    "empty file": "empty",
    "a Java JCEKS keystore": "jceks",
    "a Java JKS keystore": "jks",
    "base64 text of a keystore": "base64",
    "a bare certificate": "certificate",
    "PEM text": "pem",
    "only zero bytes": "zeros",
}
DAMAGES = {
    "damaged: password right, integrity broken": "integrity",
    "damaged by a text-mode transfer": "text_mode",
    "truncated; its keys can be rescued": "truncated",
}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (bytes(100), "zeros"),
        (b"\xfe\xed\xfe\xed\0\0\0\2", "jks"),
        (b"\xce\xce\xce\xce\0\0\0\2", "jceks"),
        (b"\0\0\0\2\0\0\0\x14", "bks"),
        (b"\0\0\0\1\0\0\0\x14" + bytes(24) + b"\1\0\x04name" + b"\0\0\1\x9a" + b"\x77" * 40, "bks"),
        (b"\0\0\0\1\0\0\0\x14" + bytes(24) + b"\0" + b"\x77" * 20, "bks"),
        (b"\0\0\0\1\0\0\0\x14" + bytes(24) + b"\xa7\x31\x9c\x10" * 8, "uber"),
        (b"\0\0\0\1\0\0\0\x14" + bytes(24) + b"\0\x31\x9c\x10" * 8, "uber"),
        (b"\0\0\0\1\0\0\0\x14" + bytes(24) + b"\3\0\x9c\x10" * 8, "uber"),
        (b"-----BEGIN CERTIFICATE-----\n", "certificate"),
        (b"\xef\xbb\xbf-----BEGIN PKCS12-----\n", "base64"),
        (b"-----BEGIN CERTIFICA", "unknown"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\n", "unknown"),
        (b"-----BEGIN OpenVPN Static key V1-----\n", "unknown"),
        (b"-----BEGIN OpenVPN Static key V1-----\n-----BEGIN CERTIFICATE-----\n", "pem"),
        (
            b"Bag Attributes\n    friendlyName: a\n-----BEGIN PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----",
            "pem",
        ),
        (b"\r\nMIIKEgIBAzCCCcwGCSqGSIb3DQEHAaCCCb0=", "base64"),
        (b"\x30\x82\x01\x00\x30\x82\x01\x00", "certificate"),
        (b"\x30\x03\x04\x01\x00", "unknown"),
        (b"PK\x03\x04", "archive"),
        (b"0123456789", "unknown"),
        (b"\xff\xfe0\0", "unknown"),
    ],
)
def test_what_is_no_keystore_is_called_by_its_name(data: bytes, kind: str) -> None:
    assert detect_file_type(data) == kind
    with pytest.raises(errors.NotAKeystore) as refusal:
        read_pkcs12(data, Secret("p"))
    assert refusal.value.facts == {"kind": kind}


def test_the_parts_of_a_keystore_alone(keystore_maker: KeystoreMaker) -> None:
    key: RSAPrivateKey = keystore_maker.keys["authentication"]
    leaf = keystore_maker.chain[0]
    encrypted = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"p"))
    public = leaf.public_bytes(Encoding.DER)
    assert detect_file_type(public) == "certificate"
    assert detect_file_type(base64.b64encode(public)) == "certificate"
    assert detect_file_type(leaf.public_bytes(Encoding.PEM)) == "certificate"
    assert detect_file_type(encrypted) == "private_key"
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        assert detect_file_type(key.private_bytes(Encoding.DER, form, NoEncryption())) == "private_key"
        assert detect_file_type(key.private_bytes(Encoding.PEM, form, NoEncryption())) == "pem"
    assert detect_file_type(serialize_certificates([leaf], Encoding.DER)) == "cms"


def test_each_file_of_the_corpus_is_what_it_is(samples: dict[str, Sample]) -> None:
    for sample in samples.values():
        if sample.fault in FAULTS:
            with pytest.raises(errors.NotAKeystore) as refusal:
                outline_pkcs12(sample.data)
            assert refusal.value.facts == {"kind": FAULTS[sample.fault]}, sample.name
        elif sample.fault in DAMAGES:
            with pytest.raises(errors.KeystoreDamaged) as damage:
                read_pkcs12(sample.data, sample.secret)
            assert damage.value.facts == {"reason": DAMAGES[sample.fault]}, sample.name
        else:
            assert detect_file_type(sample.data) is None, sample.name
            assert undo_transfer_damage(sample.data) is None, sample.name


def _utf_8(data: bytes) -> bytes:
    return data.decode("latin-1").encode("utf-8")


def _windows(data: bytes) -> bytes:
    undefined = b"\x81\x8d\x8f\x90\x9d"
    return "".join(
        chr(octet) if octet in undefined else bytes([octet]).decode("cp1252") for octet in data
    ).encode("utf-8")


def _crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def _pem(data: bytes) -> bytes:
    body = base64.encodebytes(data)
    return b"-----BEGIN PKCS12-----\n" + body + b"-----END PKCS12-----\n"


MANGLED = {
    "line ends": _crlf,
    "UTF-8": _utf_8,
    "UTF-8 with a mark": lambda data: b"\xef\xbb\xbf" + _utf_8(data),
    "UTF-8 of Windows": _windows,
    "UTF-8 and line ends": lambda data: _utf_8(_crlf(data)),
}


@pytest.mark.parametrize("how", MANGLED)
def test_what_a_transfer_did_is_seen_and_undone(samples: dict[str, Sample], how: str) -> None:
    undone = 0
    for sample in samples.values():
        if sample.fault is not None or b"\n" not in sample.data:
            continue
        mangled = MANGLED[how](sample.data)
        with pytest.raises(errors.KeystoreDamaged) as damage:
            outline_pkcs12(mangled)
        assert damage.value.facts == {"reason": "text_mode"}, sample.name
        mended = undo_transfer_damage(mangled)
        assert mended is not None, sample.name
        assert mended.data == sample.data
        undone += 1
    assert undone == 25


def test_what_is_lost_in_transfer_is_seen_too(samples: dict[str, Sample]) -> None:
    data = samples["bc_complete.p12"].data.decode("utf-8", "replace").encode("utf-8")
    with pytest.raises(errors.KeystoreDamaged) as damage:
        outline_pkcs12(data)
    assert damage.value.facts == {"reason": "text_mode"}
    assert undo_transfer_damage(data) is None


@pytest.mark.parametrize("wrap", [base64.b64encode, base64.encodebytes, _pem, lambda data: _crlf(_pem(data))])
def test_text_is_decoded(samples: dict[str, Sample], wrap: object) -> None:
    for name in ("bc_complete.p12", "sun17_three.p12", "ossl_plain_nomac.p12"):
        sample = samples[name]
        wrapped = wrap(sample.data)  # type: ignore[operator]
        assert detect_file_type(wrapped) in ("base64", "pem")
        mended = undo_transfer_damage(wrapped)
        assert mended is not None
        assert mended.data == sample.data
        assert [key.alias for key in load_any(wrapped, sample.secret).keys] == sample.aliases


def test_damage_of_another_kind_is_never_called_text_mode(samples: dict[str, Sample]) -> None:
    source = random.Random(5)  # noqa: S311
    for sample in samples.values():
        if sample.fault is not None:
            continue
        for _ in range(40):
            data = bytearray(sample.data)
            at = source.randrange(len(data))
            del data[at : at + source.choice([1, 2, 500])]
            assert not is_text_mode(bytes(data[: source.choice([len(data), at + 50])])), sample.name


@given(data=st.binary(max_size=300))
def test_nothing_breaks_it(data: bytes) -> None:
    detect_file_type(data)
    for wrapped in (data, base64.b64encode(data), _pem(data), _utf_8(data), _crlf(data)):
        detect_file_type(wrapped)
        is_text_mode(wrapped)
        assert undo_transfer_damage(wrapped) is None


@given(password=st.text(max_size=8), profile=st.sampled_from(list(EncryptionProfile)))
def test_a_keystore_without_anything_in_it(password: str, profile: EncryptionProfile) -> None:
    from ehtoolkit.keystore.codec.contents import Pkcs12Contents

    assert detect_file_type(b"0\x03\x02\x01\x03") is None
    data = write_pkcs12(Pkcs12Contents((), ()), Secret(password), profile)
    assert detect_file_type(data) is None
