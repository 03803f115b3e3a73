"""Sealed messages of training on the command line: listed, saved, opened; old keys thrown away, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit.cli.run import run
from tests.cli.conftest import Call


def test_the_lesson_on_the_command_line(
    call: Call, renewed: tuple[Path, Path], secrets: dict[str, Path], tmp_path: Path
) -> None:
    old, new = renewed
    password = ("--password-file", secrets["password"])
    listed = call("training", "messages")[1]["messages"]
    assert [letter["number"] for letter in listed] == [6, 5, 4, 3, 2, 1]
    oldest = listed[-1]
    letter = tmp_path / "letter.etee"
    code, saved = call("training", "messages", "--save", oldest["number"], "-o", letter)
    assert code == 0
    assert saved == {**oldest, "file": str(letter)}
    assert letter.stat().st_size == oldest["size"]

    def opens() -> str:
        code, found = call("message", "open", letter, "--keystore", new, *password)
        assert code == (0 if found["proven"] else 1)
        assert found["recipients"][0]["serial"] == oldest["key"]
        return str(found["state"])

    assert opens() == "proven"
    code, gone = call("training", "discard-keys", new, *password)
    assert code == 0
    assert [Path(letter["file"]).name for letter in gone["thrown_away"]] == [old.name]
    assert oldest["key"] in gone["thrown_away"][0]["keys"]
    assert opens() == "not_for_this_keystore"
    assert call("training", "return-keys") == (0, {"returned": [str(old)]})
    assert opens() == "not_for_this_keystore"
    assert call("keystore", "merge", new, "--from", old, *password)[0] == 0
    assert opens() == "proven"


def test_what_people_read(
    renewed: tuple[Path, Path], secrets: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, new = renewed
    capsys.readouterr()
    assert run(["training", "messages", "--lang", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert "→ Élise Marie Vandamme" in lines[0]
    output = tmp_path / "letter.etee"
    assert run(["training", "messages", "--save", "1", "-o", str(output), "--lang", "en"]) == 0
    assert f"Saved as {output}" in capsys.readouterr().out
    discard = [
        "training",
        "discard-keys",
        str(new),
        "--password-file",
        str(secrets["password"]),
        "--lang",
        "en",
    ]
    assert run(discard) == 0
    assert "return-keys" in capsys.readouterr().out
    assert run(["training", "return-keys", "--lang", "en"]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("keystore folder: 1")


def test_before_anybody_has_a_token(capsys: pytest.CaptureFixture[str], call: Call, tmp_path: Path) -> None:
    assert call("training", "messages") == (0, {"messages": []})
    assert run(["training", "messages", "--lang", "en"]) == 0
    assert "there is no active ETK" in capsys.readouterr().out
    code, error = call("training", "messages", "--save", 7, "-o", tmp_path / "letter")
    assert (code != 0, error["error"]) == (True, "training_message_unknown")
    assert not (tmp_path / "letter").exists()
    assert call("training", "messages", "--save", 7)[1]["error"] == "option_missing"
    assert call("training", "return-keys") == (0, {"returned": []})


def test_a_file_that_is_there_is_not_written_over(
    call: Call, renewed: tuple[Path, Path], tmp_path: Path
) -> None:
    present = tmp_path / "letter.etee"
    present.write_bytes(b"something")
    assert call("training", "messages", "--save", 1, "-o", present)[1]["error"] == "file_exists"
    assert present.read_bytes() == b"something"
