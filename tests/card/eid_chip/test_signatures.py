"""Signatures on the card: which key wants the PIN when, what each algorithm makes, and how the answer comes."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA1, SHA224, SHA256, SHA384, SHA512, HashAlgorithm

from ehtoolkit.card.port import CardKey
from tests.card.eid_chip.conftest import AppletDriver

DATA = b"what is signed"
SHA256_INFO = "3031300d060960864801650304020105000420"
VERIFY = "0020000108241234FFFFFFFFFF"
AUTHENTICATION, SIGNATURE = 0x82, 0x83
OLD = SHA1()  # noqa: S303  # the card has it


def choose(terminal: AppletDriver, algorithm: int, key: int) -> str:
    return terminal.status(f"002241B6050480{algorithm:02x}84{key:02x}")


def digest(name: str = "sha256") -> str:
    return hashlib.new(name, DATA).hexdigest()


def pso(data: str) -> str:
    return f"002A9E9A{len(data) // 2:02x}{data}"


def public_key(terminal: AppletDriver, key: CardKey) -> RSAPublicKey:
    found = terminal.profile.certificates[key].public_key()
    assert isinstance(found, RSAPublicKey)
    return found


@pytest.mark.parametrize("key", list(CardKey))
@pytest.mark.parametrize(
    ("algorithm", "data", "padding", "hashing"),
    [
        (0x01, SHA256_INFO + digest(), PKCS1v15(), SHA256()),
        (0x02, digest("sha1"), PKCS1v15(), OLD),
        (0x08, digest(), PKCS1v15(), SHA256()),
        (0x10, digest("sha1"), PSS(MGF1(OLD), 20), OLD),
        (0x20, digest(), PSS(MGF1(SHA256()), 32), SHA256()),
    ],
    ids=["pkcs1", "sha1", "sha256", "pss-sha1", "pss-sha256"],
)
def test_every_algorithm(
    terminal: AppletDriver,
    key: CardKey,
    algorithm: int,
    data: str,
    padding: PKCS1v15 | PSS,
    hashing: SHA1 | SHA256,
) -> None:
    assert choose(terminal, algorithm, {CardKey.AUTHENTICATION: 0x82, CardKey.SIGNATURE: 0x83}[key]) == "9000"
    assert terminal.status(VERIFY) == "9000"
    assert terminal.status(pso(data)) == "6100"
    signature, status = terminal.ask("00C0000000")
    assert (len(signature), status) == (256, "9000")
    public_key(terminal, key).verify(signature, DATA, padding, hashing)


def test_authentication_wants_the_pin_once(terminal: AppletDriver) -> None:
    assert choose(terminal, 8, AUTHENTICATION) == "9000"
    assert terminal.status(pso(digest())) == "6982"
    assert terminal.status(VERIFY) == "9000"
    for _ in range(3):
        assert terminal.status("00A4020C02DF00") == "9000"
        assert terminal.status(pso(digest())) == "6100"
    assert terminal.status("80E60000") == "9000"
    assert terminal.status(pso(digest())) == "6982"
    assert terminal.status(VERIFY) == "9000"
    assert terminal.status("80E6000000") == "9000"
    assert terminal.status(pso(digest())) == "6982"


def test_signature_wants_the_pin_directly_before_each(terminal: AppletDriver) -> None:
    assert terminal.status(VERIFY) == "9000"
    assert choose(terminal, 8, SIGNATURE) == "9000"
    assert terminal.status(pso(digest())) == "6100"
    assert terminal.status(pso(digest())) == "6982"
    for between in ("00A4020C02DF00", "0084000008", "00FF0000", "FF000000", "00", "00B00000"):
        assert terminal.status(VERIFY) == "9000"
        terminal.ask(between)
        assert terminal.status(pso(digest())) == "6982", between
    assert choose(terminal, 8, AUTHENTICATION) == "9000"
    assert terminal.status(VERIFY) == "9000"
    assert terminal.status(pso(digest())) == "6100"
    assert choose(terminal, 8, SIGNATURE) == "9000"
    assert terminal.status(pso(digest())) == "6982"


def test_a_wrong_pin_takes_the_right_one_back(terminal: AppletDriver) -> None:
    assert choose(terminal, 8, AUTHENTICATION) == "9000"
    assert terminal.status(VERIFY) == "9000"
    assert terminal.status("0020000108244321FFFFFFFFFF") == "63c2"
    assert terminal.status(pso(digest())) == "6982"


def test_a_reset_forgets_pin_and_key(terminal: AppletDriver) -> None:
    assert choose(terminal, 8, AUTHENTICATION) == "9000"
    assert terminal.status(VERIFY) == "9000"
    assert terminal.status(pso(digest())) == "6100"
    terminal.applet.reset()
    assert terminal.status("00C0000000") == "6985"
    assert terminal.status(pso(digest())) == "6985"
    assert choose(terminal, 8, AUTHENTICATION) == "9000"
    assert terminal.status(pso(digest())) == "6982"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("002241B6050480408482", "6a80"),  # an algorithm of EC cards
        ("002241B6050480008482", "6a80"),
        ("002241B6050481088482", "6a80"),
        ("002241B6050480088582", "6a80"),
        ("002241B604048008 84", "6a80"),
        ("002241B6", "6a80"),
        ("002241B6050480088481", "6a88"),
        ("002241A4050480088482", "6a86"),
    ],
)
def test_what_cannot_be_chosen_leaves_the_choice(terminal: AppletDriver, command: str, status: str) -> None:
    assert choose(terminal, 8, AUTHENTICATION) == "9000"
    assert terminal.status(command) == status
    assert terminal.status(VERIFY) == "9000"
    assert terminal.status(pso(digest())) == "6100"


@pytest.mark.parametrize(
    ("algorithm", "length"), [(1, 0), (1, 246), (2, 19), (2, 32), (8, 31), (8, 51), (0x10, 32), (0x20, 20)]
)
def test_lengths_that_an_algorithm_does_not_take(terminal: AppletDriver, algorithm: int, length: int) -> None:
    assert choose(terminal, algorithm, AUTHENTICATION) == "9000"
    assert terminal.status(VERIFY) == "9000"
    assert terminal.status(pso("00" * length)) == "6700"


def test_the_longest_that_the_card_pads(terminal: AppletDriver) -> None:
    assert choose(terminal, 1, AUTHENTICATION) == "9000"
    assert terminal.status(VERIFY) == "9000"
    assert terminal.status(pso("AB" * 245)) == "6100"
    signature, _ = terminal.ask("00C0000000")
    numbers = public_key(terminal, CardKey.AUTHENTICATION).public_numbers()
    padded = pow(int.from_bytes(signature), numbers.e, numbers.n).to_bytes(256)
    assert padded == bytes.fromhex("0001" + "ff" * 8 + "00" + "ab" * 245)


def test_the_answer_in_pieces(terminal: AppletDriver) -> None:
    assert choose(terminal, 8, AUTHENTICATION) == "9000"
    assert terminal.status("00C0000000") == "6985"
    assert terminal.status(VERIFY) == "9000"
    assert terminal.status(pso(digest())) == "6100"
    first, status = terminal.ask("00C00000C8")
    assert (len(first), status) == (200, "6138")
    assert terminal.status("00C0000039") == "6c38"
    rest, status = terminal.ask("00C0000038")
    assert (len(rest), status) == (56, "9000")
    public_key(terminal, CardKey.AUTHENTICATION).verify(first + rest, DATA, PKCS1v15(), SHA256())
    assert terminal.status("00C0000000") == "6985"


def test_another_command_throws_the_answer_away(terminal: AppletDriver) -> None:
    assert choose(terminal, 8, AUTHENTICATION) == "9000"
    assert terminal.status(VERIFY) == "9000"
    assert terminal.status(pso(digest())) == "6100"
    assert terminal.status("00A4020C02DF00") == "9000"
    assert terminal.status("00C0000000") == "6985"


# ── applet 1.8 ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("key", list(CardKey))
@pytest.mark.parametrize(
    ("algorithm", "hashing"),
    [
        *((0x01, SHA256()), (0x02, SHA384()), (0x04, SHA512())),
        *((0x40, hashing) for hashing in (OLD, SHA224(), SHA256(), SHA384(), SHA512())),
    ],
    ids=lambda value: getattr(value, "name", None) or f"{value:02x}",
)
def test_every_algorithm_of_elliptic_keys(
    ec_terminal: AppletDriver, key: CardKey, algorithm: int, hashing: HashAlgorithm
) -> None:
    reference = {CardKey.AUTHENTICATION: AUTHENTICATION, CardKey.SIGNATURE: SIGNATURE}[key]
    assert choose(ec_terminal, algorithm, reference) == "9000"
    assert ec_terminal.status(VERIFY) == "9000"
    assert ec_terminal.status(pso(digest(hashing.name))) == "6160"
    signature, status = ec_terminal.ask("00C0000060")
    assert (len(signature), status) == (96, "9000")
    public = ec_terminal.profile.certificates[key].public_key()
    assert isinstance(public, EllipticCurvePublicKey)
    r, s = int.from_bytes(signature[:48]), int.from_bytes(signature[48:])
    public.verify(encode_dss_signature(r, s), DATA, ECDSA(hashing))


@pytest.mark.parametrize("algorithm", [0x00, 0x08, 0x10, 0x20])
def test_elliptic_keys_have_no_rsa_algorithm(ec_terminal: AppletDriver, algorithm: int) -> None:
    assert choose(ec_terminal, algorithm, AUTHENTICATION) == "6a80"


@pytest.mark.parametrize(("algorithm", "length"), [(1, 48), (2, 32), (4, 20), (0x40, 31), (0x40, 65)])
def test_lengths_that_elliptic_keys_do_not_take(
    ec_terminal: AppletDriver, algorithm: int, length: int
) -> None:
    assert choose(ec_terminal, algorithm, AUTHENTICATION) == "9000"
    assert ec_terminal.status(VERIFY) == "9000"
    assert ec_terminal.status(pso("00" * length)) == "6700"


def test_an_elliptic_signature_wants_the_pin_directly_before(ec_terminal: AppletDriver) -> None:
    assert choose(ec_terminal, 1, SIGNATURE) == "9000"
    assert ec_terminal.status(pso(digest())) == "6982"
    assert ec_terminal.status(VERIFY) == "9000"
    assert ec_terminal.status(pso(digest())) == "6160"
    assert ec_terminal.status(pso(digest())) == "6982"
