"""What it costs to open keystores, beside the derivations alone, keytool, openssl and a second process.

``keystore.py FOLDER [ROUNDS]``: a folder of keystores with a ``manifest.json`` that lists ``file`` and ``password``.
Everything is timed in this run, on the same files, imports done.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ehtoolkit.crypto import der
from ehtoolkit.crypto.keys import kind_of_public_key
from ehtoolkit.keystore.codec.contents import OtherBag, Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import Derivation, DerivedKeyCache, derive, password_inputs
from ehtoolkit.keystore.codec.file_type import detect_file_type
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12, unlock
from ehtoolkit.keystore.codec.protection import Encrypted, Encryption, Mac
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.secret import Secret

SAMPLED = 20
MANY = 400
TRIAGED = 20_000


@dataclass(frozen=True)
class File:
    path: Path
    data: bytes
    password: str

    @property
    def secret(self) -> Secret:
        return Secret(self.password)

    @property
    def is_java(self) -> bool:
        """Written by Java of today: fewer iterations, newer ciphers. The others are of BouncyCastle or its kind."""
        return self.path.name.startswith(("sun17", "w_"))

    def derivations(self, *, keys: bool) -> list[Derivation]:
        """What opening takes, each once: the MAC and the sealed certificates, or everything."""
        structure = outline_pkcs12(self.data)
        if keys:
            return list(structure.protection.derivations())
        found = [structure.mac.key] if isinstance(structure.mac, Mac) else []
        for safe in structure.safes:
            if isinstance(safe, Encrypted) and isinstance(safe.encryption, Encryption):
                found += safe.encryption.derivations
        return list(dict.fromkeys(found))

    def derive(self, derivations: Sequence[Derivation]) -> None:
        for derivation in derivations:
            derive(derivation, password_inputs(derivation.function, self.password)[0])


def best(work: Callable[[], object], rounds: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of the fastest of some rounds: what the work takes when nothing else runs. ``clock``:
    `time.process_time` where all work is done in this process, whatever else the machine does."""
    times = []
    for _ in range(rounds):
        begin = clock()
        work()
        times.append(clock() - begin)
    return min(times)


def read_certificates(data: bytes, secret: Secret) -> Pkcs12Contents:
    """Read a file as the audit does: no key is decrypted."""
    return unlock(outline_pkcs12(data), DerivedKeyCache(secret), keys=False)


def report(what: str, value: str, aim: str, good: bool) -> None:
    print(f"{'ok  ' if good else 'MISS'} {what:<62} {value:>22}   aim {aim}", flush=True)


def against_derivations(files: Sequence[File], rounds: int, source: str = "BC", aim: float = 1.5) -> None:
    for keys, what in ((False, "certificates + MAC"), (True, "everything")):
        opening = read_pkcs12 if keys else read_certificates
        ratios = []
        for file in files:
            floor = best(partial(file.derive, file.derivations(keys=keys)), rounds, time.process_time)
            took = best(partial(opening, file.data, file.secret), rounds, time.process_time)
            ratios.append(took / floor)
        value = f"{statistics.median(ratios):.2f} (most {max(ratios):.2f})"
        what = f"{source} files, {what}, against the derivations alone"
        report(what, value, f"≤ {aim}", max(ratios) <= aim)


