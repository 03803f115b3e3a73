"""What an audit of very many files costs: time, and the memory of the process that asks.

``fleet.py FOLDER [FILES] [--distinct] [--workers N]``: a folder of keystores with a ``manifest.json`` that lists
``file``, of which ``bc_complete.p12`` is linked FILES times (100,000 where nothing else is said), with names of their
own, 1,000 to a folder; audited without passwords, a tenth of them first. ``--distinct``: files in place of links, each
with keys that show as others. ``--workers``: by a Dask cluster that is started here, beside the two processes.

The peak is that of the audit and of making all its frames. The frames count as pandas counts them, and as
``once``, where a text that several cells have in common counts once.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINKS = 60_000
"""Of one file, which file systems allow."""
A_FOLDER = 1_000

AUDIT = """
import gc, json, resource, sys, time
from contextlib import nullcontext
from pathlib import Path
from ehtoolkit.auditing.audit import audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.scan.dask_cluster import open_cluster

def rss():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

def frames(found):
    names = ("keystores", "findings", "merged", "providers", "periods")
    return [getattr(found, name) for name in names]

def cpu():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))

def once(made):
    columns = [frame[name] for frame in made for name in frame]
    texts = {id(one): sys.getsizeof(one) for column in columns if column.dtype == "str" for one in column.array}
    return sum(int(frame.memory_usage().sum()) for frame in made) + sum(texts.values())

folder, address = Path(sys.argv[1]), sys.argv[2]
frames(audit_folder([folder / "first"]))  # what is imported and cached once
gc.collect()
Path("/proc/self/clear_refs").write_text("5")
before, begin, spent = rss(), time.perf_counter(), cpu()
with open_cluster(address) if address else nullcontext() as executor:
    found = audit_folder([folder / "all"], None, AuditOptions(executor=executor))
seconds, spent = time.perf_counter() - begin, cpu() - spent  # a worker counts when it has ended
made = frames(found)
status = Path("/proc/self/status").read_text().splitlines()
peak = int(next(line for line in status if "VmHWM" in line).split()[1]) * 1024
gc.collect()
print(json.dumps({"files": len(found.keystores), "seconds": seconds, "cpu": spent, "peak": peak - before,
                  "frames": sum(int(frame.memory_usage(deep=True).sum()) for frame in made), "once": once(made),
                  "after": rss() - before, "opened": int(found.keystores["opened"].sum())}))
"""


def report(what: str, value: str, aim: str, good: bool) -> None:
    print(f"{'ok  ' if good else 'MISS'} {what:<58} {value:>22}   aim {aim}", flush=True)


def links(folder: Path, data: bytes, count: int) -> None:
    """``count`` names of one content."""
    source = folder
    for number in range(count):
        if number % LINKS == 0:
            source = folder.parent / f"{folder.name}-{number}.bin"
            folder.mkdir(parents=True, exist_ok=True)
            source.write_bytes(data)
        place = folder / f"{number // A_FOLDER:05}"
        if number % A_FOLDER == 0:
            place.mkdir(parents=True)
        os.link(source, place / name(number))


def copies(folder: Path, data: bytes, count: int) -> None:
    """``count`` files that show other keys without their password; with it they are of no use."""
    from ehtoolkit.keystore.codec.contents import Key
    from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12

    keys = [bag for bag in outline_pkcs12(data).visible_bags if isinstance(bag, Key) and bag.closed]
    ids = [key.local_key_id for key in keys if key.local_key_id]
    serials = [key.alias.encode("utf-16-be") for key in keys if key.alias and key.alias.isdigit()]
    rng = random.Random(count)  # noqa: S311  # the same files each time
    for number in range(count):
        other = data
        for key_id in ids:
            other = other.replace(key_id, rng.randbytes(len(key_id)))
        for serial in serials:
            other = other.replace(
                serial, "".join(rng.choices("123456789", k=len(serial) // 2)).encode("utf-16-be")
            )
        place = folder / f"{number // A_FOLDER:05}"
        place.mkdir(parents=True, exist_ok=True)
        (place / name(number)).write_bytes(other)


def name(number: int) -> str:
    return f"SSIN={79031400000 + number} 20260101-120000.p12"


def audit(folder: Path, address: str = "") -> dict[str, float]:
    """In a process of its own: what an earlier one has taken is no part of it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", AUDIT, str(folder), address],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(source: Path, many: int, workers: int, *, distinct: bool) -> None:
    sys.path.insert(0, str(ROOT))
    from tests.auditing.cluster import running_cluster

    data = source.read_bytes()
    with tempfile.TemporaryDirectory() as temporary:
        places = {}
        for count in (many // 10, many):
            places[count] = Path(temporary) / str(count)
            (copies if distinct else links)(places[count] / "all", data, count)
            links(places[count] / "first", data, 20)
        ways = {"two processes": ""}
        with running_cluster(Path(temporary) / "cluster", "tcp", {}, workers) as cluster:
            if workers:
                ways[f"a cluster of {workers}"] = cluster.address
            for way, address in ways.items():
                few, all_ = (audit(places[count], address) for count in (many // 10, many))
                rate = all_["files"] / all_["seconds"]
                report(f"{many} files, {way}", f"{rate:.0f} files/s", "≥ 1,000", rate >= 1_000)
                for clock in (
                    ("seconds",) if address else ("seconds", "cpu")
                ):  # others may be at work here too
                    exponent = math.log(all_[clock] / few[clock]) / math.log(10)
                    label = f"exponent from {many // 10} to {many} ({clock})"
                    report(label, f"{exponent:.2f}", "≤ 1.1", exponent <= 1.1)
                for what, figures in (("a tenth", few), ("all", all_)):
                    for frames in ("frames", "once"):
                        each = (figures["peak"] - figures[frames]) / figures["files"]
                        label = f"memory apart from the frames ({frames}), {what}"
                        report(label, f"{each:.0f} B/file", "≤ 1,000", each <= 1_000)
                print(f"     {all_}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", type=int, nargs="?", default=100_000)
    parser.add_argument("--distinct", action="store_true")
    parser.add_argument("--workers", type=int, default=0)
    given = parser.parse_args()
    listed = json.loads((given.folder / "manifest.json").read_bytes())
    chosen = next(keystore for keystore in listed if keystore["file"] == "bc_complete.p12")
    main(given.folder / chosen["file"], given.files, given.workers, distinct=given.distinct)
