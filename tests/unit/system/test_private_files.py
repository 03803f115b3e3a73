"""Files for their owner alone: made by one function, which follows no link and replaces no file."""

from __future__ import annotations

import ast
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ehtoolkit.i18n import Translator
from ehtoolkit.lab import copy_notebooks
from ehtoolkit.system.files import create_private, write_private
from ehtoolkit.voila import notebooks_folder

posix = pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
PACKAGE = Path(__file__).resolve().parents[3] / "ehtoolkit"
OTHER_WRITERS = {
    "system/files.py": "the one function",
    "cli/keystore/convert.py": "a certificate, which is public: the user's umask decides",
    "system/fork_server.py": "the name of a process, in /proc",
}
"""Modules that write files by other means, and why."""
NAMED = re.compile(r"O_CREAT|mkstemp|NamedTemporaryFile|\bopen\(|write_text|write_bytes|touch")
"""A module without any of these in its text is not parsed."""


def writers(tree: ast.AST) -> Iterator[int]:
    """The lines of a module that make a file or write over one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"O_CREAT", "mkstemp", "NamedTemporaryFile"}:
            yield node.lineno
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        texts += [keyword.value.value for keyword in node.keywords if isinstance(keyword.value, ast.Constant)]
        modes = [
            text for text in texts if isinstance(text, str) and len(text) <= 3 and set(text) & set("wxa+")
        ]
        is_writing = name == "open" and modes
        formatter = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "formatter"
        if is_writing or (name in {"write_text", "write_bytes", "touch"} and not formatter):
            yield node.lineno


def test_every_private_file_is_made_by_one_function() -> None:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if NAMED.search(text) and (lines := list(writers(ast.parse(text)))):
            found[path.relative_to(PACKAGE).as_posix()] = lines
    assert set(found) == set(OTHER_WRITERS), found


@posix
def test_a_new_file_is_private_with_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with create_private(tmp_path / "file") as file:
            file.write(b"x\n")
        write_private(tmp_path / "other", b"y\n")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()] == [0o600, 0o600]


@posix
def test_a_link_or_a_file_of_that_name_is_refused(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    (tmp_path / "dangling").symlink_to(victim)
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "dangling")
    assert not victim.exists()
    victim.write_bytes(b"kept")
    (tmp_path / "link").symlink_to(victim)
    for name in ("link", "victim"):
        with pytest.raises(FileExistsError):
            create_private(tmp_path / name)
    assert victim.read_bytes() == b"kept"


@posix
def test_copies_of_notebooks_follow_no_planted_link(tmp_path: Path) -> None:
    """In a folder that several users write to, a link that has the name of an unfinished file chose what was written
    over."""
    victim, folder = tmp_path / "victim", tmp_path / "shared"
    victim.write_bytes(b"kept")
    folder.mkdir()
    for name in ("activate.ipynb", ".ehtoolkit-notebooks.json"):
        (folder / f".{name}.{os.getpid()}").symlink_to(victim)
    copy_notebooks(notebooks_folder(), folder, Translator("en"))
    assert victim.read_bytes() == b"kept"
    assert (folder / "activate.ipynb").stat().st_size > 100


@posix
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "x").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        write_private(tmp_path / "file", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
