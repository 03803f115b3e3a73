"""Thousands of cards with something broken: each is looked at to the end, and only our own errors leave."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.card.chip import FILE_LABELS, read_files, read_identity
from ehtoolkit.card.port import CardKey
from ehtoolkit.card.trust import CardRoots
from ehtoolkit.crypto.certificates import read_certificate
from ehtoolkit.finding import Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.training.card.profile import CardProfile
from tests.card.verifying import NOW, MemoryCard, looked_at
from tests.support.cards import Authorities, make_authorities, make_profile
from tests.support.softhsm_writer import data_objects

SEED = 20261125


@pytest.fixture(scope="module")
def rounds(request: pytest.FixtureRequest) -> int:
    """Of each kind of file; there are five."""
    return 2_500 if request.config.getoption("--all") else 400


@pytest.fixture(scope="module")
def authorities() -> Authorities:
    """On a curve that is quick: many thousand signatures are verified here, mostly of what was not touched."""
    return make_authorities(ec.SECP256R1())


@pytest.fixture(scope="module")
def profiles(authorities: Authorities) -> Mapping[str, CardProfile]:
    return {kind: make_profile(authorities, kind) for kind in ("rsa", "ec")}


def mutated(content: bytes, chance: random.Random) -> bytes:
    """``content`` with one to four things done to it."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(changed) + 1)
        match chance.randrange(7):
            case 0 if changed:
                changed[place % len(changed)] ^= 1 << chance.randrange(8)
            case 1 if changed:
                changed[place % len(changed)] = chance.choice((0, 1, 0x30, 0x7F, 0x80, 0x82, 0xFE, 0xFF))
            case 2:
                del changed[place:]
            case 3:
                changed[place:place] = chance.randbytes(chance.randint(1, 40))
            case 4:
                del changed[place : place + chance.randint(1, 40)]
            case 5:
                changed[place : place + 8] = bytes([chance.randrange(256)]) * chance.randint(0, 300)
            case _:
                other = chance.randrange(len(changed) + 1)
                changed[place:place] = changed[other : other + chance.randint(1, 60)]
    return bytes(changed)


def flipped(content: bytes, chance: random.Random) -> bytes:
    """One bit of ``content`` turned over: what mostly can still be read."""
    changed, place = bytearray(content), chance.randrange(8 * len(content))
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def looked_through(card: MemoryCard, roots: CardRoots, texts: Translator) -> set[str]:
    """The keys of what was found; every finding can be told."""
    found = looked_at(card, roots, NOW).findings
    assert all(finding.message(texts) and finding.next_step(texts) for finding in found)
    return {finding.key for finding in found if finding.severity is not Severity.OK}


def test_files_of_the_register(
    profiles: Mapping[str, CardProfile], authorities: Authorities, rounds: int
) -> None:
    chance, texts, roots = random.Random(SEED), Translator("fr"), CardRoots((authorities.root,))  # noqa: S311
    counts: Counter[str] = Counter()
    unnoticed: Counter[str] = Counter()
    for name in ("identity", "address", "rrn_certificate", "photo"):
        for number in range(rounds):
            card = MemoryCard.of(profiles["ec" if number % 4 == 0 else "rsa"])
            if name == "photo":
                photo = mutated(card.shown.photo or b"", chance)
                card, same = card.saying(photo=photo), photo.rstrip(b"\0") == (card.shown.photo or b"")
            else:
                before = getattr(card.raw, name)
                content = mutated(before, chance)
                same = content == before or (
                    name == "address" and content.rstrip(b"\0") == before.rstrip(b"\0")
                )
                card = card.holding(**{name: content})
            keys = looked_through(card, roots, texts)
            counts.update(f"{name}: {key}" for key in keys)
            unnoticed[name] += not keys
            assert keys or same or name == "rrn_certificate", (name, number)
    print(f"{4 * rounds} mutated files, unnoticed {dict(unnoticed)}, seen {dict(counts.most_common())}")
    assert {
        "identity: identity_forged",
        "identity: identity_damaged",
        "address: address_forged",
    } <= counts.keys()
    assert {"photo: photo_forged", "rrn_certificate: register_unreadable"} <= counts.keys()


def test_certificates_of_the_card(
    profiles: Mapping[str, CardProfile], authorities: Authorities, rounds: int
) -> None:
    """One of leaf, citizen CA and root is broken; what can still be read of it is looked at."""
    chance, texts, roots = random.Random(SEED), Translator("nl"), CardRoots((authorities.root,))  # noqa: S311
    readable = 0
    counts: Counter[str] = Counter()
    for number in range(rounds):
        card = MemoryCard.of(profiles["ec" if number % 2 else "rsa"])
        key = chance.choice(list(CardKey))
        chain = list(card.chains[key])
        place = chance.randrange(3)
        content = der(chain[place])
        broken = flipped(content, chance) if number % 4 else mutated(content, chance)
        certificate = read_certificate(broken)
        if certificate is None:
            continue
        readable += 1
        # Outside what is signed a bit may mean nothing.
        unchanged = certificate.tbs_certificate_bytes == chain[place].tbs_certificate_bytes
        chain[place] = certificate
        keys = looked_through(replace(card, chains={**card.chains, key: chain}), roots, texts)
        counts.update(keys)
        assert keys or unchanged or place == 2, number  # a root that is an anchor is not taken from the card
    print(f"{rounds} mutated certificates, {readable} readable, seen {dict(counts.most_common())}")
    assert readable > rounds / 20
    assert counts["chain_broken"]


def test_data_objects_of_a_module(profiles: Mapping[str, CardProfile], rounds: int) -> None:
    chance = random.Random(SEED)  # noqa: S311
    good = data_objects(profiles["rsa"].identity, profiles["rsa"].files)
    refused = 0
    for _ in range(2 * rounds):
        label = chance.choice(list(good))
        data = {**good, label: mutated(good[label], chance)}
        for gone in chance.sample(list(good), chance.randint(0, 3)):
            del data[gone]
        assert set(read_files(data).__slots__) == set(FILE_LABELS)
        try:
            identity = read_identity(data)
        except errors.CardFault:
            refused += 1
        else:
            assert identity.niss.digits.encode() in data["national_number"]
    print(f"{2 * rounds} sets of mutated data objects, {refused} without a number")
    assert 0 < refused < 2 * rounds


def test_noise_is_no_certificate() -> None:
    chance = random.Random(SEED)  # noqa: S311
    attempts: list[Callable[[], bytes]] = [
        lambda: bytes(chance.randrange(2000)),
        lambda: chance.randbytes(chance.randrange(2000)),
        lambda: b"\x30\x82\x05\x00" + chance.randbytes(0x500),
    ]
    assert not any(read_certificate(attempt()) for attempt in attempts for _ in range(500))


def der(certificate: Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
