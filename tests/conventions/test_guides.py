"""The guides say what the pages say, in four languages that are built alike; and what all documents link and type."""

from __future__ import annotations

import importlib
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.forms.registry import FORMS
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.settings import LanguageName
from tests.conventions.glossary import avoided_words
from tests.support.commands import assert_command

ROOT = Path(__file__).parents[2]
staff: Any = importlib.import_module("docs.guide.staff")  # mypy finds the folder of that name
GUIDE = ROOT / "docs" / "guide"
REFERENCE = ROOT / "docs" / "reference"
PROCEDURES = {*FORMS, "providers", "audit"}
OTHERS = {"lesson", "is-it-the-certificate"}
"""Not for the practice: the trainer's page and the consultant's."""


def test_the_guides_are_up_to_date() -> None:
    made = staff.pages()
    for path, text in made.items():
        assert (GUIDE / path).read_text(encoding="utf-8") == text, "run python docs/guide/staff.py"
    there = {path.relative_to(GUIDE).as_posix() for path in GUIDE.glob("*/*/*.md")}
    assert there == made.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_procedure_has_its_page(language: LanguageName) -> None:
    """In every language the same pages, with the same words of the screen and the same pictures in the same order."""
    source, english = _source(language), _source("en")
    assert source.keys() == {"README", *PROCEDURES, *OTHERS}
    for name, text in source.items():
        assert _marks(text) == _marks(english[name]), name
        assert "[[" not in staff.guide(language)[name]


def _source(language: LanguageName) -> dict[str, str]:
    return dict(staff._split((GUIDE / "sources" / f"{language}.md").read_text(encoding="utf-8")))


def _marks(text: str) -> list[str]:
    return re.findall(r"\[\[.*?\]\]|\{\{.*?\}\}", text)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_the_languages_do_not_drift_apart(language: LanguageName) -> None:
    """Block by block the same headings, items, rows, commands and links."""
    source, english = _source(language), _source("en")
    for name, text in source.items():
        assert [_block(block) for block in _blocks(text)] == [
            _block(block) for block in _blocks(english[name])
        ], name


def _blocks(text: str) -> list[str]:
    return [word for word in re.split(r"\n(?: *\n)+", text) if word.strip()]


def _block(text: str) -> tuple[list[str], list[str], list[str]]:
    """How its lines begin, what is typed (but for names of one's own, in capitals), and where its links lead."""
    begins = re.findall(r"^ *(#+|-|\d+\.|\||>|    )", text, re.MULTILINE)
    if begins[:1] == [">"]:  # where a longer sentence has another line
        begins = [">"]
    typed = re.findall(r"^ {4,}ehtoolkit (.*)$", text, re.MULTILINE) + sorted(re.findall(r"`([^`]+)`", text))
    return (
        begins,
        [re.sub(r"\b[A-Z]{3,}\b", "…", command) for command in typed],
        re.findall(r"\]\(([^)]+)\)", text),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_bold_in_the_pages_for_others_is_on_the_screen(language: LanguageName) -> None:
    """Every bold word comes out of the catalogue, and so is the name of a page or of a button."""
    source = _source(language)
    for name in OTHERS:
        bold = re.findall(r"\*\*(.*?)\*\*", source[name])
        assert len(bold) > 5
        assert [text for text in bold if not re.fullmatch(r"\[\[[\w.-]+\]\]", text)] == [], name


@pytest.mark.parametrize(("language", "word", "instead"), list(avoided_words()))
def test_the_guides_keep_to_the_glossary(language: LanguageName, word: str, instead: str) -> None:
    other = re.compile(rf"\b{re.escape(word)}", 0 if word.isupper() else re.IGNORECASE)
    assert other.search((GUIDE / "sources" / f"{language}.md").read_text(encoding="utf-8")) is None, instead


def test_french_has_its_blanks() -> None:
    """That do not break: before high signs and inside quotes. Rows of tables and commands have other colons."""
    for line in (GUIDE / "sources" / "fr.md").read_text(encoding="utf-8").splitlines():
        prose = re.sub(r"`[^`]*`|\[\[.*?\]\]|\{\{.*?\}\}|\|---.*|^ {4,}ehtoolkit.*|\d:\d\d", "", line)
        assert not re.search(r"(?<!\u00a0)[;?!»:](?!\w)|«(?!\u00a0)", prose), line


def _documents() -> list[Path]:
    """All that are read as they are; the sources of guides are not."""
    there = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [path for path in there if "sources" not in path.parts]


@pytest.mark.parametrize("path", _documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    """To a file that is there, and to a heading that it has. Those of the reference are made with the site, whose
    test checks them."""
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if re.match("[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        goal = (path.parent / name).resolve() if name else path
        assert goal.exists(), target
        if anchor and goal.parent != REFERENCE:
            assert anchor in _anchors(goal), target


@pytest.mark.parametrize("path", _documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_that_are_shown_exist(path: Path) -> None:
    """Those on lines of their own."""
    for line in re.findall(r"^ {4,}ehtoolkit (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE):
        assert_command(shlex.split(line, comments=True))


def _anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


NAMED = re.compile(
    r"""\b(?:pipx?|uv\s+\w+)\s+install(?:\s+-[\w-]+)*\s+["'\\]*ehtoolkit(?![-\w./])|ehtoolkit\[\w"""
)
"""Commands that install a package of our name from an index, which may be another's."""


def test_nothing_is_installed_by_our_name_from_an_index() -> None:
    """It is not published: every command installs a copy of the project, with extras that it has."""
    texts = [*_documents(), *(ROOT / "ehtoolkit").rglob("*.po"), *(ROOT / "ehtoolkit").rglob("*.py")]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    asked: set[str] = set()
    for path in texts:
        text = path.read_text(encoding="utf-8")
        assert not NAMED.search(text), path.relative_to(ROOT)
        for names in re.findall(r"""["']\.\[([\w,]+)\]""", text):
            asked.update(names.split(","))
    assert asked
    assert asked <= extras.keys()
