"""Makes files in every situation that the diagnosis has to tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key

from ehtoolkit.keystore.codec.contents import (
    FRIENDLY_NAME,
    LOCAL_KEY_ID,
    Attribute,
    CertificateBag,
    Key,
    Pkcs12Contents,
    attributes_of,
)
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.key_pairs import encoded
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.secret import Secret
from tests.keystore.conftest import name_of

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

PRODUCTION = "ZetesConfidens Private Trust PKI - eHealth issuing CA 001"
ACCEPTANCE = "UAT ZetesConfidens Private Trust PKI - eHealth issuing CA 003"
ELLIPTIC = "ZetesConfidens Private Trust PKI - eHealth issuing CA 002"
NAME = "SSIN=79031421872 20261124-130000.p12"
OLD_SERIAL = 233402812345678901234567890123456789013


@dataclass(frozen=True)
class Maker:
    """Files of the invented holder, and what is found in them a month after they were made."""

    keystore_maker: KeystoreMaker
    password: Secret

    @property
    def now(self) -> datetime:
        return self.keystore_maker.start + timedelta(days=30)

    def write(self, source: Keystore | Pkcs12Contents) -> bytes:
        contents = source.contents if isinstance(source, Keystore) else source
        return write_pkcs12(contents, self.password)

    def look(
        self, source: Keystore | Pkcs12Contents | bytes, name: str | None = NAME, **given: object
    ) -> Diagnosis:
        """The diagnosis with the right password."""
        data = source if isinstance(source, bytes) else self.write(source)
        now = given.pop("now", self.now)
        return diagnose(data, self.password, now, name=name, **given)  # type: ignore[arg-type]

    def keys(
        self, source: Keystore | Pkcs12Contents | bytes, name: str | None = NAME, **given: object
    ) -> set[str]:
        return {finding.key for finding in self.look(source, name, **given).findings}

    def issued_by(self, common_name: str, *, elliptic: bool = False) -> Keystore:
        """A complete keystore whose certificate a certain authority has issued."""
        key = generate_ec_key(SECP384R1()) if elliptic else self.keystore_maker.keys["issuer"]
        issuer = name_of(C="BE", O="Training", CN=common_name)
        leaf = self.keystore_maker.certificate(
            self.keystore_maker.subject,
            self.keystore_maker.keys["authentication"],
            issuer,
            key,
        )
        public = key.public_key()
        authority = self.keystore_maker.certificate(
            issuer,
            public,
            self.keystore_maker.root_name,
            self.keystore_maker.keys["root"],
        )
        installed = self.keystore_maker.prepared.with_chain((leaf, authority, self.keystore_maker.chain[2]))
        return installed.with_encryption(
            self.keystore_maker.keys["encryption"], self.keystore_maker.encryption_certificate()
        )

    def old_certificate(self) -> x509.Certificate:
        """Of an encryption key from before the renewal: the same holder, another authentication key."""
        return self.keystore_maker.certificate(
            self.keystore_maker.subject,
            self.keystore_maker.keys["renewed"],
            self.keystore_maker.subject,
            self.keystore_maker.keys["stranger"],
            OLD_SERIAL,
        )

    def with_old_key(self, keystore: Keystore) -> Keystore:
        return keystore.with_encryption(self.keystore_maker.keys["renewed"], self.old_certificate())

    def with_old_certificate_only(self, keystore: Keystore) -> Pkcs12Contents:
        """As some software merges: the certificate of the old key, called by its serial number, without it."""
        bag = CertificateBag(encoded(self.old_certificate()), attributes_of(str(OLD_SERIAL), trusted=True))
        contents = keystore.contents
        return replace(contents, certificates=(*contents.certificates, bag))


def renamed(bag: Key | CertificateBag, alias: str | None) -> tuple[Attribute, ...]:
    """The attributes of ``bag`` under another name."""
    others = tuple(attribute for attribute in bag.attributes if attribute.oid != FRIENDLY_NAME)
    return others if alias is None else (*attributes_of(alias), *others)


def identified(bag: Key | CertificateBag, local_key_id: bytes | None) -> tuple[Attribute, ...]:
    """The attributes of ``bag`` with another localKeyID."""
    others = tuple(attribute for attribute in bag.attributes if attribute.oid != LOCAL_KEY_ID)
    fresh = attributes_of("", local_key_id) if local_key_id is not None else ()
    return (*others, *(each for each in fresh if each.oid == LOCAL_KEY_ID))


def with_keys(contents: Pkcs12Contents, keys: Sequence[Key]) -> Pkcs12Contents:
    return replace(contents, keys=tuple(keys))


@pytest.fixture(scope="session")
def maker(keystore_maker: KeystoreMaker, password: Secret) -> Maker:
    return Maker(keystore_maker, password)


@pytest.fixture(scope="session")
def complete(maker: Maker) -> bytes:
    """The file of a complete keystore."""
    return maker.write(maker.keystore_maker.complete)
