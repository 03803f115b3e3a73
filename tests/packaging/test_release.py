"""The checklist of a release: what each line finds, how it ends, and that the documents name every line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docs import release

ROOT = Path(__file__).resolve().parents[2]
NO_RELEASE: Any = None
"""The lines of these tests ignore the release."""


def line(name: str, ends: Callable[[], str]) -> Callable[[object], str]:
    def one(_: object) -> str:
        return ends()

    one.__name__ = name
    return one


def test_every_line_runs_and_the_exit_code_is_of_the_worst(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> str:
        raise release.LineFailed("two files")

    def give_up() -> str:
        raise release.LineNotDone("nobody answers")

    def break_down() -> str:
        raise FileNotFoundError("no wheel")

    def fine() -> str:
        return "so it is"

    names: dict[str, Callable[[], str]] = {
        "fine": fine,
        "fails": fail,
        "unknown": give_up,
        "breaks": break_down,
        "left": fine,
    }
    lines = {name: line(name, ends) for name, ends in names.items()}
    states = release.go_through(NO_RELEASE, lines.values(), ["left"])
    printed = [re.sub(r" \(\d+ s\)$", "", line) for line in capsys.readouterr().out.splitlines()]
    assert printed == [
        "OK        fine             so it is",
        "failed    fails            two files",
        "not done  unknown          nobody answers",
        "failed    breaks           FileNotFoundError: no wheel",
        "not done  left             left out",
    ]
    assert release.exit_code(states) == 1
    assert release.exit_code(release.go_through(NO_RELEASE, [lines["fine"], lines["unknown"]])) == 2
    assert release.exit_code(release.go_through(NO_RELEASE, [lines["fine"]], ["fine"])) == 2
    assert release.exit_code(release.go_through(NO_RELEASE, [lines["fine"]])) == 0
    assert release.exit_code([]) == 2, "a list without a line releases nothing"
    capsys.readouterr()


def test_files_that_are_not_the_same_are_found(tmp_path: Path) -> None:
    built, other = tmp_path / "one", tmp_path / "other"
    for folder in (built, other):
        folder.mkdir()
    with pytest.raises(release.LineFailed, match="nothing was built"):
        release.require_same(built, other)
    for folder in (built, other):
        (folder / "a.whl").write_bytes(b"the same")
    release.require_same(built, other)
    (other / "a.whl").write_bytes(b"the sane")
    (built / "b.tar.gz").write_bytes(b"")
    with pytest.raises(release.LineFailed, match=r"a\.whl, b\.tar\.gz"):
        release.require_same(built, other)


def test_the_changelog_needs_the_version_and_its_day() -> None:
    text = "# Changelog\n\n## 1.2.0 (2026-12-01)\n\n## 1.1.0 (unreleased)\n"
    assert release.section(text, "1.2.0")["date"] == "2026-12-01"
    for version in ("1.1.0", "1.2", "1x2.0", "2.0.0"):
        with pytest.raises(release.LineFailed, match=version):
            release.section(text, version)


def test_the_text_of_the_release_is_the_section_of_its_version() -> None:
    text = "# Changelog\n\n## 1.2.0 (2026-12-01)\n\n- one\n- two\n\n## 1.1.0 (2026-11-01)\n\n- old\n"
    assert release.section(text, "1.2.0")["text"].strip() == "- one\n- two"
    assert release.section(text, "1.1.0")["text"].strip() == "- old"


@pytest.mark.parametrize(("tag", "fits"), [("v1.2.0", True), ("", True), ("v9", False), ("1.2.0", False)])
def test_a_tag_of_another_version_publishes_nothing(tag: str, fits: bool, tmp_path: Path) -> None:
    released = release.Release("1.2.0", 0, tmp_path, tag=tag)
    if fits:
        release.require_tag_of(released)
        return
    with pytest.raises(release.LineFailed, match=f"the tag is {tag}, and ehtoolkit/version.py has 1.2.0"):
        release.require_tag_of(released)


def test_the_workflow_gives_the_tag_and_publishes_the_page_last() -> None:
    """A failed upload to the index can be repeated; a page that is public cannot be taken back."""
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert 'python dev.py release --tag "$GITHUB_REF_NAME"' in text
    steps = [
        text.index(step) for step in ("attest-build-provenance@", "gh-action-pypi-publish@", "gh release")
    ]
    assert steps == sorted(steps)
    assert f"--notes-file dist/{release.NOTES}" in text


def test_a_bill_of_materials_without_a_package_or_a_hash_is_found() -> None:
    """Of the lock itself: each of its packages is asked for."""
    lock = release.LOCK.read_text(encoding="utf-8")
    entries = re.findall(
        r"^([A-Za-z][\w.-]*)==([^\s;\\]+)[^\n]*\n((?:    --hash=\S+.*\n)+)", lock, re.MULTILINE
    )
    components: list[dict[str, Any]] = [
        {
            "name": name,
            "version": version,
            "externalReferences": [
                {"hashes": [{"alg": "SHA-256", "content": digest}]}
                for digest in re.findall(r"sha256:(\w+)", hashes)
            ],
        }
        for name, version, hashes in entries
    ]
    assert len(components) > 100
    bill = {"components": components}
    assert release.missing_components(bill, lock) == set()
    first, second, third = components[:3]
    components.remove(first)
    second["externalReferences"].pop()
    third["version"] += ".1"
    assert release.missing_components(bill, lock) == {
        " ".join(entries[0][:2]),
        " ".join(entries[1][:2]),
        " ".join(entries[2][:2]),
    }


def test_vulnerabilities_and_unknown_packages() -> None:
    """As pip-audit writes them."""
    known = {"name": "click", "version": "8.3.0", "vulns": []}
    unknown = {"name": "lxml", "skip_reason": "Dependency not found on PyPI and could not be audited"}
    hole = {"name": "h", "version": "1", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["2"]}]}
    assert release.judge_audit({"dependencies": [known]}) == "1 packages"
    for packages in ([known, unknown], []):
        with pytest.raises(release.LineNotDone):
            release.judge_audit({"dependencies": packages})
    with pytest.raises(release.LineFailed, match="h PYSEC-2026-1"):
        release.judge_audit({"dependencies": [known, unknown, hole]})


def test_the_page_names_every_line() -> None:
    page = (ROOT / "docs" / "RELEASE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert rows == [line.__name__ for line in release.LINES]
    assert "RELEASE.md" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
