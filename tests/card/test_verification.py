"""What a card proves by itself: every way in which it does not is a finding of its own, and nothing else is."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.card.chip import parse_identity_file, signed_address
from ehtoolkit.card.port import CardFiles, CardKey
from ehtoolkit.card.trust import BELGIAN_ROOTS, CardRoots
from ehtoolkit.card.verification import has_signed, is_photo
from ehtoolkit.crypto.certificates import path_to_root
from ehtoolkit.finding import Severity
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.identity import Niss, PostalAddress
from ehtoolkit.settings import LanguageName
from ehtoolkit.training.authority.pki import Issuer, key_usage
from ehtoolkit.training.card.card_factory import make_files
from ehtoolkit.training.card.chip_files import encode_address_file, encode_identity_file, identity_file_of
from ehtoolkit.training.card.profile import CardProfile
from tests.card.verifying import NOW, MemoryCard, keys, looked_at
from tests.support.cards import (
    ADDRESS,
    CHIP_NUMBER,
    IDENTITY,
    PHOTO,
    Authorities,
    make_authorities,
    make_profile,
)
from tests.support.catalogues import messages, placeholders

ERROR, WARNING, INFO, OK = Severity
PACKAGE = Path(__file__).resolve().parents[2] / "ehtoolkit"


@pytest.fixture
def roots(authorities: Authorities) -> CardRoots:
    return CardRoots((authorities.root,))


@pytest.fixture(params=["rsa", "ec"])
def card(request: pytest.FixtureRequest, profiles: Mapping[str, CardProfile]) -> MemoryCard:
    return MemoryCard.of(profiles[request.param])


def test_a_card_that_proves_everything(card: MemoryCard, roots: CardRoots) -> None:
    assert keys(looked_at(card, roots).findings) == ["identity_proven"]
    assert keys(looked_at(card, BELGIAN_ROOTS).findings) == ["identity_proven.by_name"]


def test_who_can_be_asked_about_revocation(card: MemoryCard, roots: CardRoots) -> None:
    trusted = looked_at(card, roots).trusted
    assert [certificate.name for certificate in trusted] == [
        "Authentication",
        "Signature",
        "RRN",
        "Citizen CA",
    ]
    for certificate in trusted:
        certificate.certificate.verify_directly_issued_by(certificate.issuer)
    assert looked_at(card, replace(roots, training=True)).trusted == ()


def test_a_software_that_gives_no_files(card: MemoryCard, roots: CardRoots) -> None:
    bare = replace(card, raw=CardFiles())
    assert keys(looked_at(bare, roots).findings) == ["files_missing"]
    assert keys(looked_at(bare, replace(roots, training=True)).findings) == ["files_missing.training"]
    # Software that gives nothing but certificates would not give the files of a new training card either.
    from_certificate = bare.saying(card_number="", valid_until=None, photo=None)
    assert keys(looked_at(from_certificate, replace(roots, training=True)).findings) == ["files_missing"]


# ── tampering ────────────────────────────────────────────────────────────────────────────────────────────
def forged_name(card: MemoryCard) -> MemoryCard:
    """The name is changed where the software shows it and in the file."""
    other = replace(card.shown, surname="Peeters")
    digest = {32: "sha256", 48: "sha384"}[len(hash_of(card))]
    file = identity_file_of(
        other, chip_number=CHIP_NUMBER, photo_hash=hashlib.new(digest, other.photo or b"").digest()
    )
    return card.saying(surname="Peeters").holding(identity=encode_identity_file(file))


def hash_of(card: MemoryCard) -> bytes:
    return parse_identity_file(card.raw.identity).photo_hash


def other_address(card: MemoryCard) -> MemoryCard:
    return card.holding(address=encode_address_file(PostalAddress("Kaai 1", "9000", "Gent")))


TAMPERED: dict[str, tuple[Callable[[MemoryCard], MemoryCard], list[str]]] = {
    "identity": (forged_name, ["identity_forged"]),
    "shown": (lambda card: card.saying(surname="Peeters"), ["identity_differs"]),
    "signature": (
        lambda card: card.holding(identity_signature=bytes(len(card.raw.identity_signature))),
        ["identity_forged", "address_forged"],
    ),
    "signature empty": (
        lambda card: card.holding(identity_signature=b""),
        ["identity_unsigned", "address_forged"],
    ),
    "identity empty": (lambda card: card.holding(identity=b""), ["identity_forged", "identity_differs"]),
    "register empty": (lambda card: card.holding(rrn_certificate=b""), ["register_unreadable"]),
    "address": (other_address, ["address_forged"]),
    "address signature": (lambda card: card.holding(address_signature=b""), ["address_forged"]),
    "photo": (lambda card: card.saying(photo=PHOTO[:-3] + b"\0" + PHOTO[-2:]), ["photo_forged"]),
    "identity cut": (
        lambda card: card.holding(identity=card.raw.identity[:-5]),
        ["identity_forged", "identity_damaged"],
    ),
    "address cut": (
        lambda card: card.holding(address=card.raw.address.rstrip(b"\0")[:-5]),
        ["address_forged", "address_damaged"],
    ),
    "register": (lambda card: card.holding(rrn_certificate=b"\x30\x03abc"), ["register_unreadable"]),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_each_tampering_is_a_finding_of_its_own(what: str, card: MemoryCard, roots: CardRoots) -> None:
    tamper, expected = TAMPERED[what]
    found = looked_at(tamper(card), roots).findings
    assert keys(found, ERROR) == expected
    assert "identity_proven" not in keys(found)


def test_the_address_of_another_card(authorities: Authorities, roots: CardRoots, card: MemoryCard) -> None:
    """Signed by the register, but for somebody else."""
    rrn = (
        authorities.rrn if isinstance(card.chains[CardKey.AUTHENTICATION][0], object) else authorities.rrn_ec
    )
    other = make_files(replace(IDENTITY, niss=Niss("68053041155")), ADDRESS, rrn, chip_number=bytes(16))
    moved = card.holding(address=other.address, address_signature=other.address_signature)
    assert keys(looked_at(moved, roots).findings, ERROR) == ["address_forged"]


def test_the_identity_of_another_card(authorities: Authorities, roots: CardRoots, card: MemoryCard) -> None:
    """All files of somebody else, with the holder's own keys: the certificate tells."""
    other = replace(IDENTITY, niss=Niss("68053041155"), surname="Hennes")
    files = make_files(other, ADDRESS, authorities.rrn, chip_number=bytes(16))
    swapped = replace(card, shown=other, raw=files)
    assert keys(looked_at(swapped, roots).findings, ERROR) == ["holder_differs"]


