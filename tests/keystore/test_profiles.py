"""The keystore folders of all users, under a root of the test's own; and as somebody who may not read them all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ehtoolkit.keystore.storage.user_profiles import KEYSTORE_FOLDER, ProfileFolder, keystore_folders

on_unix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and users as on Unix")

# Looks as another user, and prints what he sees.
LOOKS = """
import json, os, sys
from pathlib import Path
from ehtoolkit.keystore.storage.user_profiles import keystore_folders
root = Path(sys.argv[1])
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(json.dumps([(each.user, str(each.path), each.readable) for each in keystore_folders(root)]))
"""


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    root = Path(tempfile.mkdtemp())  # others may not enter pytest's
    root.chmod(0o755)
    monkeypatch.setenv("HOME", str(root / "home" / "nobody-here"))
    yield root
    shutil.rmtree(root)


def profile(root: Path, home: str, mode: int = 0o755) -> Path:
    folder = root / home / KEYSTORE_FOLDER
    folder.mkdir(parents=True)
    for place in (root / home, root / home / "ehealth", folder):
        place.chmod(0o755)
    (root / home).chmod(mode)
    return folder


def accounts(root: Path, *lines: str) -> None:
    (root / "etc").mkdir()
    (root / "etc" / "passwd").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def test_homes_of_linux_macos_and_windows(root: Path) -> None:
    folders = {home: profile(root, home) for home in ("home/elise", "Users/Bram", "Users/Public")}
    (root / "home" / "charlotte").mkdir()
    (root / "home" / "a file").write_bytes(b"")
    (root / "Users" / "Dirk" / "ehealth").mkdir(parents=True)
    (root / "Users" / "Dirk" / KEYSTORE_FOLDER).write_bytes(b"a file where the folder should be")
    assert keystore_folders(root) == (
        ProfileFolder("Bram", folders["Users/Bram"], readable=True),
        ProfileFolder("elise", folders["home/elise"], readable=True),
        ProfileFolder("Public", folders["Users/Public"], readable=True),
    )


def test_accounts_with_a_home_elsewhere(root: Path) -> None:
    served, own = profile(root, "srv/homes/dr. dupont"), profile(root, "home/elise")
    accounts(
        root,
        "root:x:0:0:root:/root:/bin/bash",
        "# a comment",
        "dupont:x:1001:1001:Dr. Dupont:/srv/homes/dr. dupont:/bin/bash",
        "elise:x:1002:1002::/home/elise:/bin/bash",
        "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin",
        "odd:x:1:1::relative/home:/bin/sh",
        "short:x:1",
        "",
    )
    assert keystore_folders(root) == (
        ProfileFolder("dupont", served, readable=True),
        ProfileFolder("elise", own, readable=True),
    )


def test_ones_own_comes_first_and_each_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, other = profile(root, "home/zoe"), profile(root, "home/adam")
    (root / "home" / "mirror").symlink_to(root / "home" / "zoe")
    accounts(root, "zoe:x:1000:1000::/home/zoe:/bin/bash", "zoe2:x:1001:1001::/home/mirror:/bin/bash")
    monkeypatch.setenv("HOME", str(root / "home" / "zoe"))
    assert keystore_folders(root) == (
        ProfileFolder("zoe", own, readable=True),
        ProfileFolder("adam", other, readable=True),
    )


def test_a_root_without_anything(root: Path) -> None:
    assert keystore_folders(root) == ()
    assert keystore_folders(root / "missing") == ()


def test_an_account_without_a_home(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = profile(root, "home/adam")

    def home(_: type[Path]) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", classmethod(home))
    assert keystore_folders(root) == (ProfileFolder("adam", other, readable=True),)


@on_unix
def test_names_that_are_no_text(root: Path) -> None:
    odd = os.fsdecode(b"caf\xe9")
    folder = profile(root, f"home/{odd}")
    assert keystore_folders(root) == (ProfileFolder(odd, folder, readable=True),)


def test_the_computer_that_this_runs_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / KEYSTORE_FOLDER
    folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert keystore_folders()[0] == ProfileFolder(tmp_path.name, folder, readable=True)


@on_unix
@pytest.mark.skipif(sys.platform != "win32" and os.getuid() != 0, reason="only root may become another user")
def test_an_unreadable_profile(root: Path) -> None:
    """A home that may not be entered, a folder that may not be listed, one whose files may not be looked at."""
    open_one = profile(root, "home/open")
    closed = profile(root, "home/closed", 0o700)
    unlisted, named = profile(root, "home/unlisted"), profile(root, "home/named")
    unlisted.chmod(0o711)
    named.chmod(0o744)
    service = profile(root, "var/lib/service", 0o700)
    accounts(root, "service:x:900:900::/var/lib/service:/usr/sbin/nologin")
    command = [sys.executable, "-c", LOOKS, str(root)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(output) == [
        ["closed", str(closed), False],
        ["named", str(named), False],
        ["open", str(open_one), True],
        ["unlisted", str(unlisted), False],
    ]
    seen = {folder.path for folder in keystore_folders(root) if folder.readable}
    assert seen == {open_one, closed, unlisted, named, service}
