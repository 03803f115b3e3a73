"""The certificate authorities of the training platform: made on first use, kept in one folder.

Two hierarchies, as in reality: the one that signs training identity cards, and the one that signs eHealth
certificates (RSA, and a second one on the curve P-384), with the signers of encryption tokens and of sessions under
it. Under the
root of the cards there is the National Register, RSA and P-384, which signs identity and address files. Every
name says TRAINING, so that no file made here is ever taken for a real one.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from inspect import signature
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE, common_name, hash_for
from ehtoolkit.crypto.keys import NewKeyKind, PrivateKey, PublicKey, generate_key
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.identity.issuers import TRAINING_ISSUERS
from ehtoolkit.system.files import create_file
from ehtoolkit.system.locks import make_once
from ehtoolkit.training.authority import STS_NUMBER
from ehtoolkit.training.state.invented_people import TrainingPerson

_RSA, _EC = NewKeyKind.RSA_2048, NewKeyKind.EC_P384
_STS_SIGNER: Final = DistinguishedName(Identifier.parse(STS_NUMBER), "TRAINING PLATFORM", "IAMTRAINING")

_YEAR: Final = timedelta(days=365.25)
_BEFORE: Final = 20 * _YEAR
"""Authorities are older than every card that they may have signed, and outlive a clock moved far ahead."""
_AFTER: Final = 40 * _YEAR


@dataclass(frozen=True, slots=True)
class Issuer:
    """A key that signs certificates, and ``chain``: its certificate first, the root last. With an empty chain, it
    issues the certificate of a root."""

    key: PrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]

    def issue(
        self,
        subject: x509.Name,
        public_key: PublicKey,
        validity: tuple[datetime, datetime],
        extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    ) -> x509.Certificate:
        """Return a new certificate signed by this authority, RSA over SHA-256, EC over SHA-384, with both key
        identifiers (RFC 5280, method 1).

        Args:
            validity: first and last moment, aware.
            extensions: pairs of extension and "is critical".
        """
        issuer_key = self.key.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.certificate.subject if self.chain else subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(validity[0])
            .not_valid_after(validity[1])
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hash_for(self.key))


@dataclass(frozen=True, slots=True)
class Authorities:
    """All of them. ``citizen`` signs cards; ``issuing`` and ``issuing_ec`` sign eHealth certificates; ``rrn`` and
    ``rrn_ec`` are the National Register, for cards with RSA and with EC keys; ``sts_signer`` signs sessions."""

    citizen: Issuer
    issuing: Issuer
    issuing_ec: Issuer
    etk_signer: Issuer
    rrn: Issuer
    rrn_ec: Issuer
    sts_signer: Issuer

    @property
    def card_root(self) -> x509.Certificate:
        return self.citizen.chain[-1]

    @property
    def issuers(self) -> tuple[Issuer, Issuer]:
        """Both authorities that an eHealth certificate of this platform can come from."""
        return self.issuing, self.issuing_ec

    def issuer_for(self, person: TrainingPerson | None) -> Issuer:
        """Return the authority that issues the eHealth certificates of ``person``; None: of a stranger."""
        return self.issuing_ec if person is not None and person.certificate_is_ec else self.issuing


def open_authorities(folder: Path) -> Authorities:
    """Return the authorities kept in ``folder``, and make them first where there is none; safe between processes.

    A signer that the folder of an earlier version lacks is added; the other files stay. Raises what `make_once` raises,
    and `errors.FileUnreadable` for another file of theirs that is missing, for one that is damaged, or that has a key
    which is neither RSA nor EC.
    """

    def make() -> None:
        if folder.is_dir():
            _add_missing_signers(folder)
        else:
            _make(folder)

    def is_made() -> bool:
        return folder.is_dir() and not _missing_signers(folder)

    make_once(is_made, make, folder.with_name(f"{folder.name}.lock"))
    return Authorities(*(_read(folder, field.name.replace("_", "-")) for field in fields(Authorities)))


def key_usage(*names: str) -> x509.KeyUsage:
    """Return the KeyUsage extension with the named bits set and no other."""
    return x509.KeyUsage(**{name: name in names for name in signature(x509.KeyUsage).parameters})


def _make(folder: Path) -> None:
    """Make all authorities in a neighbour folder and rename it, so that a half-made one is never seen."""
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    card_root = _add(fresh, "card-root", _name("ehtoolkit TRAINING Belgium Root CA4"), _RSA, None)
    _add(fresh, "citizen", _name("ehtoolkit TRAINING Citizen CA"), _RSA, card_root)
    root = _add(fresh, "root", _name("ehtoolkit TRAINING eHealth root CA 001"), _RSA, None)
    _add(fresh, "issuing", _name(TRAINING_ISSUERS[0]), _RSA, root)
    root_ec = _add(fresh, "root-ec", _name("ehtoolkit TRAINING eHealth root CA 002"), _EC, None)
    _add(fresh, "issuing-ec", _name(TRAINING_ISSUERS[1]), _EC, root_ec)
    _add_missing_signers(fresh)
    fresh.rename(folder)


def _missing_signers(folder: Path) -> list[_Signer]:
    return [signer for signer in _SIGNERS if not (folder / f"{signer.stem}.pem").exists()]


def _add_missing_signers(folder: Path) -> None:
    """Add the signers whose certificate is missing. A key that is there without one, because an earlier call was killed
    between the two, gets its certificate."""
    for signer in _missing_signers(folder):
        path = folder / f"{signer.stem}.key"
        key = _read_key(path) if path.exists() else None
        parent = _read(folder, signer.parent)
        _add(folder, signer.stem, signer.subject, signer.kind, parent, ca=False, key=key)


def _add(
    folder: Path,
    stem: str,
    subject: x509.Name,
    kind: NewKeyKind,
    parent: Issuer | None,
    *,
    ca: bool = True,
    key: PrivateKey | None = None,
) -> Issuer:
    """Make an authority under ``parent`` (None: a root), and write it to ``folder``. ``key``: the one that is there
    already; None: a new one."""
    files = {}
    if key is None:
        key = generate_key(kind)
        files[f"{stem}.key"] = pem_of_key(key)
    now = datetime.now(UTC).replace(microsecond=0)
    if ca:
        usage, path_length = ("key_cert_sign", "crl_sign"), (None if parent is None else 0)
    else:
        usage, path_length = ("digital_signature", "content_commitment"), None
    signer = parent or Issuer(key)
    certificate = signer.issue(
        subject,
        key.public_key(),
        (now - _BEFORE, now + _AFTER),
        [(x509.BasicConstraints(ca=ca, path_length=path_length), True), (key_usage(*usage), True)],
    )
    authority = Issuer(key, (certificate, *signer.chain))
    files[f"{stem}.pem"] = b"".join(link.public_bytes(serialization.Encoding.PEM) for link in authority.chain)
    for name, data in files.items():
        create_file(folder / name, data)
    return authority


def _read(folder: Path, stem: str) -> Issuer:
    file = folder / f"{stem}.pem"
    try:
        chain = tuple(x509.load_pem_x509_certificates(file.read_bytes()))
    except (OSError, *UNREADABLE) as error:
        raise errors.FileUnreadable(path=str(file)) from error
    return Issuer(_read_key(folder / f"{stem}.key"), chain)


def _read_key(file: Path) -> PrivateKey:
    try:
        return key_of_pem(file.read_bytes())
    except (OSError, *UNREADABLE) as error:
        raise errors.FileUnreadable(path=str(file)) from error


def pem_of_key(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def key_of_pem(pem: bytes) -> PrivateKey:
    """Return the key that `pem_of_key` wrote. Its numbers are not tested again: this would cost every start more than
    all other loading. Raises TypeError for another kind of key, and what the library raises."""
    key = serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, PrivateKey):
        raise TypeError("neither RSA nor EC")
    return key


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ehtoolkit TRAINING"),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


@dataclass(frozen=True, slots=True)
class _Signer:
    """One that signs other things than certificates. ``stem``, ``parent``: names of its files, and of those of the
    authority that it stands under."""

    stem: str
    parent: str
    subject: x509.Name
    kind: NewKeyKind


_SIGNERS: Final = (
    # Named and issued as that of acceptance is: an organisation's, by an authority that issues to holders.
    _Signer("sts-signer", "issuing", _STS_SIGNER.to_name(), _RSA),
    _Signer("etk-signer", "root", _name("ETK-RA TRAINING"), _RSA),
    _Signer("rrn", "card-root", _name("ehtoolkit TRAINING RRN"), _RSA),
    _Signer("rrn-ec", "card-root", _name("ehtoolkit TRAINING RRN"), _EC),
)


# ── Where the status of a certificate can be asked ───────────────────────────────────────────────────────
HOST: Final = "pki-training.ehtoolkit.invalid"
"""In the certificates: a name that no network has (RFC 2606), so that no real service is asked by mistake.
The training server answers the same paths at its own address."""
OCSP_PATH: Final = "/ocsp"
LISTS: Final = "/crl/"
ISSUERS: Final = "/crt/"


def status_extensions(issuer: Issuer) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    """Return the extensions in which a certificate of ``issuer`` says where its status can be asked, each with "is
    critical"."""

    def at(path: str) -> x509.UniformResourceIdentifier:
        return x509.UniformResourceIdentifier(f"http://{HOST}{path}")

    number = number_of(issuer)
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(AuthorityInformationAccessOID.OCSP, at(OCSP_PATH)),
            x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, at(f"{ISSUERS}{number}.crt")),
        ]
    )
    point = x509.DistributionPoint([at(f"{LISTS}{number}.crl")], None, None, None)
    return (access, False), (x509.CRLDistributionPoints([point]), False)


def number_of(issuer: Issuer) -> str:
    """Return the number at the end of an issuer's name, such as ``001``."""
    return common_name(issuer.certificate.subject).rpartition(" ")[2]
