"""``keystore archive`` and ``rename``, ``diagnose`` over whole folders: one object, many files, and nothing lost."""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ehtoolkit import errors
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.keystore.move import FileErrors
from ehtoolkit.cli.run import run
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.storage.user_profiles import keystore_folders
from ehtoolkit.providers import Assignment, Provider, open_registry
from ehtoolkit.settings import LanguageName, load_settings
from tests.cli.conftest import Call

HOLDER = "NIHII=10000007,APPLICATION"
OLD = f"{HOLDER} 20231124-130000.p12"
NEW = f"{HOLDER} 20261124-130000.p12"
COPY = f"{HOLDER} 20261124-130000 (1).p12"
WAITING = f"{HOLDER} 20271124-130000.p12"
SERIAL = "233402812345678901234567890123456789013"


class Folder:
    """A folder with files of the corpus under names of its own, and a table with their passwords."""

    def __init__(self, path: Path, corpus: Path) -> None:
        self.path, self.corpus = path, corpus
        path.mkdir()

    def put(self, name: str, sample: str) -> Path:
        shutil.copyfile(self.corpus / sample, self.path / name)
        return self.path / name

    def passwords(self, **given: str) -> tuple[str, Path]:
        table = self.path.parent / "passwords.csv"
        with table.open("w", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(["pattern", "password"])
            writer.writerows(given.items())
            writer.writerow(["*", "Test-Pass1"])
        return "--passwords", table

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in self.path.iterdir() if path.is_file() and path.suffix != ".lock")


@pytest.fixture
def folder(tmp_path: Path, data_folder: Path) -> Folder:
    return Folder(tmp_path / "keystore", data_folder / "keystores")