# ── the register ─────────────────────────────────────────────────────────────────────────────────────────
def register(
    issuer: Issuer,
    name: str,
    usage: tuple[str, ...] = ("digital_signature",),
    *,
    until: datetime | None = None,
) -> Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    begin = datetime(2024, 3, 1, tzinfo=UTC)
    certificate = issuer.issue(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]),
        key.public_key(),
        (begin, until or datetime(2034, 3, 1, tzinfo=UTC)),
        [(x509.BasicConstraints(False, None), True), (key_usage(*usage), True)],
    )
    return Issuer(key, (certificate, *issuer.chain))


def signed_by(card: MemoryCard, rrn: Issuer) -> MemoryCard:
    return replace(card, raw=make_files(card.shown, ADDRESS, rrn, chip_number=CHIP_NUMBER))


def test_an_identity_signed_by_a_citizen(
    authorities: Authorities, roots: CardRoots, card: MemoryCard
) -> None:
    """Under the right root, even with the right name: a holder cannot be his own register."""
    citizen = Issuer(authorities.citizen_key, (authorities.citizen_ca, authorities.root))
    for name in ("Véronique Zoë D'Hôoghe-Müller (Signature)", "RRN"):
        forged = signed_by(card, register(citizen, name, ("content_commitment",)))
        assert keys(looked_at(forged, roots).findings, ERROR) == ["register_unknown"]


def test_a_register_under_another_root(roots: CardRoots, card: MemoryCard) -> None:
    others = make_authorities()
    forged = signed_by(card, others.rrn)
    assert keys(looked_at(forged, roots).findings, ERROR) == ["register_unknown"]
    assert [certificate.name for certificate in looked_at(forged, roots).trusted] == [
        "Authentication",
        "Signature",
        "Citizen CA",
    ]


@pytest.fixture(scope="module")
def small() -> Authorities:
    return make_authorities()


