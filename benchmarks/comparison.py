"""What it costs to compare two audits of files that all have one name and lie in another folder now.

``comparison.py [FILES]``: another number. They stayed closed, so nobody knows their keys and ends.
"""

from __future__ import annotations

import math
import sys
import time
from datetime import UTC, datetime

from ehtoolkit.auditing.changes import compare
from ehtoolkit.auditing.snapshot import KeystoreSnapshot, Snapshot

AIM, FILES, FEWER, ROUNDS = 1.2, 100_000, 10, 3
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def snapshot(folder: str, files: int, name: str) -> Snapshot:
    paths = (f"/{folder}/{number}/{name}.p12" for number in range(files))
    return Snapshot(NOW, {path: KeystoreSnapshot(path, "closed") for path in paths}, {})


def seconds(files: int, name: str) -> float:
    before, after = snapshot("before", files, "cert"), snapshot("after", files, name)
    times = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        compare(before, after)
        times.append(time.process_time() - begin)
    return min(times)


def main() -> None:
    files = int(sys.argv[1]) if sys.argv[1:] else FILES
    for name, what in (("cert", "moved"), ("other", "gone, and as many new")):
        many, few = seconds(files, name), seconds(files // FEWER, name)
        exponent = math.log(many / few) / math.log(FEWER)
        print(f"{files:,} files {what}: {many:.2f} s, exponent {exponent:.2f} from a tenth (aim {AIM})")


if __name__ == "__main__":
    main()
