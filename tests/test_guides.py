"""The guides say what the pages say: docs/guide/staff is up to date, with a picture for every step that shows one."""

from __future__ import annotations

import importlib.util
import re
import shlex
import types
from pathlib import Path

import pytest

from ehtoolkit.forms.registry import FORMS
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.settings import LanguageName
from tests.test_troubleshooting import assert_command

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "guide"
PROCEDURES = {*FORMS, "providers", "audit"}


@pytest.fixture(scope="module")
def script() -> types.ModuleType:
    """docs/guide/staff.py, which is no module of the package."""
    spec = importlib.util.spec_from_file_location("staff", GUIDE / "staff.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_guides_are_up_to_date(script: types.ModuleType) -> None:
    made = script.pages()
    for path, text in made.items():
        assert (GUIDE / "staff" / path).read_text(encoding="utf-8") == text, "run python docs/guide/staff.py"
    there = {one.relative_to(GUIDE / "staff").as_posix() for one in (GUIDE / "staff").rglob("*.md")}
    assert there == made.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_procedure_has_its_page(script: types.ModuleType, language: LanguageName) -> None:
    """In every language the same pages, with the same words of the screen and the same pictures in the same order."""
    source = dict(script._split((GUIDE / "sources" / f"{language}.md").read_text(encoding="utf-8")))
    english = dict(script._split((GUIDE / "sources" / "en.md").read_text(encoding="utf-8")))
    assert source.keys() == {"README", *PROCEDURES}
    for name, text in source.items():
        assert _marks(text) == _marks(english[name]), name
        assert "[[" not in script.guide(language)[name]


def _marks(text: str) -> list[str]:
    return re.findall(r"\[\[.*?\]\]|\{\{.*?\}\}", text)


def _documents() -> list[Path]:
    """All that are read as they are; the sources of guides are not."""
    there = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [one for one in there if "sources" not in one.parts]


@pytest.mark.parametrize("path", _documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    """To a file that is there, and to a heading that it has."""
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if re.match("[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        goal = (path.parent / name).resolve() if name else path
        assert goal.exists(), target
        if anchor:
            assert anchor in _anchors(goal), target


@pytest.mark.parametrize(
    "path",
    [one for one in _documents() if one.parent.name != "reference"],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_commands_that_are_shown_exist(path: Path) -> None:
    """Those on lines of their own; what generated pages show of a usage is no command line."""
    for line in re.findall(r"^ {4,}ehtoolkit (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE):
        assert_command(shlex.split(line, comments=True))


def _anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