def with_root(small: Authorities) -> tuple[MemoryCard, CardRoots, Issuer]:
    """A card under ``small``, and the register's issuer, whose key a test has: made anew under the same names."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = small.root.subject
    begin, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, end)
    root = builder.add_extension(x509.BasicConstraints(True, None), critical=True).sign(key, SHA256())
    issuer = Issuer(key, (root,))
    profile = make_profile(small, "ec")
    card = MemoryCard.of(profile)
    chains = {label: (*chain, root) for label, chain in card.chains.items()}
    return replace(card, chains=chains), CardRoots((small.root, root)), issuer


def test_a_register_that_may_not_sign(small: Authorities) -> None:
    card, roots, issuer = with_root(small)
    assert keys(looked_at(signed_by(card, register(issuer, "RRN")), roots).findings) == ["identity_proven"]
    forged = signed_by(card, register(issuer, "RRN", ("key_agreement",)))
    assert keys(looked_at(forged, roots).findings, ERROR) == ["register_usage"]
    named = signed_by(card, register(issuer, "Somebody"))
    assert keys(looked_at(named, roots).findings, ERROR) == ["register_unknown"]


def test_a_register_that_is_over(small: Authorities) -> None:
    card, roots, issuer = with_root(small)
    over = signed_by(card, register(issuer, "RRN", until=NOW - timedelta(days=1)))
    found = looked_at(over, roots).findings
    assert keys(found) == ["register_expired"]
    assert keys(looked_at(over, roots, datetime(2024, 2, 1, tzinfo=UTC)).findings, WARNING) == [
        "document_early",
        "register_early",
    ]


# ── certificates ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_card_of_another_country_or_of_a_trainer(card: MemoryCard) -> None:
    (finding, *_) = looked_at(card, CardRoots()).findings
    assert (finding.key, finding.variant) == ("chain_unknown", "")
    assert finding.facts == {"certificates": ("Authentication", "Signature"), "name": "Belgium Root CA6"}
    (finding, *_) = looked_at(card, CardRoots(training=True)).findings
    assert (finding.key, finding.variant) == ("chain_unknown", "training")


def test_a_root_that_has_only_the_name(card: MemoryCard, authorities: Authorities) -> None:
    """A root is believed by name when it signed itself, and then has to have signed the rest."""
    impostor = make_authorities().root
    chains = {key: (*chain[:-1], impostor) for key, chain in card.chains.items()}
    found = looked_at(replace(card, chains=chains), BELGIAN_ROOTS)
    assert keys(found.findings, ERROR) == ["chain_broken", "register_unknown"]
    assert found.trusted == ()


def test_a_chain_with_a_gap(card: MemoryCard, roots: CardRoots) -> None:
    chains = {key: chain[:1] for key, chain in card.chains.items()}
    found = looked_at(replace(card, chains=chains), roots).findings
    assert keys(found, ERROR) == ["chain_broken"]
    assert found[0].facts["name"] == "Citizen CA"


def test_certificates_that_are_over(card: MemoryCard, roots: CardRoots) -> None:
    later = datetime(2034, 3, 2, tzinfo=UTC)
    assert keys(looked_at(card, roots, later).findings, ERROR) == [
        "card_certificate_expired",
        "card_certificate_expired",
        "authority_expired",
        "authority_expired",
        "document_expired",
    ]
    old = card.saying(valid_from=date(2017, 6, 30), valid_until=date(2044, 1, 1))
    found = keys(looked_at(old, roots, later).findings)
    assert found.count("card_certificate_expired.old_card") == 2
    assert "document_old" in found


def test_certificates_that_have_not_begun(card: MemoryCard, roots: CardRoots) -> None:
    earlier = datetime(2024, 2, 1, tzinfo=UTC)
    found = looked_at(card, roots, earlier).findings
    assert keys(found, ERROR) == ["certificate_early"] * 2 + ["authority_early"] * 2
    assert keys(found, WARNING) == ["document_early", "register_early"]


def test_a_signature_that_was_never_activated(profiles: Mapping[str, CardProfile], roots: CardRoots) -> None:
    found = looked_at(MemoryCard.of(profiles["dormant"]), roots).findings
    assert keys(found, ERROR) == ["card_certificate_missing"]
    assert found[0].facts == {"certificate": "Signature"}


def test_a_card_without_signature(profiles: Mapping[str, CardProfile], roots: CardRoots) -> None:
    young = MemoryCard.of(profiles["young"])
    assert keys(looked_at(young, roots).findings, ERROR) == ["card_certificate_missing"]
    minor = young.saying(birth_date=date(2010, 5, 1))
    assert "card_certificate_missing.minor" in keys(looked_at(minor, roots).findings)
    assert "holder_under_18" in keys(looked_at(minor, roots).findings, INFO)
    assert "holder_under_18" not in keys(looked_at(minor, roots, datetime(2028, 5, 1, tzinfo=UTC)).findings)
    old = young.saying(valid_from=date(2017, 6, 30))
    assert "card_certificate_missing.old_card" in keys(looked_at(old, roots).findings)


def test_an_authentication_certificate_for_something_else(
    card: MemoryCard, roots: CardRoots, profiles: Mapping[str, CardProfile]
) -> None:
    signature = card.chains[CardKey.SIGNATURE]
    swapped = replace(card, chains={CardKey.AUTHENTICATION: signature, CardKey.SIGNATURE: signature})
    assert keys(looked_at(swapped, roots).findings, ERROR) == ["certificate_usage"]


def authority(
    key: ec.EllipticCurvePrivateKey, name: str, above: Issuer | None = None, below: int | None = None
) -> x509.Certificate:
    """A certificate of ``key`` by ``above``, or by itself. ``below``: how many authorities may stand below it."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    by = above or Issuer(key, ())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if above is None else above.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=below), critical=True)
    )
    return builder.sign(by.key, SHA256())


