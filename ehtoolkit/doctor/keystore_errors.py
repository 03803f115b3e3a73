"""Errors of programs that open a keystore: Java, BouncyCastle, OpenSSL, NSS, GnuTLS, Mono, .NET and Windows."""

from __future__ import annotations

from typing import Final

from ehtoolkit.doctor.error_explanation import Contact, KnownError


def error_numbers(*numbers: int) -> tuple[str, ...]:
    """Return codes of a practice software's module."""
    return tuple(f"ERR200{number:03}" for number in numbers)


_UNREADABLE: Final = (
    # Java
    *("not enough content", "integer exceeds maximum valid value", "dervalue.get", "derinputstream.get"),
    *("invalid lenbyte", "not the correct tag", "should have a value", "short read of der length"),
    *("tag number over 30", "ioexception: too much data", "ioexception: too short", "algid parse error"),
    *("to resolve indef len", "public key protected pkcs12", "invalid length for macdata"),
    "pkcs12 keystore not in version 3 format",
    # BouncyCastle
    *("eof found when length expected", "corrupted stream - ", "illegal object in getinstance"),
    *("long form definite-length", "explicit expected", "unexpected end-of-contents marker"),
    *("object encountered in constructed octet string", "wrong version for pfx pdu"),
    *("object truncated by", "ioexception: unknown tag "),
    # OpenSSL, NSS, GnuTLS, Mono
    *("asn1 encoding routines", "sec_error_bad_der", "pkcs12 decod", "asn1 parser: "),
    *("pkcs structure's content type is unknown", "invalid authenticated safe", "invalid pfx version"),
)
"""Of a file whose bytes make no sense to the program."""

KEYSTORE_ERRORS: Final = (
    KnownError(
        "password",
        Contact.NOBODY,
        (*error_numbers(22, 32, 43), "SEC_ERROR_BAD_PASSWORD", "SEC_ERROR_PKCS12_INVALID_MAC"),
        (
            *("keystore password was incorrect", "incorrect password for the keystore", "mac verify error"),
            *("mac verify failure", "invalid password?", "tampered with, or password was incorrect"),
            *("password verification failed", "failed pkcs12 integrity checking", "maybe wrong password"),
            *("password incorrect or store tampered", "message authentication code verification failed"),
            *(
                "bag_decrypt: decryption has failed",
                "bad pkcs7 padding",
                "invalid mac - file may have been tampered",
            ),
            "successfully interpreted, the password may be incorrect",
            "certificate data cannot be read with the provided password",
        ),
        alone=("given final block not properly padded",),
        certificate=True,
    ),
    # Java has opened the file by then; the password for the key is asked for apart. One wrong password in some 240
    # gives something that looks padded, and Java complains of what is in it instead: all that two million and a half
    # passwords made Java 17 say, and a million Java 25.
    KnownError(
        "key_password",
        Contact.CONSULTANT,
        (),
        (
            *("get key failed: given final block not properly padded", "cannot recover key"),
            *("get key failed: extra data at the end", "get key failed: not enough content"),
            *("get key failed: invalid lenbyte", "get key failed: invalid length bytes"),
            *("get key failed: tag number over 30", "get key failed: indefinite length encoding"),
            *("get key failed: too much data", "get key failed: not enough data to resolve indef"),
        ),
        certificate=True,
    ),
    # BouncyCastle before 1.60, and before 1.70 on Java 17, says so of a right password too; so does old Windows.
    KnownError(
        "old_reader",
        Contact.NOBODY,
        (),
        (
            *("key store mac invalid", "mac invalid - wrong password", "pad block corrupted"),
            # Windows of one language says it in two ways, by its age
            *("network password is not correct", "mot de passe reseau specifie est incorrect"),
            *("mot de passe reseau specifie n'est pas correct", "opgegeven netwerkwachtwoord is"),
            *("angegebene netzwerkkennwort ist", "0x80070056", "-2147024810"),
        ),
        certificate=True,
    ),
    KnownError(
        "protection_unknown",
        Contact.NOBODY,
        ("SEC_ERROR_UNRECOGNIZED_OID", "SEC_ERROR_INVALID_ALGORITHM"),
        (
            *("algorithm hmacpbe", "parsealgparameters failed", "object identifier for aes cipher"),
            *("illegal key size", "iteration count", "pkcs#12/pfx violated the", "unknown pbe algorithm"),
            *("error constructing mac", "password supplied for keystore that does not require one"),
            *("unsupported hmac", "undefined length encoding", "the cipher type is unsupported"),
            "unknown digest algorithm",
        ),
        certificate=True,
    ),
    KnownError("mono_import", Contact.NOBODY, (), ("monobtlspkcs12.import",), certificate=True),
    KnownError(
        "old_protection",
        Contact.NOBODY,
        ("0308010C", "ERR_OSSL_EVP_UNSUPPORTED"),
        (
            *("inner_evp_generic_fetch:unsupported", "digital envelope routines::unsupported"),
            "unsupported pkcs12 pfx data",
        ),
    ),
    KnownError(
        "not_pkcs12",
        Contact.NOBODY,
        (),
        (
            *("toderinputstream rejects tag type", "invalid keystore format", "asn1_check_tlen:wrong tag"),
            *("stream does not represent a pkcs12 key store", "unrecognized keystore format", "lengthtag="),
            *("bc jks store is read-only", "0x8007000d", "-2147024883", "asn1 bad tag value met"),
            *("0x8009310b", "-2146881269", "asn1 corrupted data", "0x80092009", "-2146885623"),
        ),
        certificate=True,
    ),
    KnownError(
        "windows_store",
        Contact.CONSULTANT,
        ("NTE_BAD_KEYSET",),
        (
            *("keyset does not exist", "0x80090016", "-2146893802"),
            *("jeu de cles n'existe pas", "jeu de cles inexistant", "sleutelset bestaat niet"),
            *("schlusselsatz ist nicht vorhanden", "schlusselsatz nicht vorhanden"),
        ),
    ),
    KnownError(
        "etk_missing",
        Contact.NOBODY,
        (*error_numbers(7), "PCDH_NO_MATCHING_PHARMACY_ETK_ERROR", "ERROR.ETK.NOTFOUND"),
        ("could not retrieve etk",),
        certificate=True,
    ),
    KnownError(
        "etk_other",
        Contact.NOBODY,
        error_numbers(21),
        ("match with the one in the encryption keystore",),
        certificate=True,
    ),
    KnownError("several_keystores", Contact.NOBODY, error_numbers(29), certificate=True),
    KnownError(
        "keystore_elsewhere",
        Contact.NOBODY,
        ("ERROR.KEYSTORE.LOAD", "ERROR.NOFALLBACKKEYSTOREFOUND"),
        ("error while loading the keystore", "could not locate your fallback session keystore"),
        certificate=True,
    ),
    KnownError(
        "damaged",
        Contact.NOBODY,
        error_numbers(23, 55, 56),
        (
            *("no x509 certificate and/or private key", "asn1_d2i_read_bio:not enough data"),
            *("keystore file exists, but is empty", "certificate instance is empty"),
        ),
        alone=_UNREADABLE,
        certificate=True,
    ),
)
