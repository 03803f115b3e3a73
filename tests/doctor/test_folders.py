"""The folders, as somebody without any privilege finds them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ehtoolkit.doctor.folders import check_folders
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import Settings
from tests.doctor.conftest import keys, one

NAME = "SSIN=79031421872 20261124-130000.p12"

_LOOK = """
import json, os, sys
from pathlib import Path
home, folder = sys.argv[1:3]
from ehtoolkit.doctor.folders import check_folders
from ehtoolkit.settings import Settings
settings = Settings(home=Path(home), keystore_folder=Path(folder))
list(check_folders(settings))  # what is imported on the way is out of nobody's reach afterwards
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
lines = check_folders(settings)
print(json.dumps([[str(one.about), str(one.severity), one.key] for one in lines]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "keystores"
    path.mkdir(mode=0o700)
    return path


def settings(tmp_path: Path, folder: Path) -> Settings:
    return Settings(home=tmp_path / "home", keystore_folder=folder)


def put(folder: Path, mode: int = 0o600) -> None:
    (folder / NAME).write_bytes(b"x")
    (folder / NAME).chmod(mode)


def as_nobody(home: Path, folder: Path) -> list[list[str]]:
    """What a user without privileges sees; root itself may read and write everything."""
    done = subprocess.run(
        [sys.executable, "-c", _LOOK, str(home), str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": "/"},
    )
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def test_a_folder_in_order(tmp_path: Path, folder: Path) -> None:
    put(folder)
    lines = list(check_folders(settings(tmp_path, folder)))
    assert keys(lines) == [("folder", "ok", "folder_good"), ("permissions", "ok", "folder_private")]
    assert lines[0].facts["count"] == 1


def test_a_folder_that_is_to_come_is_not_made(tmp_path: Path) -> None:
    wanted = tmp_path / "ehealth" / "keystore"
    lines = list(check_folders(settings(tmp_path, wanted)))
    assert keys(lines) == [("folder", "ok", "folder_to_come")]
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "keystore"
    path.write_text("")
    lines = list(check_folders(settings(tmp_path, path)))
    assert keys(lines)[0] == ("folder", "error", "folder_is_file")
    one(lines, "folder_is_file")


@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "key"),
    [(0o700, 0o644, "folder_private"), (0o755, 0o644, "keystores_shared"), (0o777, 0o600, "folder_shared")],
)
def test_who_else_may_read_or_write(
    tmp_path: Path, folder: Path, folder_mode: int, file_mode: int, key: str
) -> None:
    put(folder, file_mode)
    folder.chmod(folder_mode)
    lines = list(check_folders(settings(tmp_path, folder)))
    assert one(lines, key).about == "permissions"


def test_little_room(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 3_400_000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    lines = list(check_folders(settings(tmp_path, folder)))
    assert one(lines, "disk_low").facts == {"free": 3}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (0o700, ["folder", "error", "folder_unreadable"]),
        (0o755, ["folder", "error", "folder_closed"]),
        (0o733, ["folder", "error", "folder_unreadable"]),
    ],
)
def test_a_folder_of_another_user(mode: int, expected: list[str]) -> None:
    """Under a place that everybody may enter, since a test's own folder is root's alone."""

    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        folder, home = Path(place) / "keystore", Path(place) / "home"
        folder.mkdir()
        put(folder)
        folder.chmod(mode)
        lines = as_nobody(home, folder)
    assert expected in lines
    assert ["permissions", "error", "home_closed"] in lines


def test_a_closed_folder_has_a_next_step() -> None:
    for language in LANGUAGES:
        texts = Translator(language)
        for key in ("folder_closed", "folder_unreadable", "home_closed"):
            assert texts.get(f"doctor.{key}.next")
            assert "/x" in texts.get(f"doctor.{key}", folder="/x")


@pytest.mark.parametrize(
    ("mode", "key"), [(0o700, None), (0o755, "home_readable"), (0o777, "home_shared"), (0o720, "home_shared")]
)
def test_who_else_may_look_into_the_folder_of_ehtoolkit(
    tmp_path: Path, folder: Path, mode: int, key: str | None
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(mode)
    lines = list(check_folders(settings(tmp_path, folder)))
    found = [line.key for line in lines if line.key.startswith("home_")]
    assert found == ([] if key is None else [key])
    if key is not None:
        assert one(lines, key).severity == "warning"


@pytest.mark.parametrize("open_one", [None, "", "profile_default", "profile_default/startup"])
def test_who_else_may_write_what_ipython_runs(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, open_one: str | None
) -> None:
    top = tmp_path / "ipython"
    (top / "profile_default" / "startup").mkdir(parents=True)
    for each in (top, top / "profile_default", top / "profile_default" / "startup"):
        each.chmod(0o755)
    monkeypatch.setenv("IPYTHONDIR", str(top))
    if open_one is not None:
        (top / open_one).chmod(0o777)
    lines = list(check_folders(settings(tmp_path, folder)))
    if open_one is None:
        assert "ipython_shared" not in [line.key for line in lines]
    else:
        assert one(lines, "ipython_shared").facts == {"folder": str(top / open_one)}