def test_an_authority_that_two_others_have_certified() -> None:
    """One of them is unknown: the way by the other is found, wherever they stand."""
    root_key, unknown_key, key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(4))
    root, unknown = authority(root_key, "Root"), authority(unknown_key, "Unknown")
    by_root = authority(key, "Citizen CA", Issuer(root_key, (root,)))
    by_unknown = authority(key, "Citizen CA", Issuer(unknown_key, (unknown,)))
    leaf = authority(leaf_key, "Leaf", Issuer(key, (by_root,)))
    for others in ([by_unknown, unknown, by_root], [by_root, unknown, by_unknown]):
        assert path_to_root(leaf, others, [root]) == (leaf, by_root, root)
        assert path_to_root(leaf, others, [unknown]) == (leaf, by_unknown, unknown)
        assert path_to_root(leaf, others, []) is None


def test_certificates_that_all_sign_each_other_lead_nowhere_soon() -> None:
    """In every order, thirty would be a million of ways."""
    key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    others = [authority(key, "Citizen CA") for _ in range(30)]
    leaf = authority(leaf_key, "Leaf", Issuer(key, (others[0],)))
    assert path_to_root(leaf, others, []) is None


def test_a_way_has_five_certificates_at_most() -> None:
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(6)]
    way = [authority(keys[0], "0")]
    for number, key in enumerate(keys[1:], start=1):
        way.insert(0, authority(key, str(number), Issuer(keys[number - 1], (way[0],))))
    assert path_to_root(way[1], way, way[-1:]) == tuple(way[1:])
    assert path_to_root(way[0], way, way[-1:]) is None


