"""Feeds mutated files to everything that reads keystores, and measures.

A program of its own, for its memory is measured: ``fuzzer.py CORPUS COUNT SEED``. Prints one JSON object: which
errors came how often, the longest time of one, the growth of the memory. Anything but our own errors ends
it.

Keys are derived once for each file, not for each of its mutations, so that there is time for many; some are read as a
user would read them, derivations and all.
"""

from __future__ import annotations

import contextlib
import copy
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from unittest.mock import patch

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import Pkcs12Contents, Plain
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.file_type import detect_file_type, undo_transfer_damage
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, unlock
from ehtoolkit.keystore.codec.structure import read_bags
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair import java_store
from ehtoolkit.keystore.repair.java_store import JAVA_KINDS, outline_java_store, read_java_store
from ehtoolkit.keystore.repair.key_names import with_sound_ids
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.repair.pem import export_certificates, read_pem
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.secret import Secret
from tests.keystore.shapes import any_contents, any_text
from tests.support.keystores import load_any

INTERESTING = (0, 1, 2, 4, 5, 6, 0x24, 0x30, 0x31, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xA0, 0xFE, 0xFF)
AS_A_USER = 250
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
SLOW = 0.5
"""Seconds from which an input is tried again."""


class Fuzzer:
    """Files, their passwords and their keys; what came of each mutation."""

    def __init__(self, corpus: Path, seed: int) -> None:
        self.source = random.Random(seed)  # noqa: S311
        entries = json.loads((corpus / "manifest.json").read_text())
        self.files = [
            ((corpus / sample["file"]).read_bytes(), Secret(sample["password"]))
            for sample in entries
            if sample["bytes"]
        ]
        whole = next(data for data, _ in self.files if len(data) == 12_866)
        contents = load_any(whole, Secret("Test-Pass1"))
        for profile in EncryptionProfile:
            self.files.append((write_pkcs12(contents, Secret("é"), profile), Secret("é")))
        self.rings = [DerivedKeyCache(secret) for _, secret in self.files]
        self.contents = contents
        self.old = Keystore.of(contents)
        self.plain = write_pkcs12(contents, Secret("p"))
        self.derive_java = lru_cache(maxsize=None)(java_store._derive)
        self.outcomes: Counter[str] = Counter()
        self.slowest = (0.0, "")

    def run(self, count: int) -> None:
        for number in range(count):
            place = self.source.randrange(len(self.files))
            data, secret = self.files[place]
            mutated = self.mutate(data)
            cache = copy.copy(self.rings[place])
            cache._work = 0.0  # what one file may cost
            works = (
                self.as_a_user(mutated, secret)
                if number % AS_A_USER == 0
                else self.works(mutated, secret, cache)
            )
            for name, work in works:
                began = time.process_time()  # other programs on this computer do not count
                try:
                    work()
                    self.outcomes["read"] += 1
                except errors.EhToolkitError as error:
                    self.outcomes[
                        f"{error.key}.{error.facts.get('reason', error.facts.get('kind', ''))}"
                    ] += 1
                seconds = time.process_time() - began
                if seconds > SLOW:  # what else the computer does only adds
                    seconds = min(seconds, self.again(work, cache), self.again(work, cache))
                self.slowest = max(self.slowest, (seconds, name))
            if len(cache._keys) > 500:
                cache._keys.clear()

    def again(self, work: Callable[[], object], cache: DerivedKeyCache) -> float:
        """Seconds of processor time, with nothing kept from before."""
        cache._keys.clear()
        cache._work = 0.0
        self.derive_java.cache_clear()
        began = time.process_time()
        with contextlib.suppress(errors.EhToolkitError):
            work()
        return time.process_time() - began

    def works(
        self, data: bytes, secret: Secret, cache: DerivedKeyCache
    ) -> Iterator[tuple[str, Callable[[], object]]]:
        yield "kind", lambda: detect_file_type(data)
        yield "outline", lambda: self.all_of(outline_pkcs12(data).visible_bags)
        if b"-----BEGIN " in data:
            yield "pem", lambda: self.all_of(read_pem(data, lambda: [secret]).certificates)
        if detect_file_type(data) in JAVA_KINDS:
            # Decrypting one of them takes long; the wrong password ends before that in most.
            yield "java outline", lambda: self.all_of(outline_java_store(data).certificates)
            yield "java", lambda: self.java(data, Secret("wrong") if data[0] == 0xCE else secret)
            return
        yield "read", lambda: self.use(unlock(outline_pkcs12(data), cache))
        if self.source.random() < 0.5:
            yield "rescue", lambda: self.use(recover(data, secret, cache=cache).contents)
        elif self.source.random() < 0.5:
            yield "inner", lambda: self.use(self.inner())
        if self.source.random() < 0.2:
            shape = any_contents(self.source)
            yield "shape", lambda: self.use(shape)

    def java(self, data: bytes, secret: Secret) -> Pkcs12Contents:
        with patch.object(java_store, "_derive", self.derive_java):
            return read_java_store(data, secret)

    def as_a_user(self, data: bytes, secret: Secret) -> Iterator[tuple[str, Callable[[], object]]]:
        yield "read whole", lambda: self.use(load_any(data, secret))
        yield "read with another password", lambda: load_any(data, Secret("ünlikely"))
        yield "rescue whole", lambda: recover(data, secret)
        yield "mend", lambda: undo_transfer_damage(data)
        text, shape = any_text(self.source), write_pkcs12(any_contents(self.source), secret)
        yield "mend a text", lambda: undo_transfer_damage(text)
        yield "diagnose a shape", lambda: self.judged(diagnose(shape, secret, NOW))
        yield "rescue a shape", lambda: self.use(recover(shape, secret).contents)

    @staticmethod
    def judged(found: Diagnosis) -> None:
        """What nobody foresaw is a finding for users; here it is a mistake."""
        assert not found.has("file_unjudged"), found.findings

    def inner(self) -> Pkcs12Contents:
        """What is inside the encryption, mutated there, as somebody who has the password can."""
        contents = self.contents
        key, bag = self.source.choice(contents.keys), self.source.choice(contents.certificates)
        read_bags(self.mutate(outline_pkcs12(self.plain).authenticated))
        return replace(
            contents,
            keys=(replace(key, material=Plain(self.mutate(key.pkcs8))), *contents.keys),
            certificates=(replace(bag, der=self.mutate(bag.der)), *contents.certificates),
        )

    def use(self, contents: Pkcs12Contents) -> None:
        self.all_of(contents.keys + contents.certificates)
        with_sound_ids(contents)
        keystore = Keystore.of(contents)
        self.all_of((keystore.holder, keystore.environment, keystore.current_encryption, keystore.not_after))
        if keystore.chain:
            export_certificates(keystore, "chain")
            merge_old_keys(keystore, self.old)

    @staticmethod
    def all_of(bags: object) -> str:
        """Every name and attribute is decoded when it is asked for."""
        for bag in bags if isinstance(bags, tuple) else ():
            for name in ("alias", "local_key_id"):
                getattr(bag, name, None)
        return repr(bags)

    def mutate(self, data: bytes) -> bytes:
        mutated = bytearray(data)
        for _ in range(self.source.choice((1, 1, 1, 2, 4, 16))):
            if mutated:
                self.source.choice(self.mutations)(self, mutated, self.at(mutated))
        return bytes(mutated)

    def at(self, data: bytearray) -> int:
        """Anywhere, and more often near the beginning, where the structure is."""
        return self.source.randrange(min(len(data), self.source.choice((40, 200, 1_500, len(data)))))

    def flip(self, data: bytearray, at: int) -> None:
        data[at] ^= 1 << self.source.randrange(8)

    def put(self, data: bytearray, at: int) -> None:
        data[at] = self.source.choice((*INTERESTING, self.source.randrange(256)))

    def cut(self, data: bytearray, at: int) -> None:
        del data[at : at + self.source.choice((1, 2, 16, 1_000))]

    def end(self, data: bytearray, at: int) -> None:
        del data[max(at, self.source.randrange(len(data))) :]

    def insert(self, data: bytearray, at: int) -> None:
        data[at:at] = self.source.randbytes(self.source.choice((1, 4, 40)))

    def repeat(self, data: bytearray, at: int) -> None:
        data[at:at] = data[at : at + self.source.choice((2, 50, 2_000))] * self.source.choice((1, 1, 5))

    def splice(self, data: bytearray, at: int) -> None:
        other = self.source.choice(self.files)[0]
        begin = self.source.randrange(len(other))
        piece = other[begin : begin + self.source.choice((20, 500, 5_000))]
        data[at : at + len(piece)] = piece

    def line_ends(self, data: bytearray, _: int) -> None:
        data[:] = data.replace(b"\n", b"\r\n")

    mutations = (flip, flip, put, put, put, cut, end, insert, repeat, splice, line_ends)


def memory() -> float:
    """The most that the process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    fuzzer = Fuzzer(Path(sys.argv[1]), int(sys.argv[3]))
    fuzzer.use(fuzzer.contents)  # now everything is imported
    before, began = memory(), time.perf_counter()
    fuzzer.run(200)
    fuzzer.slowest = (0.0, "")
    fuzzer.outcomes.clear()
    fuzzer.run(int(sys.argv[2]))
    report = {
        "seconds": round(time.perf_counter() - began, 1),
        "slowest": [round(fuzzer.slowest[0], 3), fuzzer.slowest[1]],
        "grown": round(memory() - before, 1),
        "outcomes": dict(fuzzer.outcomes.most_common()),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