def against_keytool(files: Sequence[File], rounds: int) -> None:
    for java, aim in ((False, 20), (True, 40)):
        sampled = ([file for file in files if file.is_java == java] * SAMPLED)[: SAMPLED // 2]
        ratios = []
        for file in sampled:
            command = ["keytool", "-list", "-storetype", "PKCS12", "-keystore", str(file.path)]
            theirs = best(partial(_quiet, [*command, "-storepass", file.password]), 1)
            ratios.append(theirs / best(partial(read_certificates, file.data, file.secret), rounds))
        middle = statistics.median(ratios)
        what = f"{'Java' if java else 'BC'} files, certificates + MAC: times as fast as keytool -list"
        report(what, f"{middle:.0f} (least {min(ratios):.0f})", f"≥ {aim}", middle >= aim)


def against_openssl(files: Sequence[File], rounds: int) -> None:
    ours = theirs = 0.0
    for file in files:
        command = ["openssl", "pkcs12", "-legacy", "-info", "-nokeys", "-in", str(file.path)]
        theirs += min(_children_cpu([*command, "-passin", f"pass:{file.password}"]) for _ in range(rounds))
        ours += min(_cpu(partial(read_certificates, file.data, file.secret)) for _ in range(rounds))
    report(
        "CPU time against openssl pkcs12 -info -nokeys", f"{ours / theirs:.2f}", "≤ 1.5", ours <= 1.5 * theirs
    )


def _quiet(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _cpu(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _children_cpu(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _quiet(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def open_one(file: File) -> int:
    return len(Keystore.of(read_pkcs12(file.data, file.secret)).encryption)


def two_processes(files: Sequence[File], rounds: int) -> None:
    many = (list(files) * MANY)[:MANY]
    ratios = []
    with ProcessPoolExecutor(1) as single, ProcessPoolExecutor(2) as double:
        for pool in (single, double):
            list(pool.map(open_one, many[:8]))
        for _ in range(max(rounds // 2, 2)):
            alone = best(lambda: list(single.map(open_one, many, chunksize=10)), 1)
            ratios.append(alone / best(lambda: list(double.map(open_one, many, chunksize=10)), 1))
    value = f"{statistics.median(ratios):.2f} (most {max(ratios):.2f})"
    report(f"{MANY} files over 2 processes, times as fast as over 1", value, "≥ 1.8", max(ratios) >= 1.8)


def triage_one(path: Path) -> tuple[object, ...]:
    """What can be said of a file without its password: what it is, its keys, its protection, its name."""
    data = path.read_bytes()
    if detect_file_type(data) is not None:
        return (parse_name(path.name),)
    structure = outline_pkcs12(data)
    keys = [(bag.alias, bag.local_key_id) for bag in structure.visible_bags if not isinstance(bag, OtherBag)]
    return keys, structure.protection, parse_name(path.name)


def triage(files: Sequence[File]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(TRIAGED // 10):
            path = Path(folder) / f"SSIN={number:011} 20261124-{number % 10_000:06}.p12"
            path.write_bytes(files[number % len(files)].data)
            paths.append(path)
        for path in paths[:500]:
            triage_one(path)
        before, begin = _memory(), time.process_time()
        for _ in range(10):
            for path in paths:
                triage_one(path)
        rate = len(paths) * 10 / (time.process_time() - begin)
    report(
        f"triage without passwords, files a second a core (of {TRIAGED})",
        f"{rate:,.0f}",
        "≥ 1,000",
        rate >= 1_000,
    )
    grown = _memory() - before
    report(f"memory grown over {TRIAGED} files", f"{grown:.1f} MB", "≤ 5 MB", grown <= 5)


def _memory() -> float:
    """MB at the most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def writing(files: Sequence[File], rounds: int) -> None:
    file = max(files, key=lambda file: len(file.data))
    contents = read_pkcs12(file.data, file.secret)
    seconds = best(lambda: write_pkcs12(contents, file.secret), rounds)
    print(
        f"     writing {len(contents.keys)} keys and {len(contents.certificates)} certificates: {seconds * 1000:.0f} ms"
    )


def long_identifiers(rounds: int) -> None:
    """A public key whose algorithm is an object identifier of many bytes: it is refused before it is computed with."""

    def key(size: int) -> bytes:
        identifier = der.value(der.OBJECT_IDENTIFIER, b"\x2a" * size)
        return der.sequence(der.sequence(identifier, der.NULL), der.bit_string(b"1"))

    def judge(spki: bytes) -> None:
        for _ in range(100):
            with suppress(ValueError):
                kind_of_public_key(spki)

    long, usual = (best(partial(judge, key(size)), rounds, time.process_time) for size in (800_000, 9))
    report(
        "key with an identifier of 800,000 bytes / of 9", f"{long / usual:.1f}", "≤ 10", long / usual <= 10
    )


def main() -> None:
    folder = Path(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    entries = json.loads((folder / "manifest.json").read_text())
    files = [
        File(folder / sample["file"], (folder / sample["file"]).read_bytes(), sample["password"])
        for sample in entries
        if "fault" not in sample
    ]
    everyday = [file for file in files if file.path.name.startswith(("bc", "connector"))]
    readable = [file for file in files if file.path.name.startswith(("bc", "connector", "sun17", "w_", "k_"))]
    random.Random(1).shuffle(readable)  # noqa: S311
    print(f"{len(files)} files, {os.cpu_count()} cores, best of {rounds}")
    kinds = {sample["file"]: str(sample.get("authentication_key", "")) for sample in entries}
    elliptic = [
        file
        for file in files
        if kinds[file.path.name].startswith("EC") and detect_file_type(file.data) is None
    ]
    if elliptic:
        against_derivations(elliptic, rounds, "EC", 1.2)
    if not everyday:
        return
    against_derivations(everyday, rounds)
    against_keytool(readable, rounds)
    against_openssl(everyday, rounds)
    two_processes(everyday, rounds)
    triage(files)
    writing(everyday, rounds)
    long_identifiers(max(rounds, 20))


if __name__ == "__main__":
    main()
