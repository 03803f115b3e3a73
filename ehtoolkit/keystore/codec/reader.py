"""Reads the structure of PKCS#12 files, DER or BER: the border to asn1crypto, whose exceptions stay here.

It runs after `limits.check_structure`, so what comes here has bounded size and depth and lengths that fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

from asn1crypto import algos, cms, core, keys, pkcs12

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.ciphers import CIPHERS
from ehtoolkit.keystore.codec.derivation import DIGESTS, Derivation, Function
from ehtoolkit.keystore.codec.protection import Encryption, Mac, Unsupported
from ehtoolkit.keystore.codec.structure import Bag, PlainSafe, SealedSafe, ShroudedKey, Structure
from ehtoolkit.keystore.contents import Attribute, Attributes, CertificateBag, KeyBag, OtherBag

_NESTED_SAFES: Final = 4

_PBES1_CIPHERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pkcs12_sha1_tripledes_3key": "des-ede3-cbc",
        "pkcs12_sha1_tripledes_2key": "des-ede2-cbc",
        "pkcs12_sha1_rc2_128": "rc2-128-cbc",
        "pkcs12_sha1_rc2_40": "rc2-40-cbc",
    }
)
_PBES2_CIPHERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "aes128_cbc": "aes128-cbc",
        "aes192_cbc": "aes192-cbc",
        "aes256_cbc": "aes256-cbc",
        "tripledes_3key": "des-ede3-cbc",
    }
)


def read_structure(data: bytes) -> Structure:
    """The parts of a file, without a password.

    Raises `errors.KeystoreHostile` over a limit, `errors.KeystoreDamaged` (reason ``truncated`` or
    ``structure``) when it is none, `errors.KeystoreUnsupported` when it is made with public keys.
    """
    limits.check_size(len(data))
    limits.check_structure(data)
    with _border():
        pfx = pkcs12.Pfx.load(data)
        authenticated = _octets(pfx["auth_safe"])
        mac = _read_mac(pfx["mac_data"])
    limits.check_structure(authenticated)
    with _border():
        safes = tuple(_read_safe(part) for part in pkcs12.AuthenticatedSafe.load(authenticated, strict=True))
    return Structure(safes, authenticated, mac)


def read_bags(data: bytes) -> tuple[Bag, ...]:
    """The bags of one safe; safes inside it are opened up. Raises as `read_structure` does."""
    with _border():
        return tuple(_read_bags(data, _NESTED_SAFES))


def is_private_key(data: bytes) -> bool:
    """Whether ``data`` is a PrivateKeyInfo and nothing else, as far as its frame tells."""
    try:
        limits.check_structure(data)
        with _border():
            info = keys.PrivateKeyInfo.load(data, strict=True)
            return info["version"].contents in (b"\0", b"\1") and bool(info["private_key"].contents)
    except (errors.KeystoreDamaged, errors.KeystoreHostile):
        return False


@contextmanager
def _border() -> Iterator[None]:
    # What asn1crypto raises on bad input, found by feeding it a great many mutated files.
    try:
        yield
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise errors.KeystoreDamaged(reason="structure") from error


def _bytes(value: core.Asn1Value) -> bytes:
    octets = value.native  # joins the segments of BER, which .contents does not
    if not isinstance(octets, bytes):
        raise TypeError(type(octets))
    return octets


def _octets(part: cms.ContentInfo) -> bytes:
    kind = part["content_type"].native
    if kind != "data":
        raise errors.KeystoreUnsupported(algorithm=str(kind))
    return _bytes(part["content"])


def _read_safe(part: cms.ContentInfo) -> SealedSafe | PlainSafe:
    if part["content_type"].native != "encrypted_data":
        return PlainSafe(read_bags(_octets(part)))
    info = part["content"]["encrypted_content_info"]
    return SealedSafe(
        _read_encryption(info["content_encryption_algorithm"]), _bytes(info["encrypted_content"])
    )


def _read_bags(data: bytes, depth: int) -> Iterator[Bag]:
    limits.check_structure(data)
    for bag in pkcs12.SafeContents.load(data, strict=True):
        attributes = _read_attributes(bag["bag_attributes"])
        kind, value = bag["bag_id"].native, bag["bag_value"]
        if kind == "pkcs8_shrouded_key_bag":
            encryption = _read_encryption(value["encryption_algorithm"])
            yield ShroudedKey(encryption, _bytes(value["encrypted_data"]), attributes)
        elif kind == "key_bag":
            yield KeyBag(value.untag().dump(force=True), attributes)
        elif kind == "cert_bag" and value["cert_id"].native == "x509":
            yield CertificateBag(bytes(value["cert_value"]), attributes)
        elif kind == "safe_contents":
            if depth == 0:
                raise errors.KeystoreHostile(reason="nesting", value=_NESTED_SAFES + 1, limit=_NESTED_SAFES)
            yield from _read_bags(value.untag().dump(), depth - 1)
        else:
            yield OtherBag(bag["bag_id"].dotted, value.untag().dump(), attributes)


def _read_attributes(attributes: pkcs12.Attributes) -> Attributes:
    if isinstance(attributes, core.Void):
        return ()
    return tuple(
        Attribute(item["type"].dotted, tuple(value.dump(force=True) for value in item["values"]))
        for item in attributes
    )


def _read_encryption(algorithm: algos.EncryptionAlgorithm) -> Encryption | Unsupported:
    name = str(algorithm["algorithm"].native)
    if name == "pbes2":
        return _read_pbes2(algorithm["parameters"])
    cipher = _PBES1_CIPHERS.get(name)
    if cipher is None:
        return Unsupported(name)
    salt, iterations = _salt_and_iterations(
        algorithm["parameters"]["salt"], algorithm["parameters"]["iterations"]
    )
    lengths = CIPHERS[cipher]
    return Encryption(
        cipher,
        Derivation(Function.PKCS12_KEY, "sha1", salt, iterations, lengths.key_length),
        Derivation(Function.PKCS12_IV, "sha1", salt, iterations, lengths.block_length),
    )


def _read_pbes2(parameters: algos.Pbes2Params) -> Encryption | Unsupported:
    function, scheme = parameters["key_derivation_func"], parameters["encryption_scheme"]
    if function["algorithm"].native != "pbkdf2":
        return Unsupported(str(function["algorithm"].native))
    cipher = _PBES2_CIPHERS.get(str(scheme["algorithm"].native))
    if cipher is None:
        return Unsupported(str(scheme["algorithm"].native))
    details = function["parameters"]
    digest = str(details["prf"]["algorithm"].native)
    if details["salt"].name != "specified" or digest not in DIGESTS:
        return Unsupported(f"pbkdf2 with {digest}")
    salt, iterations = _salt_and_iterations(details["salt"].chosen, details["iteration_count"])
    length, iv = CIPHERS[cipher].key_length, _bytes(scheme["parameters"])
    if details["key_length"].native not in (None, length) or len(iv) != CIPHERS[cipher].block_length:
        raise errors.KeystoreDamaged(reason="structure")
    return Encryption(cipher, Derivation(Function.PBKDF2, digest, salt, iterations, length), iv)


def _read_mac(mac: pkcs12.MacData) -> Mac | Unsupported | None:
    if isinstance(mac, core.Void):
        return None
    digest = str(mac["mac"]["digest_algorithm"]["algorithm"].native)
    if digest not in DIGESTS:
        return Unsupported(digest)
    salt, iterations = _salt_and_iterations(mac["mac_salt"], mac["iterations"])
    key = Derivation(Function.PKCS12_MAC, digest, salt, iterations, DIGESTS[digest])
    return Mac(key, _bytes(mac["mac"]["digest"]))


def _salt_and_iterations(salt: core.OctetString, iterations: core.Integer) -> tuple[bytes, int]:
    octets, count = _bytes(salt), int(iterations.native)
    if count < 1:
        raise errors.KeystoreDamaged(reason="structure")
    limits.check_iterations(count)
    if len(octets) > limits.SALT:
        raise errors.KeystoreHostile(reason="salt", value=len(octets), limit=limits.SALT)
    return octets, count
