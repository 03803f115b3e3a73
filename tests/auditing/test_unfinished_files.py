"""A file that another program is writing, and a link that leads nowhere."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ehtoolkit.auditing.scan.file_scan import scan_file
from ehtoolkit.auditing.scan.scan_result import ScanResult
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.system.io_timeout import TimeoutGuard
from tests.auditing.conftest import PASSWORD
from tests.keystore.conftest import KeystoreMaker


class Writer:
    """Another program: it writes the rest of a file while the audit waits."""

    def __init__(self, path: Path, rest: bytes) -> None:
        self.path, self.rest = path, rest
        self.waits = 0

    def __call__(self, seconds: float) -> None:
        self.waits += 1
        with self.path.open("ab") as file:
            file.write(self.rest)


def scan(path: Path, wait: Writer) -> ScanResult:
    with TimeoutGuard() as guard:
        return scan_file(path, [PASSWORD], guard, wait=wait).reading


@pytest.fixture(scope="module")
def whole(keystore_maker: KeystoreMaker) -> bytes:
    return write_pkcs12(keystore_maker.complete.contents, PASSWORD)


@pytest.mark.parametrize("part", [0, 1, 1000, -1])
def test_a_file_caught_half_written_is_read_once_more(whole: bytes, tmp_path: Path, part: int) -> None:
    path = tmp_path / "a.p12"
    path.write_bytes(whole[:part])
    writer = Writer(path, whole[part:] if part else whole)
    seen = scan(path, writer)
    assert (seen.opened, seen.faults, writer.waits) == (True, (), 1)


def test_one_that_stays_unfinished_is_read_no_third_time(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.p12"
    path.write_bytes(whole[:1000])
    writer = Writer(path, b"")
    assert [fault.key for fault in scan(path, writer).faults] == ["damaged_truncated"]
    assert writer.waits == 1


def test_nobody_waits_for_old_or_whole_files(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.p12"
    writer = Writer(path, b"")
    for data, age in ((whole[:1000], 60), (b"", 60), (whole, 0), (whole[:-1] + b"x", 0)):
        path.write_bytes(data)
        os.utime(path, (time.time() - age,) * 2)
        scan(path, writer)
    assert writer.waits == 0


def test_a_broken_link_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "a.p12"
    path.symlink_to(tmp_path / "nowhere")
    seen = scan(path, Writer(path, b""))
    assert seen.kind == "broken_link"
    (fault,) = seen.faults
    assert "broken link" in fault.message(Translator("en"))
    path.unlink()
    assert scan(path, Writer(path, b"")).kind == "missing"
