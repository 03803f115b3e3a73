"""Writes a training card's profile into an empty SoftHSM2 token, through PKCS#11: see ``softhsm.py``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import PyKCS11
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from ehtoolkit.card.chip import FILE_LABELS
from ehtoolkit.card.port import CardFiles, CardIdentity, CardKey
from ehtoolkit.crypto.keys import PrivateKey
from ehtoolkit.training.card.profile import load_profile

P384 = bytes.fromhex("06052b81040022")
"""The object identifier of the curve, DER."""

Template = list[tuple[int, Any]]


def key_numbers(key: PrivateKey) -> Template:
    """The private key's own attributes: RSA by its CRT numbers, EC by curve and value."""
    if isinstance(key, RSAPrivateKey):
        private = key.private_numbers()
        public = private.public_numbers
        numbers = {
            PyKCS11.CKA_MODULUS: public.n,
            PyKCS11.CKA_PUBLIC_EXPONENT: public.e,
            PyKCS11.CKA_PRIVATE_EXPONENT: private.d,
            PyKCS11.CKA_PRIME_1: private.p,
            PyKCS11.CKA_PRIME_2: private.q,
            PyKCS11.CKA_EXPONENT_1: private.dmp1,
            PyKCS11.CKA_EXPONENT_2: private.dmq1,
            PyKCS11.CKA_COEFFICIENT: private.iqmp,
        }
        filled = [(kind, value.to_bytes((value.bit_length() + 7) // 8)) for kind, value in numbers.items()]
        return [(PyKCS11.CKA_KEY_TYPE, PyKCS11.CKK_RSA), *filled]
    value = key.private_numbers().private_value.to_bytes(48)
    return [
        (PyKCS11.CKA_KEY_TYPE, PyKCS11.CKK_EC),
        (PyKCS11.CKA_EC_PARAMS, P384),
        (PyKCS11.CKA_VALUE, value),
    ]


def data_objects(identity: CardIdentity, files: CardFiles) -> dict[str, bytes]:
    """The values as the official module gives them, by label."""
    assert identity.birth_date is not None
    assert identity.valid_from is not None
    assert identity.valid_until is not None
    months = ["JAN", "FEV", "MARS", "AVR", "MAI", "JUIN", "JUIL", "AOUT", "SEPT", "OCT", "NOV", "DEC"]
    born = identity.birth_date
    texts = {
        "national_number": identity.niss.digits,
        "surname": identity.surname,
        "firstnames": identity.first_names,
        "first_letter_of_third_given_name": identity.third_name_initial,
        "date_of_birth": f"{born.day:02} {months[born.month - 1]} {born.year}",
        "location_of_birth": identity.birth_place,
        "nationality": identity.nationality,
        "gender": identity.gender,
        "card_number": identity.card_number,
        "validity_begin_date": f"{identity.valid_from:%d.%m.%Y}",
        "validity_end_date": f"{identity.valid_until:%d.%m.%Y}",
        "document_type": identity.document_type,
    }
    values = {label: text.encode() for label, text in texts.items()}
    raw = {label: getattr(files, name) for name, label in FILE_LABELS.items()}
    return {**values, "PHOTO_FILE": identity.photo or b"", **raw}


def write(session: PyKCS11.Session, options: dict[str, Any]) -> None:
    profile = load_profile(Path(options["profile"]))
    certificates: dict[str, Certificate] = {"CA": profile.citizen_ca, "Root": profile.root}
    certificates |= {key.value: certificate for key, certificate in profile.certificates.items()}
    numbers = {"Authentication": 2, "Signature": 3, "CA": 4, "Root": 6}
    for label, certificate in certificates.items():
        session.createObject(
            [
                *common(PyKCS11.CKO_CERTIFICATE, label, private=False),
                (PyKCS11.CKA_CERTIFICATE_TYPE, PyKCS11.CKC_X_509),
                (PyKCS11.CKA_ID, numbers[label].to_bytes(options["id_length"], "little")),
                (PyKCS11.CKA_SUBJECT, certificate.subject.public_bytes()),
                (PyKCS11.CKA_VALUE, certificate.public_bytes(Encoding.DER)),
            ]
        )
    for key in CardKey:
        if key in profile.keys:
            session.createObject(
                [
                    *common(PyKCS11.CKO_PRIVATE_KEY, key.value, private=True),
                    (PyKCS11.CKA_ID, numbers[key].to_bytes(options["id_length"], "little")),
                    (PyKCS11.CKA_SIGN, True),
                    (PyKCS11.CKA_SENSITIVE, True),
                    (PyKCS11.CKA_ALWAYS_AUTHENTICATE, options["always_authenticate"]),
                    *key_numbers(profile.keys[key]),
                ]
            )
    if options["data_objects"]:
        for label, value in data_objects(profile.identity, profile.files).items():
            session.createObject(
                [*common(PyKCS11.CKO_DATA, label, private=False), (PyKCS11.CKA_VALUE, value)]
            )


def common(kind: int, label: str, *, private: bool) -> Template:
    return [
        (PyKCS11.CKA_CLASS, kind),
        (PyKCS11.CKA_TOKEN, True),
        (PyKCS11.CKA_PRIVATE, private),
        (PyKCS11.CKA_LABEL, label),
    ]


def main() -> None:
    options = json.loads(sys.argv[1])
    module = PyKCS11.PyKCS11Lib()
    module.load(options["module"])
    for slot in module.getSlotList(tokenPresent=True):
        if module.getTokenInfo(slot).label.strip() == options["label"]:
            session = module.openSession(slot, PyKCS11.CKF_RW_SESSION)
            if not session.findObjects([(PyKCS11.CKA_CLASS, PyKCS11.CKO_CERTIFICATE)]):
                session.login(options["pin"])
                write(session, options)
                session.logout()
                session.closeSession()
                return
            session.closeSession()
    sys.exit("there is no empty token of that label")


if __name__ == "__main__":
    main()