@pytest.mark.parametrize(
    ("root_allows", "authority_allows", "leads"),
    [(None, None, True), (1, 0, False), (None, 0, False), (2, 1, True), (1, 1, False), (0, None, False)],
)
def test_an_authority_has_as_many_below_it_as_it_may(
    root_allows: int | None, authority_allows: int | None, leads: bool
) -> None:
    """One authority below the first, and then the leaf."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(4)]
    root = authority(keys[0], "Root", below=root_allows)
    first = authority(keys[1], "Citizen CA", Issuer(keys[0], (root,)), authority_allows)
    second = authority(keys[2], "Below", Issuer(keys[1], (first,)))
    leaf = authority(keys[3], "Leaf", Issuer(keys[2], (second,)))
    path = path_to_root(leaf, [second, first], [root])
    assert path == ((leaf, second, first, root) if leads else None)
    if root_allows != 0:
        assert path_to_root(second, [first], [root]) == (second, first, root)


# ── the document ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_day_begins_at_midnight_in_belgium(card: MemoryCard, roots: CardRoots) -> None:
    first = datetime(2024, 2, 29, 23, 30, tzinfo=UTC)
    assert "document_early" not in keys(looked_at(card, roots, first).findings)
    assert "document_early" in keys(looked_at(card, roots, first - timedelta(hours=1)).findings)
    over = datetime(2034, 3, 1, 23, 30, tzinfo=UTC)
    assert "document_expired" in keys(looked_at(card, roots, over).findings)
    assert "document_expired" not in keys(looked_at(card, roots, over - timedelta(hours=1)).findings)
    young, birthday = card.saying(birth_date=date(2010, 5, 1)), datetime(2028, 4, 30, 22, 30, tzinfo=UTC)
    assert "holder_under_18" not in keys(looked_at(young, roots, birthday).findings)
    assert "holder_under_18" in keys(looked_at(young, roots, birthday - timedelta(hours=1)).findings)


@pytest.mark.parametrize(("issued", "old"), [(date(2017, 6, 30), True), (date(2017, 7, 1), False)])
def test_a_card_from_before_july_2017(
    issued: date, old: bool, card: MemoryCard, authorities: Authorities, roots: CardRoots
) -> None:
    shown = replace(card.shown, valid_from=issued)
    files = make_files(shown, ADDRESS, authorities.rrn, chip_number=CHIP_NUMBER)
    found = looked_at(replace(card, shown=shown, raw=files), roots).findings
    assert keys(found) == (["document_old"] if old else []) + ["identity_proven"]


@pytest.mark.parametrize(
    ("kind", "known"), [("1", True), ("01", True), ("17", True), ("99", False), ("x²", False)]
)
def test_kinds_of_documents(kind: str, known: bool, card: MemoryCard, roots: CardRoots) -> None:
    found = looked_at(card.saying(document_type=kind), roots).findings
    assert ("document_type_unknown" in keys(found)) is not known


def test_a_photo_without_a_finding(card: MemoryCard, authorities: Authorities, roots: CardRoots) -> None:
    assert keys(looked_at(card.saying(photo=None), roots).findings, INFO) == ["photo_missing"]
    assert is_photo(PHOTO, b"") is None
    assert keys(looked_at(card.holding(address=b"", address_signature=b""), roots).findings, INFO) == [
        "address_missing"
    ]


# ── signatures of all ages ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("algorithm", [SHA1(), SHA256(), SHA384()], ids=lambda algorithm: algorithm.name)  # noqa: S303
def test_the_hashes_that_cards_have_had(authorities: Authorities, algorithm: HashAlgorithm) -> None:
    key = authorities.rrn.key
    assert isinstance(key, rsa.RSAPrivateKey)
    signature = key.sign(b"identity", padding.PKCS1v15(), algorithm)
    assert has_signed(authorities.rrn.certificate, b"identity", signature)
    assert not has_signed(authorities.rrn.certificate, b"Identity", signature)
    assert is_photo(PHOTO, hashlib.new(algorithm.name, PHOTO).digest())
    assert is_photo(PHOTO + bytes(9), hashlib.new(algorithm.name, PHOTO).digest())
    assert is_photo(PHOTO[1:], hashlib.new(algorithm.name, PHOTO).digest()) is False


@pytest.mark.parametrize("algorithm", [SHA1(), SHA256(), SHA384()], ids=lambda algorithm: algorithm.name)  # noqa: S303
def test_elliptic_signatures_in_both_forms(authorities: Authorities, algorithm: HashAlgorithm) -> None:
    key = authorities.rrn_ec.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    der = key.sign(b"identity", ec.ECDSA(algorithm))
    r, s = decode_dss_signature(der)
    raw = r.to_bytes(48) + s.to_bytes(48)
    for form in (der, raw):
        assert has_signed(authorities.rrn_ec.certificate, b"identity", form)
        assert not has_signed(authorities.rrn_ec.certificate, b"identitY", form)
    assert not has_signed(authorities.rrn_ec.certificate, b"identity", raw[::-1])
    assert not has_signed(authorities.rrn.certificate, b"identity", raw)


def test_zeros_after_an_elliptic_signature(authorities: Authorities) -> None:
    """The file has the size of the longest signature on P-384; most are shorter."""
    key = authorities.rrn_ec.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    certificate, sizes = authorities.rrn_ec.certificate, set()
    for number in range(20):
        data = b"identity %d" % number
        der = key.sign(data, ec.ECDSA(SHA384()))
        sizes.add(len(der))
        assert has_signed(certificate, data, der.ljust(104, b"\0"))
        assert not has_signed(certificate, data + b".", der.ljust(104, b"\0"))
        other = der[:-1] + bytes([der[-1] ^ 1])  # cut off, one that ends in a zero would be the same again
        assert not has_signed(certificate, data, other.ljust(104, b"\0"))
    assert len(sizes) > 1


@pytest.mark.parametrize("signature", [b"", b"0", b"0\x82", b"0\x82\x01", b"0\xff" + bytes(9), b"0\x04\x02"])
def test_what_is_no_signature(authorities: Authorities, signature: bytes) -> None:
    assert not has_signed(authorities.rrn_ec.certificate, b"identity", signature)


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_root_that_signed_itself_with_sha_1(kind: str) -> None:
    """As Belgium Root CA3 did, which has issued the authorities of cards that are still in use."""
    authorities = make_authorities(old_root=True)
    card = MemoryCard.of(make_profile(authorities, kind))
    assert keys(looked_at(card, BELGIAN_ROOTS).findings) == ["identity_proven.by_name"]
    assert keys(looked_at(card, CardRoots((authorities.root,))).findings) == ["identity_proven"]
    unknown = looked_at(card, CardRoots()).findings
    assert keys(unknown, ERROR) == ["chain_unknown", "register_unknown"]


def test_what_the_register_of_the_tests_signs(profiles: Mapping[str, CardProfile]) -> None:
    """The address signature is over the file without padding, then the identity's signature: made by hand here."""
    files = profiles["rsa"].files
    rrn = x509.load_der_x509_certificate(files.rrn_certificate)
    key = rrn.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(files.identity_signature, files.identity, padding.PKCS1v15(), SHA256())
    content = files.address.rstrip(b"\0") + files.identity_signature
    assert content == signed_address(files.address, files.identity_signature)
    key.verify(files.address_signature, content, padding.PKCS1v15(), SHA256())
    assert rrn.public_bytes(Encoding.DER) == files.rrn_certificate


