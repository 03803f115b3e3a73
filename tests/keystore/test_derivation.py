"""Keys from passwords: published vectors, and the compiled function against the one in Python."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.keystore.codec import derivation, limits
from ehtoolkit.keystore.codec.derivation import (
    DIGESTS,
    Derivation,
    DerivedKeyCache,
    Function,
    derive,
    password_inputs,
)
from ehtoolkit.secret import Secret

# Test vectors that BouncyCastle and others share: password, salt, purpose, iterations, key.
VECTORS = [
    ("smeg", "0A58CF64530D823F", 1, 1, "8AAAE6297B6CB04642AB5B077851284EB7128F1A2A7FBCA3"),
    ("smeg", "0A58CF64530D823F", 2, 1, "79993DFE048D3B76"),
    ("smeg", "642B99AB44FB4B1F", 1, 1, "F3A95FEC48D7711E985CFE67908C5AB79FA3D7C5CAA5D966"),
    ("smeg", "3D83C0E4546AC140", 3, 1, "8D967D88F6CAA9D714800AB3D48051D63F73A312"),
    ("queeg", "05DEC959ACFF72F7", 1, 1000, "ED2034E36328830FF09DF1E1A07DD357185DAC0D4F9EB3D4"),
    ("queeg", "05DEC959ACFF72F7", 2, 1000, "11DEDAD7758D4860"),
    ("queeg", "263216FCC2FAB31C", 3, 1000, "5EC4C7A80DF652294C3925B6489A7AB857C83476"),
]


@pytest.mark.parametrize(("password", "salt", "purpose", "iterations", "key"), VECTORS)
def test_published_vectors(password: str, salt: str, purpose: int, iterations: int, key: str) -> None:
    wanted = bytes.fromhex(key)
    (given_bytes,) = password_inputs(Function(purpose), password)
    stated = Derivation(Function(purpose), "sha1", bytes.fromhex(salt), iterations, len(wanted))
    assert derivation.derive_in_python(stated, given_bytes) == wanted
    assert derive(stated, given_bytes) == wanted


@given(
    password=st.binary(max_size=300),
    salt=st.binary(min_size=1, max_size=200),
    purpose=st.integers(1, 3),
    iterations=st.integers(1, 20),
    length=st.integers(1, 200),
    digest=st.sampled_from(sorted(DIGESTS)),
)
def test_the_compiled_function_agrees_with_the_one_in_python(
    password: bytes, salt: bytes, purpose: int, iterations: int, length: int, digest: str
) -> None:
    if not derivation.is_compiled():
        pytest.skip("no libcrypto within reach")
    stated = Derivation(Function(purpose), digest, salt, iterations, length)
    assert derive(stated, password) == derivation.derive_in_python(stated, password)


def test_pbkdf2_by_the_vector_of_rfc_6070() -> None:
    derivation = Derivation(Function.PBKDF2, "sha1", b"salt", 4096, 20)
    assert derive(derivation, b"password").hex() == "4b007901b765489abead49d926f721d065a429c1"


def test_the_forms_of_a_password() -> None:
    """As keytool of Java 17 and 25 wrote them, alone and beside BouncyCastle."""
    assert password_inputs(Function.PKCS12_MAC, "") == (b"\0\0", b"")
    assert password_inputs(Function.PKCS12_KEY, "") == (b"\0\0", b"")
    assert password_inputs(Function.PBKDF2, "") == (b"",)
    assert password_inputs(Function.PKCS12_MAC, "a") == (b"\0a\0\0",)
    assert password_inputs(Function.PKCS12_KEY, "a") == (b"\0a\0\0",)
    assert password_inputs(Function.PBKDF2, "a") == (b"a", b"\0a\0\0")
    assert password_inputs(Function.PKCS12_MAC, "é") == (b"\0\xe9\0\0",)
    assert password_inputs(Function.PKCS12_KEY, "é") == (b"\0\xe9\0\0", b"\0\x43\0\x29\0\0")
    assert password_inputs(Function.PBKDF2, "é") == (b"\xc3\xa9", b"\0\x69\0\0", b"\0\xef\xbf\xbd\0\0")


def test_a_closed_ring_gives_what_it_has_and_nothing_else() -> None:
    ring = DerivedKeyCache(Secret("p"))
    known = Derivation(Function.PBKDF2, "sha256", b"salt", 1, 32)
    key = ring.key(known)
    assert len(list(ring.attempts(known))) == 2
    ring.close()
    assert ring.key(known) == key
    with pytest.raises(errors.KeystorePasswordWrong):
        ring.key(Derivation(Function.PBKDF2, "sha256", b"other", 1, 32))
    assert "p" not in repr(vars(ring)["_inputs"])


@pytest.mark.parametrize("function", list(Function))
def test_a_ring_refuses_work_before_it_does_it(function: Function) -> None:
    ring = DerivedKeyCache(Secret("p"))
    with pytest.raises(errors.LimitExceeded) as refusal:
        ring.key(Derivation(function, "sha256", b"salt", limits.ITERATIONS + 1, 32))
    assert refusal.value.facts == {
        "reason": "iterations",
        "value": limits.ITERATIONS + 1,
        "limit": limits.ITERATIONS,
    }
    with pytest.raises(errors.LimitExceeded) as refusal:
        ring.key(Derivation(function, "sha512", b"salt", limits.ITERATIONS, 2000))
    assert refusal.value.facts["reason"] == "work"


@settings(max_examples=20)
@given(st.text())
def test_any_text_is_a_password(text: str) -> None:
    for function in Function:
        assert all(isinstance(form, bytes) for form in password_inputs(function, text))
