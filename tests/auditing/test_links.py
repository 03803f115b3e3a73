"""Links in an audited folder: whoever may write to it must not choose what the auditor's account reads and opens."""

from __future__ import annotations

from pathlib import Path

import pytest

import ehtoolkit
from ehtoolkit.auditing.scan.discovery import list_files
from tests.auditing.conftest import PASSWORD, Workshop

NAME = "SSIN=79031421872 20260101-120000.p12"


@pytest.fixture
def shared(tmp_path: Path, workshop: Workshop) -> Path:
    """A folder with a keystore, and with links of four kinds to others."""
    keystore = workshop.write(tmp_path / "made").read_bytes()
    for place in ("shared/own", "private/within", "private/alone", "shared/below"):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        (folder / NAME).write_bytes(keystore)
    (tmp_path / "private" / "no-ending").write_bytes(keystore)
    shared = tmp_path / "shared"
    (shared / "folder").symlink_to(tmp_path / "private" / "within", target_is_directory=True)
    (shared / "file.p12").symlink_to(tmp_path / "private" / "alone" / NAME)
    (shared / "other").symlink_to(tmp_path / "private" / "no-ending")
    (shared / "inside").symlink_to(shared / "below", target_is_directory=True)
    (shared / "letter.txt").symlink_to(tmp_path / "private" / "no-ending")
    return shared


def names(paths: tuple[str, ...], shared: Path) -> list[str]:
    return [str(Path(path).relative_to(shared)) for path in paths]


def test_links_that_lead_out_are_named_and_not_followed(shared: Path) -> None:
    found = list_files([shared])
    assert {name.partition("/")[0] for name in names(found.files, shared)} <= {"own", "below", "inside"}
    assert len(found.files) == 2, "a folder that two paths lead to counts once"
    away = {place.path.name: place.reason for place in found.unlisted}
    assert away == dict.fromkeys(("folder", "file.p12", "other"), "link")
    assert (found.behind_links, found.passed_over) == (frozenset(), 1)


def test_they_are_followed_where_that_is_wanted(shared: Path) -> None:
    found = list_files([shared], follow_links=True)
    assert names(tuple(found.behind_links), shared) != []
    assert {name.partition("/")[0] for name in names(tuple(found.behind_links), shared)} == {
        *("folder", "file.p12", "other")
    }
    assert found.behind_links < set(found.files)
    assert found.unlisted == ()


def test_links_between_audited_folders_lead_nowhere_else(shared: Path) -> None:
    found = list_files([shared, shared.parent / "private"])
    assert found.unlisted == ()
    assert list_files([shared, shared.parent / "private"], follow_links=True).behind_links == frozenset()


def test_an_audited_folder_may_be_a_link_itself(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "named").symlink_to(shared, target_is_directory=True)
    found = list_files([tmp_path / "named"])
    assert len(found.files) == 2


def test_a_link_to_everything_hides_no_audited_folder(shared: Path) -> None:
    """What lies in the folder is found by its own path, whichever link leads back to it from outside."""
    (shared / "a").symlink_to(shared.parent, target_is_directory=True)
    found = list_files([shared], follow_links=True)
    assert len(set(found.files) - found.behind_links) == 2


def test_no_password_is_tried_behind_a_link(shared: Path) -> None:
    asked: list[Path] = []

    def password(path: Path) -> str:
        asked.append(path)
        return PASSWORD.reveal()

    audit = ehtoolkit.audit(shared, password, follow_links=True, processes=1, language="en")
    assert {path.relative_to(shared).parts[0] for path in asked} <= {"own", "below", "inside"}
    opened = dict(zip(audit.keystores["file"], audit.keystores["opened"], strict=True))
    ways = {Path(file).relative_to(shared).parts[0]: bool(is_open) for file, is_open in opened.items()}
    two_ways = ways.pop("below", None) or ways.pop("inside", None)  # to one file
    assert two_ways is True
    assert ways == {
        "own": True,
        **dict.fromkeys(("folder", "file.p12", "other"), False),
    }
    assert "folder_link" not in set(audit.findings["key"])


def test_an_audit_names_the_links(shared: Path) -> None:
    audit = ehtoolkit.audit(shared, PASSWORD.reveal(), processes=1, language="en")
    found = audit.findings[audit.findings["key"] == "folder_link"]
    assert sorted(Path(file).name for file in found["file"]) == ["file.p12", "folder", "other"]
    assert set(found["severity"]) == {"warning"}
    assert all("was not followed" in message for message in found["message"])


def test_what_lay_behind_a_link_is_unknown_and_not_gone(shared: Path) -> None:
    """The same folder, audited by an earlier version: it followed the link."""
    link = shared / "folder"
    target = link.resolve()
    link.unlink()
    target.rename(link)
    before = ehtoolkit.audit(shared, PASSWORD.reveal(), processes=1, language="en")
    link.rename(target)
    link.symlink_to(target, target_is_directory=True)
    after = ehtoolkit.audit(shared, PASSWORD.reveal(), processes=1, language="en")
    (row,) = after.diff(before).to_dict("records")
    assert (row["change"], row["folder"], row["problem"]) == ("folder_gone", str(link), "folder_link")