# ── sentences ────────────────────────────────────────────────────────────────────────────────────────────
def said() -> dict[str, set[str]]:
    """Every finding about a card that the code makes, with the names of its facts."""
    found: dict[str, set[str]] = {}
    together = {"certificates", "host", "reason"}
    found |= {f"revocation_{key}": together for key in ("unknown", "untrusted", "unchecked", "nowhere")}
    found |= {f"chain_{key}": {"certificates", "name"} for key in ("broken", "unknown")}
    places = [
        PACKAGE / "card" / "trust.py",
        PACKAGE / "card" / "verification.py",
        PACKAGE / "procedures" / "card_check.py",
    ]
    for path in places:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                key = node.args[0]
                if node.func.id in ("error", "warning", "info", "ok") and isinstance(key, ast.Constant):
                    found[str(key.value)] = {str(keyword.arg) for keyword in node.keywords}
    return found


VARIANTS = {
    "card_certificate_expired": ["old_card"],
    "card_certificate_missing": ["minor", "old_card"],
    "chain_unknown": ["training"],
    "files_missing": ["training"],
    "identity_proven": ["by_name"],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_its_sentences_and_no_other_text_is_kept(language: LanguageName) -> None:
    texts = messages("card", language)
    facts = {
        f"card.{key}{variant}{end}": names
        for key, names in said().items()
        for variant in ("", *(f".{variant}" for variant in VARIANTS.get(key, ())))
        for end in ("", ".next")
    }
    assert {key for key in texts if not key.endswith(".page")} == facts.keys()
    for key, text in texts.items():
        assert placeholders(text) <= facts[key.removesuffix(".page")], key
        assert text.rstrip()[-1] in ".)}", key
    familiar = {
        "fr": (" tu ", " ton "),
        "nl": (" je ", " jij ", " jouw "),
        "de": (" du ", " dein "),
        "en": (),
    }
    assert not [
        key for key, text in texts.items() if any(word in f" {text.lower()} " for word in familiar[language])
    ]
