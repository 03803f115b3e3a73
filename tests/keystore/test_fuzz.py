"""Whatever is fed in, only our own errors come out, soon, and without taking memory."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import Key, Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import DIGESTS, Derivation, DerivedKeyCache, Function
from ehtoolkit.keystore.codec.file_type import detect_file_type, undo_transfer_damage
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12, unlock
from ehtoolkit.keystore.codec.protection import Encrypted, Encryption, Mac
from ehtoolkit.keystore.codec.structure import Structure
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.key_pairs import load_certificate
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.secret import Secret
from tests.keystore.conftest import CORPUS
from tests.support.keystores import load_any

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

ROOT = Path(__file__).resolve().parents[2]
DRIVER = Path(__file__).with_name("fuzzer.py")
FEW, MANY = 1_600, 20_400
SECONDS, MEGABYTES = 1.0, 100.0
WITHOUT_PASSWORD: tuple[Callable[[bytes], object], ...] = (
    detect_file_type,
    outline_pkcs12,
    undo_transfer_damage,
)
WITH_PASSWORD: tuple[Callable[[bytes, Secret], object], ...] = (read_pkcs12, recover)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("inputs", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_mutated_files(data_folder: Path, inputs: int) -> None:
    command = [sys.executable, "-W", "error", str(DRIVER), str(data_folder / CORPUS), str(inputs), "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment, timeout=560, check=True
    )
    report = json.loads(done.stdout)
    outcomes: Counter[str] = Counter(report["outcomes"])
    slowest, grown = report["slowest"], report["grown"]
    print(
        f"{inputs} mutated files: slowest {slowest[0]} s ({slowest[1]}), memory grown by {grown} MB, {dict(outcomes)}"
    )
    assert outcomes.total() >= inputs
    assert slowest[0] < SECONDS
    assert grown < MEGABYTES
    assert outcomes["read"] > inputs / 20
    for key in ("keystore_damaged.truncated", "keystore_damaged.integrity", "keystore_hostile.iterations"):
        assert outcomes[key] > inputs / 2_000, key


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and megabytes at the most; only our errors pass. Where it is near a limit, the best of three times, each
    with nothing kept from the one before: what else the computer does only adds."""
    times: list[float] = []
    while not times or (times[-1] >= SECONDS / 4 and len(times) < 3):
        load_certificate.cache_clear()
        began = time.process_time()
        with contextlib.suppress(errors.EhToolkitError):
            work()
        times.append(time.process_time() - began)
    seconds = min(times)
    tracemalloc.start()
    try:
        with contextlib.suppress(errors.EhToolkitError):
            work()
        return seconds, tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def large(name: str) -> bytes:
    """Files as large as they may be, each of one thing."""
    room = limits.SIZE - 100
    pieces = {
        "elements": der.sequence(der.NULL * limits.ELEMENTS),
        "nested": b"\x30\x80" * (room // 2),
        "long strings": b"\x30\x80\x02\x01\x03" + b"\x24\x80\x04" * (room // 3),
        "segments": b"\x30\x80\x02\x01\x03\x30\x80" + b"\x24\x80\x04\x01\x00\x00\x00" * (room // 7),
        "algorithms": b"0\x80\2\1\3" + der.object_identifier("1.2.840.113549.1.5.13") * (room // 11),
        "certificates": b"0\x80\2\1\3"
        + (der.object_identifier("1.2.840.113549.1.9.22.1") + b"\xa0\x80") * (room // 14),
        "pem": b"-----BEGIN PKCS12-----\n" * (room // 23),
        "pem without end": b"-----BEGIN PKCS12-----\n" + b"MIIA" * (room // 5),
        "base64": base64.b64encode(b"\x30\x82" * (room // 3)),
        "line ends": b"\x30\x84" + b"\r\n" * (room // 2),
        "utf-8": b"\x30\x84" + "é".encode() * (room // 2),
        "zeros": bytes(room),
        "octets": der.sequence(der.integer(3), der.octet_string(bytes(room - 100))),
    }
    return pieces[name]


@pytest.mark.parametrize(
    "name",
    [
        *("elements", "nested", "long strings", "segments", "algorithms", "certificates", "pem"),
        *("pem without end", "base64", "line ends", "utf-8", "zeros", "octets"),
    ],
)
def test_files_as_large_as_they_may_be(name: str) -> None:
    data = large(name)
    assert len(data) <= limits.SIZE
    for look in WITHOUT_PASSWORD:
        seconds, megabytes = measured(partial(look, data))
        assert seconds < SECONDS / 2, look
        assert megabytes < MEGABYTES, look
    for work in (load_any, *WITH_PASSWORD):
        seconds, megabytes = measured(partial(work, data, Secret("p")))
        assert seconds < SECONDS, work
        assert megabytes < MEGABYTES, work


@pytest.mark.parametrize("digest", sorted(DIGESTS))
@pytest.mark.parametrize("function", [Function.PBKDF2, Function.PKCS12_MAC])
def test_as_much_work_as_a_file_may_ask_for(function: Function, digest: str) -> None:
    """The limit counts alike what takes alike: with a wrong password of the worst kind, still below a second."""
    once = Derivation(function, digest, b"s" * 20, 1, DIGESTS[digest])
    count = min(limits.ITERATIONS, int(limits.WORK / once.work))
    derivations = [replace(once, salt=bytes([number]) * 20, iterations=count) for number in range(3)]
    seconds, _ = _timed(lambda: list(map(DerivedKeyCache(Secret("é")).key, derivations)))
    assert seconds < SECONDS, seconds


def _timed(work: Callable[[], object]) -> tuple[float, str]:
    """Seconds of processor time, and how it ended. Over the limit it is done again, three times in all, and the best
    counts: what else the computer does only adds."""
    tries: list[float] = []
    while not tries or (tries[-1] >= SECONDS and len(tries) < 3):
        began = time.process_time()
        try:
            work()
            outcome = "done"
        except errors.KeystoreError as error:
            outcome = str(error.facts.get("reason", error.key))
        tries.append(time.process_time() - began)
    return min(tries), outcome


@pytest.mark.parametrize("has_mac", [True, False])
def test_a_wrong_password_never_costs_more_than_the_limit(has_mac: bool) -> None:
    """Many keys, each with a salt of its own, a MAC, and all forms of the password."""
    key = Derivation(Function.PBKDF2, "sha256", b"s", 400_000, 32)
    bags = tuple(
        Key(Encrypted(Encryption("aes256-cbc", replace(key, salt=bytes([n])), bytes(16)), bytes(64)))
        for n in range(11)
    )
    mac = Mac(Derivation(Function.PKCS12_MAC, "sha256", b"m", 400_000, 32), "sha256", bytes(32))
    structure = Structure((bags,), b"", mac if has_mac else None)
    seconds, outcome = _timed(lambda: unlock(structure, DerivedKeyCache(Secret("é"))))
    assert outcome != "done"
    assert seconds < SECONDS


def test_many_bags_are_refused(keystore_maker: KeystoreMaker) -> None:
    contents = keystore_maker.complete.contents
    some = Pkcs12Contents(contents.keys, contents.certificates * 36)
    assert len(read_pkcs12(write_pkcs12(some, Secret("p")), Secret("p")).certificates) == 144
    for many in (
        Pkcs12Contents(contents.keys, contents.certificates * 40),
        Pkcs12Contents(contents.keys * 80, ()),
    ):
        with pytest.raises(errors.LimitExceeded) as refusal:
            read_pkcs12(write_pkcs12(many, Secret("p")), Secret("p"))
        assert refusal.value.facts["reason"] == "elements"
    seconds, megabytes = measured(lambda: Keystore.of(some))
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


values = st.recursive(
    st.builds(der.value, st.sampled_from([2, 4, 6, 5, 0x0C, 0x1E, 0x80]), st.binary(max_size=40)),
    lambda inner: st.builds(
        lambda tag, parts: der.value(tag, b"".join(parts)),
        st.sampled_from([0x30, 0x31, 0xA0, 0x24]),
        st.lists(inner, max_size=5),
    ),
    max_leaves=40,
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(parts=st.lists(values, max_size=4), tail=st.binary(max_size=20))
def test_anything_that_is_well_framed(parts: list[bytes], tail: bytes) -> None:
    data = der.sequence(der.integer(3), *parts) + tail
    for look in WITHOUT_PASSWORD:
        with contextlib.suppress(errors.KeystoreError):
            look(data)
    for work in WITH_PASSWORD:
        with contextlib.suppress(errors.KeystoreError):
            work(data, Secret("p"))


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=400))
def test_anything_at_all(data: bytes) -> None:
    for work in (load_any, recover):
        with contextlib.suppress(errors.KeystoreError):
            work(data, Secret("p"))
