"""Voila's script with its pieces in front of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from voila.configuration import VoilaConfiguration
from voila.paths import collect_static_paths
from voila.utils import get_voila_labextensions_path

from ehtoolkit.voila.page_scripts import LABEXTENSIONS, MAIN, PIECES, page_script, script_address

LISTED = PIECES.read_text(encoding="ascii").split()


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A folder of Voila's scripts with its own and the first two pieces of the list."""
    folder = tmp_path / "static"
    folder.mkdir()
    for name in (MAIN, *LISTED[:2]):
        (folder / name).write_text(f"say('{name}'); // no end of a line", encoding="ascii")
    return folder


def test_each_piece_is_there_once_in_its_order_and_voila_s_script_last(static: Path) -> None:
    lines = page_script([str(static)], []).decode().splitlines()

    assert lines == [f"say('{name}'); // no end of a line" for name in (*LISTED[:2], MAIN)]


def test_a_piece_of_widgets_is_looked_for_in_their_folders_alone(static: Path, tmp_path: Path) -> None:
    name = next(one for one in LISTED if one.startswith(LABEXTENSIONS))
    there = tmp_path / name
    there.parent.mkdir(parents=True)
    there.write_text("say('widget');", encoding="ascii")

    assert b"widget" in page_script([str(static)], [str(tmp_path / "nowhere"), str(tmp_path / LABEXTENSIONS)])
    assert b"widget" not in page_script([str(static), str(tmp_path)], [])


def test_the_first_folder_that_has_a_file_counts(static: Path, tmp_path: Path) -> None:
    (tmp_path / LISTED[0]).write_text("say('another');", encoding="ascii")

    assert b"another" in page_script([str(tmp_path), str(static)], [])
    assert b"another" not in page_script([str(static), str(tmp_path)], [])


def test_a_version_of_voila_with_other_pieces_loads_them_itself(static: Path) -> None:
    for name in LISTED[:2]:
        (static / name).unlink()

    assert page_script([str(static)], []) == (static / MAIN).read_bytes()


def test_without_voila_s_script_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=MAIN):
        page_script([str(tmp_path)], [])


def test_what_changes_has_another_address(static: Path) -> None:
    before = page_script([str(static)], [])
    (static / LISTED[0]).write_text("say('more');", encoding="ascii")

    addresses = {script_address("/els/", one) for one in (before, page_script([str(static)], []))}

    assert len(addresses) == 2
    assert all(one.startswith("/els/voila/scripts/") and one.endswith(".js") for one in addresses)


def test_the_installed_voila_has_every_piece() -> None:
    """Else they are written anew: ``python -m tests.browser.page_scripts``."""
    static = collect_static_paths(["voila"], "base")
    script = page_script(static, get_voila_labextensions_path(VoilaConfiguration().extra_labextensions_path))

    assert script.count(b".push([[") == len(LISTED)
