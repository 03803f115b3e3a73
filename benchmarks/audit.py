"""What an audit costs: many files without passwords; keystores with passwords, beside keytool, and the second time.

``audit.py FOLDER [FILES [FEW]]``: a folder of keystores with a ``manifest.json`` that lists ``file`` and
``password``; of which ``bc_complete.p12`` is copied. 20,000 FILES where nothing else is said, and a FEW, 1,000, with
passwords.
"""

from __future__ import annotations

import hmac
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ehtoolkit.auditing.audit import audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12
from ehtoolkit.keystore.codec.protection import Mac
from ehtoolkit.secret import Secret

MANY = 20_000
SAMPLED = 20
"""Files that keytool is given; its time for all is scaled from them."""


def report(what: str, value: str, aim: str, good: bool) -> None:
    print(f"{'ok  ' if good else 'MISS'} {what:<58} {value:>22}   aim {aim}", flush=True)


def copies(folder: Path, data: bytes, count: int) -> Path:
    """The same content many times: without passwords nothing is kept, and each is looked at."""
    folder.mkdir()
    for number in range(count):
        (folder / f"SSIN={79031400000 + number} 20260101-120000.p12").write_bytes(data)
    return folder


def others(folder: Path, data: bytes, password: Secret, count: int) -> Path:
    """The same file as the Java program wrote it, with as many MACs, each with a salt of its own: many contents, and
    all ciphers and iterations of each are BouncyCastle's."""
    outline = outline_pkcs12(data)
    assert isinstance(outline.mac, Mac)
    folder.mkdir()
    before = outline.mac.key
    for number in range(count):
        after = replace(before, salt=os.urandom(len(before.salt)))
        key = DerivedKeyCache(password).key(after)
        value = hmac.digest(key, outline.authenticated, outline.mac.digest)
        path = folder / f"SSIN={79031400000 + number} 20260101-120000.p12"
        path.write_bytes(data.replace(before.salt, after.salt).replace(outline.mac.value, value))
    read_pkcs12(path.read_bytes(), password)  # or it raises
    return folder


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def keytool(files: Sequence[Path], password: Secret) -> float:
    """Seconds that keytool takes to list them, one after the other, as it does."""
    command = ["keytool", "-list", "-storetype", "PKCS12", "-storepass", password.reveal(), "-keystore"]
    return seconds(
        lambda: [subprocess.run([*command, str(file)], check=True, capture_output=True) for file in files]
    )


def main(source: Path, password: Secret, many: int, fewer: int = 1_000) -> None:
    data = source.read_bytes()
    with tempfile.TemporaryDirectory() as temporary:
        here = Path(temporary)
        few, all_ = others(here / "few", data, password, fewer), copies(here / "all", data, many)
        some = copies(here / "some", data, fewer)
        triage = seconds(lambda: audit_folder([some]))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        whole = seconds(lambda: audit_folder([all_]))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        report(f"{many} files, no passwords", f"{many / whole:.0f} files/s", "≥ 1,500", many / whole >= 1_500)
        exponent = math.log(whole / triage) / math.log(many / fewer)
        report(f"exponent from {fewer} to {many}", f"{exponent:.2f}", "≤ 1.1", exponent <= 1.1)
        peak = max(
            resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        report("memory, of the largest process", f"{peak / 1024:.0f} MB", "< 400 MB", peak < 400 * 1024)
        each = grown * 1024 / many
        report("memory more than for the few", f"{each:.1f} kB a file", "≤ 20", each <= 20)

        options = AuditOptions(cache=here / "cache")
        first = seconds(lambda: audit_folder([few], lambda _: password, options))
        theirs = keytool(sorted(few.iterdir())[:SAMPLED], password) / SAMPLED * fewer
        times = theirs / first
        report(f"{fewer} with passwords, times as fast as keytool -list", f"{times:.0f}", "≥ 30", times >= 30)
        second = min(seconds(lambda: audit_folder([few], lambda _: password, options)) for _ in range(3))
        alone = min(seconds(lambda: audit_folder([few])) for _ in range(3))
        ratio = second / alone
        report(f"{fewer} with passwords, second time, against none", f"{ratio:.2f}", "≤ 1.5", ratio <= 1.5)
        print(f"     first time {first:.1f} s, second {second:.2f} s, without passwords {alone:.2f} s")


if __name__ == "__main__":
    listed = json.loads((Path(sys.argv[1]) / "manifest.json").read_bytes())
    chosen = next(keystore for keystore in listed if keystore["file"] == "bc_complete.p12")
    sizes = [int(argument) for argument in sys.argv[2:]] or [MANY]
    main(Path(sys.argv[1]) / chosen["file"], Secret(chosen["password"]), *sizes)
