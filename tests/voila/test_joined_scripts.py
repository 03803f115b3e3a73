"""Voila's script with its pieces in front of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from voila.configuration import VoilaConfiguration
from voila.paths import collect_static_paths
from voila.utils import get_voila_labextensions_path

from ehtoolkit.voila.joined_scripts import LABEXTENSIONS, MAIN, PIECES, page_script, script_address

LISTED = PIECES.read_text(encoding="ascii").split()


Folders = tuple[Path, Path]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Folders of Voila's scripts and of those of widgets, with every piece of the list."""
    static, labextensions = tmp_path / "static", tmp_path / "labextensions"
    for name in (MAIN, *LISTED):
        path = (
            labextensions / name.removeprefix(LABEXTENSIONS)
            if name.startswith(LABEXTENSIONS)
            else static / name
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"say('{name}'); // no end of a line", encoding="ascii")
    return static, labextensions


def joined(*folders: Path) -> bytes | None:
    *static, labextensions = map(str, folders)
    return page_script(static, [labextensions])


def test_each_piece_is_there_once_in_its_order_and_voila_s_script_last(folders: Folders) -> None:
    script = joined(*folders)

    assert script is not None
    assert script.decode().splitlines() == [f"say('{name}'); // no end of a line" for name in (*LISTED, MAIN)]


def test_the_first_folder_that_has_a_file_counts(folders: Folders, tmp_path: Path) -> None:
    (tmp_path / LISTED[0]).write_text("say('another');", encoding="ascii")

    assert b"another" in (joined(tmp_path, *folders) or b"")
    assert b"another" not in (joined(folders[0], tmp_path, folders[1]) or b"")


@pytest.mark.parametrize("name", [MAIN, LISTED[0]])
def test_pieces_are_not_joined_when_voila_lacks_one(folders: Folders, name: str) -> None:
    (folders[0] / name).unlink()

    assert joined(*folders) is None


def test_pieces_are_not_joined_when_the_widgets_lack_one(folders: Folders) -> None:
    name = next(name for name in LISTED if name.startswith(LABEXTENSIONS))
    (folders[1] / name.removeprefix(LABEXTENSIONS)).rename(folders[0] / "piece.js")

    assert joined(*folders) is None


def test_a_script_that_changes_has_another_address(folders: Folders) -> None:
    before = joined(*folders) or b""
    (folders[0] / LISTED[0]).write_text("say('more');", encoding="ascii")

    addresses = {script_address("/els/", script) for script in (before, joined(*folders) or b"")}

    assert len(addresses) == 2
    assert all(address.startswith("/els/voila/scripts/") and address.endswith(".js") for address in addresses)


@pytest.mark.interop  # of the locked versions: others are divided into other pieces
def test_the_installed_voila_has_every_piece() -> None:
    """Else they are written anew: ``python -m tests.browser.page_scripts``."""
    static = collect_static_paths(["voila"], "base")
    script = page_script(static, get_voila_labextensions_path(VoilaConfiguration().extra_labextensions_path))

    assert script is not None
    assert script.count(b".push([[") == len(LISTED)