def by_name(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {Path(answer["file"]).name: answer for answer in items}


def test_facts_of_a_file_that_is_refused_are_those_of_a_command_that_fails() -> None:
    """A number is one."""
    refusals = FileErrors()
    with refusals.of(Path("a.p12")):
        raise errors.LimitExceeded(reason="size", value=7, limit=5)
    (refusal,) = refusals.described(cast("Session", SimpleNamespace(texts=Translator("en"))))
    assert (refusal["error"], refusal["facts"]) == (
        "keystore_hostile",
        {"reason": "size", "value": 7, "limit": 5},
    )


@pytest.mark.parametrize("command", ["archive", "rename"])
def test_a_malformed_password_table_fails_once(call: Call, folder: Folder, command: str) -> None:
    """… and not for each file, as if they were refused."""
    files = [folder.put(name, "bc_complete.p12") for name in (OLD, NEW)]
    table = folder.path.parent / "passwords.csv"
    table.write_text("nothing\n", encoding="utf-8")
    named = files if command == "rename" else [folder.path]
    code, answer = call("keystore", command, *named, "--passwords", table)
    assert (code, answer["error"]) == (2, "password_table_invalid")
    assert folder.names == sorted([OLD, NEW])


class TestArchive:
    @pytest.mark.parametrize("opened", [True, False])
    def test_what_is_old_is_put_away(self, call: Call, folder: Folder, opened: bool) -> None:
        old, new = folder.put(OLD, "bc_complete.p12"), folder.put(NEW, "bc_three.p12")
        folder.put(WAITING, "bc_incomplete.p12")
        before = old.read_bytes()
        given = folder.passwords() if opened else ()
        code, answer = call("keystore", "archive", folder.path, *given)
        place = folder.path / "archive" / OLD
        assert code == 0
        assert answer["archived"] == [
            {"file": str(old), "archive": str(place), "successor": str(new), "lost_keys": []}
        ]
        reasons = {name: kept["reason"] for name, kept in by_name(answer["left"]).items()}
        assert reasons == {NEW: "newest", WAITING: "waiting"}
        assert (answer["refused"], answer["dry_run"]) == ([], False)
        assert place.read_bytes() == before
        assert folder.names == [NEW, WAITING]
        assert call("keystore", "archive", folder.path, *given)[1]["archived"] == []

    def test_the_provider_s_record_moves_along(self, call: Call, folder: Folder) -> None:
        """With a file that is put away, and with one that is renamed; a registry is made by neither."""
        odd, old = folder.put("certificat.p12", "bc_complete.p12"), folder.put(OLD, "bc_three.p12")
        settings = load_settings()
        call("keystore", "archive", folder.path, "--dry-run")
        assert not settings.provider_file.exists()
        with open_registry(settings) as registry:
            keys = [registry.add(Provider(name)).id or 0 for name in ("Vandamme", "Hennes")]
            for key, path in zip(keys, (odd, old), strict=True):
                registry.assign(key, Assignment(str(path)))
            code, answer = call("keystore", "rename", odd, *folder.passwords())
            assert code == 0, answer
            (renamed,) = answer["renamed"]
            code, answer = call("keystore", "archive", "--file", old)
            assert code == 0, answer
            kept = [registry.get(key).keystore for key in keys]
        assert [file.path if file else "" for file in kept] == [
            renamed["keystore"],
            str(folder.path / "archive" / OLD),
        ]

    def test_a_folder_that_cannot_be_looked_at_is_an_error_of_ours(self, call: Call) -> None:
        code, answer = call("keystore", "archive", "x" * 300)
        assert (code, answer["error"]) == (2, "file_unreadable")

    def test_a_folder_that_may_not_be_listed_does_not_keep_the_others(
        self, call: Call, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was put away before is told, and the provider's record has gone along."""
        old = folder.put(OLD, "bc_complete.p12")
        folder.put(NEW, "bc_three.p12")
        closed = tmp_path / "closed"
        closed.mkdir()

        def refusing(listed: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def refused(path: Any) -> Any:
                if str(path) == str(closed):
                    raise PermissionError(errno.EACCES, "Permission denied", str(path))
                return listed(path)

            return refused

        monkeypatch.setattr(os, "listdir", refusing(os.listdir))  # Python 3.11
        monkeypatch.setattr(os, "scandir", refusing(os.scandir))  # Python 3.13
        with open_registry(load_settings()) as registry:
            key = registry.add(Provider("Vandamme")).id or 0
            registry.assign(key, Assignment(str(old)))
            code, answer = call("keystore", "archive", folder.path, closed, *folder.passwords())
            kept = registry.get(key).keystore
        assert (code, by_name(answer["archived"]).keys()) == (1, {OLD})
        assert [(refusal["file"], refusal["error"]) for refusal in answer["refused"]] == [
            (str(closed), "file_unreadable")
        ]
        assert kept is not None
        assert kept.path == str(folder.path / "archive" / OLD)

    def test_a_dry_run_moves_nothing(self, call: Call, folder: Folder) -> None:
        folder.put(OLD, "bc_complete.p12")
        folder.put(NEW, "bc_three.p12")
        code, answer = call("keystore", "archive", folder.path, "--dry-run", *folder.passwords())
        assert (code, len(answer["archived"]), answer["dry_run"]) == (0, 1, True)
        assert folder.names == [OLD, NEW]
        assert not (folder.path / "archive").exists()

    def test_misnamed_and_damaged_files_stay(self, call: Call, folder: Folder) -> None:
        for name, sample in (
            (OLD, "z_trunc.p12"),
            (NEW, "bc_three.p12"),
            (COPY, "bc_complete.p12"),
            ("certificat.p12", "bc_complete.p12"),
            ("damaged.p12", "z_zero.p12"),
        ):
            folder.put(name, sample)
        before = folder.names
        code, answer = call("keystore", "archive", folder.path)
        left = by_name(answer["left"])
        assert (code, answer["archived"]) == (0, [])
        assert {name: kept["reason"] for name, kept in left.items()} == {
            OLD: "unjudged",
            NEW: "newest",
            COPY: "misnamed",
            "certificat.p12": "misnamed",
            "damaged.p12": "unjudged",  # `keystore rename` refuses it
        }
        assert left[COPY]["proper_name"] == f"{HOLDER} 20261124-125959.p12"
        assert left["certificat.p12"]["proper_name"] is None
        assert folder.names == before

    def test_a_file_that_is_named(self, call: Call, folder: Folder) -> None:
        damaged = folder.put(OLD, "z_trunc.p12")
        folder.put(NEW, "bc_three.p12")
        code, answer = call("keystore", "archive", "--file", damaged, *folder.passwords())
        assert (code, answer["left"]) == (0, [])
        assert answer["archived"][0]["successor"] is None
        assert (folder.path / "archive" / OLD).exists()
        assert folder.names == [NEW]

    def test_a_named_file_of_a_folder_is_reported_once(self, call: Call, folder: Folder) -> None:
        damaged = folder.put(OLD, "z_trunc.p12")
        folder.put(NEW, "bc_three.p12")
        for more in (["--dry-run"], []):
            _, answer = call("keystore", "archive", folder.path, "--file", damaged, *more)
            assert by_name(answer["archived"]).keys() == {OLD}
            assert by_name(answer["left"]).keys() == {NEW}

    def test_a_named_file_that_has_to_stay(self, call: Call, folder: Folder, tmp_path: Path) -> None:
        only, waiting = folder.put(NEW, "bc_three.p12"), folder.put(WAITING, "bc_incomplete.p12")
        files = [only, waiting, tmp_path / "none.p12"]
        options = [part for file in files for part in ("--file", file)]
        code, answer = call("keystore", "archive", *options, *folder.passwords())
        assert (code, answer["archived"]) == (1, [])
        refused = [(finding["file"], finding["error"], finding["facts"]) for finding in answer["refused"]]
        assert refused == [
            (str(only), "state_unfit", {"path": str(only), "reason": "only"}),
            (str(waiting), "state_unfit", {"path": str(waiting), "state": "prepared"}),
            (str(files[2]), "keystore_not_found", {"path": str(files[2])}),
        ]
        assert all(refusal["message"] and refusal["next"] for refusal in answer["refused"])
        assert folder.names == [NEW, WAITING]

    def test_one_that_cannot_be_moved_does_not_stop_the_others(self, call: Call, folder: Folder) -> None:
        older = f"{HOLDER} 20221124-130000.p12"
        for name in (older, OLD):
            folder.put(name, "bc_complete.p12")
        folder.put(NEW, "bc_three.p12")
        (folder.path / "archive").mkdir()
        (folder.path / "archive" / OLD).write_bytes(b"there already")
        code, answer = call("keystore", "archive", folder.path, *folder.passwords())
        assert code == 1
        assert by_name(answer["archived"]).keys() == {older}
        assert [(refusal["file"], refusal["error"]) for refusal in answer["refused"]] == [
            (str(folder.path / OLD), "file_exists")
        ]
        assert folder.names == [OLD, NEW]
        assert (folder.path / "archive" / OLD).read_bytes() == b"there already"

    def test_several_folders_and_those_of_the_settings(
        self, call: Call, folder: Folder, tmp_path: Path
    ) -> None:
        other = Folder(tmp_path / "other", folder.corpus)
        for place in (folder, other):
            place.put(OLD, "bc_complete.p12")
            place.put(NEW, "bc_three.p12")
        _, answer = call("keystore", "archive", folder.path, other.path, "--dry-run")
        assert len(answer["archived"]) == 2
        _, answer = call("keystore", "archive", "--keystore-folder", other.path)
        assert [archived["file"] for archived in answer["archived"]] == [str(other.path / OLD)]
        assert folder.names == [OLD, NEW]

    def test_folders_that_are_none(self, call: Call, folder: Folder) -> None:
        file = folder.put(NEW, "bc_three.p12")
        for wrong in (folder.path / "missing", file):
            code, answer = call("keystore", "archive", wrong)
            assert (code, answer["error"], answer["facts"]) == (2, "folder_missing", {"folder": str(wrong)})
        code, answer = call("keystore", "archive")  # nobody has made one yet
        assert (code, answer["archived"], answer["left"]) == (0, [], [])

    @pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes")
    def test_names_that_are_no_text(self, call: Call, folder: Folder) -> None:
        odd = folder.put(os.fsdecode(b"caf\xe9.p12"), "bc_complete.p12")
        _, answer = call("keystore", "archive", folder.path)
        assert answer["left"][0]["file"] == f"{folder.path}/caf\ufffd.p12"
        code, answer = call("keystore", "rename", odd)
        assert (code, answer["refused"][0]["file"]) == (1, f"{folder.path}/caf\ufffd.p12")
        _, answer = call("keystore", "archive", "--file", odd, "--dry-run")
        assert answer["archived"][0]["archive"] == f"{folder.path}/archive/caf\ufffd.p12"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_sentences(
        self, folder: Folder, language: LanguageName, capsys: pytest.CaptureFixture[str]
    ) -> None:
        old, new = folder.put(OLD, "bc_three.p12"), folder.put(NEW, "bc_complete_der.p12")
        folder.put(COPY, "bc_complete.p12")
        texts, place = Translator(language), folder.path / "archive" / OLD
        command = ["keystore", "archive", str(folder.path), "--lang", language]
        assert run([*command, "--dry-run"]) == 0
        assert texts.get("cli.keystore.archive_none") in capsys.readouterr().out  # one certificate, more keys
        assert run(["keystore", "archive", "--file", str(old), "--lang", language]) == 0
        said = capsys.readouterr().out
        assert texts.get("cli.keystore.archived_named", file=old, archive=place) in said
        assert texts.get("cli.keystore.archive_undo") in said
        place.rename(old)
        assert run(command) == 0
        said = capsys.readouterr().out
        assert texts.get("cli.keystore.left.keys", file=old) in said
        assert texts.get("cli.keystore.left.misnamed", file=folder.path / COPY) in said
        assert str(new) not in said


class TestRename:
    def test_names_that_others_read(self, call: Call, folder: Folder) -> None:
        copy, odd = folder.put(COPY, "bc_complete.p12"), folder.put("certificat.p12", "bc_three.p12")
        right = folder.put(OLD, "bc_complete.p12")
        code, answer = call("keystore", "rename", copy, odd, right, *folder.passwords())
        assert code == 0
        renamed = {Path(renamed["file"]).name: Path(renamed["keystore"]) for renamed in answer["renamed"]}
        assert renamed.keys() == {COPY, "certificat.p12"}
        assert renamed[COPY] == folder.path / NEW
        assert answer["unchanged"] == [str(right)]
        assert renamed["certificat.p12"].name.startswith(f"{HOLDER} 20")
        assert (folder.path / NEW).read_bytes() == (folder.corpus / "bc_complete.p12").read_bytes()
        assert len(folder.names) == 3
        found = call("keystore", "diagnose", *folder.path.glob("*.p12"), *folder.passwords())[1]
        keys = {finding["key"] for keystore in found["keystores"] for finding in keystore["findings"]}
        assert not keys & {"name_renamed", "name_odd", "name_other_holder"}

    def test_a_dry_run_gives_no_name_twice(self, call: Call, folder: Folder) -> None:
        copies = [
            folder.put(COPY.replace("(1)", number), "bc_complete.p12") for number in ("(1)", "(2)", "- Copy")
        ]
        before = folder.names
        code, answer = call("keystore", "rename", *copies, "--dry-run")
        names = [Path(renamed["keystore"]).name for renamed in answer["renamed"]]
        assert (code, answer["dry_run"], folder.names) == (0, True, before)
        assert names == [f"{HOLDER} 20261124-{time}.p12" for time in ("130000", "125959", "125958")]
        _, answer = call("keystore", "rename", *copies)
        assert [Path(renamed["keystore"]).name for renamed in answer["renamed"]] == names

    def test_the_name_of_another_holder(self, call: Call, folder: Folder) -> None:
        file = folder.put("SSIN=79031421872 20261124-130000.p12", "bc_complete.p12")
        assert call("keystore", "rename", file)[1]["unchanged"] == [str(file)]  # nothing else is known
        _, answer = call("keystore", "rename", file, *folder.passwords())
        assert [renamed["keystore"] for renamed in answer["renamed"]] == [str(folder.path / NEW)]

    def test_a_file_without_holder_is_not_renamed(self, call: Call, folder: Folder) -> None:
        odd, damaged = folder.put("certificat.p12", "bc_complete.p12"), folder.put(COPY, "z_zero.p12")
        code, answer = call("keystore", "rename", odd, damaged, folder.path / "none.p12")
        assert (code, answer["renamed"]) == (1, [])
        assert [(finding["error"], finding["facts"].get("reason")) for finding in answer["refused"]] == [
            ("state_unfit", "nameless"),
            ("state_unfit", "nameless"),
            ("keystore_not_found", None),
        ]
        assert folder.names == sorted([COPY, "certificat.p12"])

    def test_a_folder_is_not_called_missing(self, call: Call, folder: Folder) -> None:
        code, answer = call("keystore", "rename", folder.path)
        refused = answer["refused"][0]
        assert (code, refused["error"], refused["facts"]["kind"]) == (1, "not_a_keystore", "folder")
        code, answer = call("keystore", "archive", "--file", folder.path)
        assert (code, answer["refused"][0]["error"]) == (1, "not_a_keystore")

    def test_the_next_step_is_true_for_a_password_that_was_given(self, call: Call, folder: Folder) -> None:
        waiting = folder.put("certificat.p12", "bc_incomplete.p12")
        _, answer = call("keystore", "rename", waiting, *folder.passwords())
        refused = answer["refused"][0]
        assert refused["facts"]["reason"] == "nameless"
        assert refused["next"].startswith("Use “keystore diagnose” with its password")
        _, diagnosed = call("keystore", "diagnose", waiting, *folder.passwords())
        findings = diagnosed["keystores"][0]["findings"]
        assert any("does not show who the holder is" in finding["next"] for finding in findings)

    def test_the_sentences(self, folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
        copy = folder.put(COPY, "bc_complete.p12")
        assert run(["keystore", "rename", str(copy), str(copy.with_name("none.p12")), "--lang", "en"]) == 1
        said = capsys.readouterr()
        assert said.out == f"{copy} is now called {NEW}.\n"
        assert "none.p12" in said.err
        assert run(["keystore", "rename", str(folder.path), "--lang", "en"]) == 1
        assert capsys.readouterr().err.startswith(f"{folder.path}: This is a folder, not a file.\n")
        assert run(["keystore", "rename", str(folder.path), "--lang", "fr"]) == 1
        assert capsys.readouterr().err.startswith(f"{folder.path}\u00a0: Ce n’est pas un fichier")


class TestDiscovery:
    """``diagnose`` and ``show`` without a file, and over the profiles of all users."""

    @pytest.mark.parametrize("verb", ["diagnose", "show"])
    def test_without_a_file_the_keystore_folder_newest_first(
        self, call: Call, folder: Folder, verb: str
    ) -> None:
        for name in (OLD, NEW, WAITING):
            folder.put(name, "bc_complete.p12")
        folder.put("certificat (2).p12", "z_zero.p12")
        os.utime(folder.path / "certificat (2).p12", (0, 0))
        (folder.path / "notes.txt").write_bytes(b"")
        code, answer = call("keystore", verb, "--keystore-folder", folder.path)
        assert code == 1  # one is empty
        assert [Path(keystore["file"]).name for keystore in answer["keystores"]] == [
            *(WAITING, NEW, OLD),
            "certificat (2).p12",
        ]
        assert "profiles" not in answer

    def test_odd_names_are_to_be_renamed(self, call: Call, folder: Folder) -> None:
        folder.put(COPY, "bc_complete.p12")
        folder.put("certificat.p12", "bc_complete.p12")
        _, answer = call("keystore", "diagnose", "--keystore-folder", folder.path, *folder.passwords())
        for keystore in answer["keystores"]:
            (finding,) = (each for each in keystore["findings"] if each["key"] == "name_renamed")
            assert "keystore rename" in finding["next"]

    def test_no_keystore_at_all(
        self,
        call: Call,
        capsys: pytest.CaptureFixture[str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        assert call("keystore", "diagnose") == (0, {"keystores": []})
        assert run(["keystore", "diagnose", "--lang", "en"]) == 0
        assert capsys.readouterr().out.startswith("There are no keystores in ")
        monkeypatch.setenv("HOME", str(tmp_path))
        if not any(folder.readable for folder in keystore_folders()):  # else this computer has some
            assert run(["keystore", "diagnose", "--all-profiles", "--lang", "en"]) == 0
            assert capsys.readouterr().out.startswith("There are no keystores in ")

    def test_the_profiles_of_all_users(
        self, call: Call, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mine = tmp_path / "me" / "ehealth" / "keystore"
        mine.mkdir(parents=True)
        shutil.copyfile(folder.put(NEW, "bc_complete.p12"), mine / OLD)
        monkeypatch.setenv("HOME", str(tmp_path / "me"))
        monkeypatch.setenv("USERPROFILE", str(tmp_path / "me"))
        _, answer = call("keystore", "show", "--all-profiles", "--keystore-folder", folder.path)
        assert answer["profiles"][0] == {"user": "me", "folder": str(mine), "readable": True}
        ours = [
            keystore["file"]
            for keystore in answer["keystores"]
            if keystore["file"].startswith((str(tmp_path), str(mine)))
        ]
        assert ours == [str(folder.path / NEW), str(mine / OLD)]
        # The same folder by both ways is looked at once.
        _, answer = call("keystore", "show", "--all-profiles", "--keystore-folder", mine)
        assert [keystore["file"] for keystore in answer["keystores"]].count(str(mine / OLD)) == 1


# Runs one command as another user; once before that, so that all modules are loaded while they may be read.
AS_ANOTHER = """
import contextlib, io, os, sys
from ehtoolkit.cli.run import run
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    run(sys.argv[1:])
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root may become another user")
def test_an_unreadable_profile_is_reported(folder: Folder) -> None:
    root = Path(tempfile.mkdtemp())  # others may not enter pytest's
    open_folder, closed = root / "keystore", root / "home" / "me" / "ehealth" / "keystore"
    try:
        for path in (open_folder, closed):
            path.mkdir(parents=True)
        for path in (root, root / "home", open_folder):
            path.chmod(0o755)
        closed.parents[1].chmod(0o700)
        shutil.copyfile(folder.put(NEW, "bc_complete.p12"), open_folder / NEW)
        command = ["keystore", "diagnose", "--all-profiles", "--lang", "en", "--keystore-folder", open_folder]
        environment = {**os.environ, "HOME": str(closed.parents[1])}

        def call(*more: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-c", AS_ANOTHER, *map(str, command), *more],
                capture_output=True,
                text=True,
                check=True,
                env=environment,
            )

        answer = json.loads(call("--json", "--quiet").stdout)
        assert answer["profiles"][0] == {"user": "me", "folder": str(closed), "readable": False}
        assert str(open_folder / NEW) in [keystore["file"] for keystore in answer["keystores"]]
        assert f"of me cannot be read: {closed}" in call().stderr
    finally:
        shutil.rmtree(root)
