"""Folders of any shape: whatever lies in them, and whatever vanishes meanwhile, an audit ends with its tables."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.auditing.audit import audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.tables.merged_rows import ROWS
from tests.auditing.conftest import NOW, PASSWORD, Workshop

NAMES = st.sampled_from(
    [
        "SSIN=79031421872 20260816-120000.p12",
        "SSIN=79031421872 20260816-120000.acc-p12",
        "CBE=0486132722,APP 20260816-120000.p12",
        "x.P12",
        ".p12",
        "archive",
        "backup",
        "été 2026",
        "=1+1.p12",
        "line\nbreak.p12",
        "\udcff.p12",
        "deep",
        "notes.txt",
    ]
)
KINDS = st.sampled_from(
    [
        *("keystore", "prepared", "broken", "empty", "rubbish", "folder", "closed", "locked_folder"),
        *("pipe", "socket", "dead_link", "loop_above", "loop_self", "link_to_file", "gone", "gone_folder"),
    ]
)
STEPS = st.lists(st.tuples(st.integers(0, 40), NAMES, KINDS), max_size=14)


@dataclass(frozen=True)
class Contents:
    """Of a complete keystore, and of one that waits for its certificate."""

    whole: bytes = field(repr=False)
    half: bytes = field(repr=False)


class Tree:
    """Grown from steps: each puts something of a kind, under a name, into one of the folders that are there."""

    def __init__(self, root: Path, contents: Contents) -> None:
        whole, half = contents.whole, contents.half
        self.folders = [root]
        self._root = root
        self._data = {
            "keystore": whole,
            "prepared": half,
            "broken": whole[: len(whole) // 2],
            "closed": whole,
            "empty": b"",
            "rubbish": b"\x30\x82\x0a\x00" + bytes(range(250)),
            "gone": whole,
        }
        self.goes: list[Path] = []

    def grow(self, place: int, name: str, kind: str) -> None:
        path = self.folders[place % len(self.folders)] / name
        if path.is_symlink() or path.exists():
            return
        if kind in self._data:
            path.write_bytes(self._data[kind])
        if kind == "closed":
            path.chmod(0)
        elif kind in ("folder", "locked_folder", "gone_folder"):
            path.mkdir()
            if kind == "locked_folder":
                path.chmod(0)
            else:
                self.folders.append(path)
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            with suppress(OSError), socket.socket(socket.AF_UNIX) as listener:  # names of sockets are short
                listener.bind(str(path))
        elif kind in ("dead_link", "loop_above", "loop_self", "link_to_file"):
            targets = {"dead_link": path.with_name("nowhere"), "loop_self": path, "loop_above": self._root}
            path.symlink_to(targets.get(kind, Path(__file__)))
        if kind.startswith("gone"):
            self.goes.append(path)

    def vanish(self) -> None:
        for path in self.goes:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def open_again(self) -> None:
        """So that it can be deleted."""
        for current, names, _ in os.walk(self._root):
            for name in names:
                path = Path(current, name)
                if not path.is_symlink():
                    path.chmod(0o700)


@pytest.fixture(scope="module")
def contents(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    folder = tmp_path_factory.mktemp("contents")
    whole = workshop.write(folder)
    half = workshop.write(folder, stage="prepared", pair=1, name="half.p12")
    return Contents(whole.read_bytes(), half.read_bytes())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, vanish_at=st.integers(0, 12), password=st.booleans())
def test_an_audit_of_any_tree_ends_with_its_tables(
    steps: list[tuple[int, str, str]], vanish_at: int, password: bool, contents: Contents
) -> None:
    with tempfile.TemporaryDirectory() as base:
        root = Path(base, "tree")
        root.mkdir()
        tree = Tree(root, contents)
        for step in steps:
            tree.grow(*step)
        places = [root, *tree.folders[-1:], root / "nowhere"]
        try:
            audit = audit_folder(
                places, (lambda _: PASSWORD) if password else None, _options(tree.vanish, vanish_at)
            )
        finally:
            tree.open_again()
        assert list(audit.keystores.columns) == list(ROWS["keystores"].columns())
        assert list(audit.findings.columns) == list(ROWS["findings"].columns())
        assert audit.keystores["file"].is_unique
        assert "folder_missing" in set(audit.findings["key"])
        for text in (*audit.findings["message"], *audit.findings["next"], *audit.keystores["file"]):
            text.encode()  # no half characters, which no terminal and no file would take


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, after=st.integers(0, 6))
def test_only_a_stop_ends_a_scan_early(
    steps: list[tuple[int, str, str]], after: int, contents: Contents
) -> None:
    with tempfile.TemporaryDirectory() as base:
        root = Path(base, "tree")
        root.mkdir()
        tree = Tree(root, contents)
        for step in steps:
            tree.grow(*step)
        asked: list[None] = []

        def stop() -> bool:
            asked.append(None)
            return len(asked) > after

        try:
            with suppress(errors.Cancelled):
                audit_folder([root], lambda _: PASSWORD, AuditOptions(now=NOW, processes=1, stop=stop))
                assert len(asked) <= after  # it was never told to stop
        finally:
            tree.open_again()


def _options(happens: Callable[[], None], at: int) -> AuditOptions:
    """``at``: how often the scan has asked whether it may go on when something ``happens``."""
    asked: list[None] = []

    def stop() -> bool:
        asked.append(None)
        if len(asked) == at:
            happens()
        return False

    return AuditOptions(now=NOW, processes=1, language="en", stop=stop)
