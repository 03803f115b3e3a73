"""No sentence stands in code that reaches a page: forms, widgets' scripts and templates have their words from texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "ehtoolkit"
TEMPLATES = PACKAGE / "voila" / "share" / "jupyter" / "voila" / "templates" / "ehtoolkit"
MODULES = sorted((PACKAGE / "forms").rglob("*.py"))
SCRIPTS = sorted([*(PACKAGE / "forms" / "widgets" / "static").glob("*.js"), *TEMPLATES.rglob("*.js")])
PAGES = sorted([*TEMPLATES.glob("*.html"), *TEMPLATES.glob("*.j2")])

ALLOWED = {
    # A language is called by its own name on every page, so that who does not read this one finds his.
    "Français": "a language",
    "Nederlands": "a language",
    "Deutsch": "a language",
    "English": "a language",
    "ehtoolkit": "a name",
    "training:": "how a card of training is called on the command line; stands there to be copied",
    "handed over": "a folder that does not exist, for a file that has none; never shown",
}
"""Words that people read and that are the same in every language."""

# Where the words of a page go in: the places of a call's arguments, and the names of arguments and traits.
PLACES = {
    "card": slice(0, None),
    "details": slice(0, None),
    "element": slice(1, None),
    "heading": slice(0, 1),
    "link": slice(0, 1),
    "mono": slice(0, None),
    "panel": slice(1, None),
    "paragraph": slice(0, 1),
    "show": slice(0, None),
    "tag": slice(1, None),
    "with_hint": slice(0, None),
    "Markup": slice(0, None),
}
NAMES = (
    *(
        "about",
        "alt",
        "aria_label",
        "busy",
        "caption",
        "choose",
        "description",
        "done_word",
        "error",
        "failed",
    ),
    *(
        "heading",
        "hint",
        "label",
        "lead",
        "note",
        "nothing",
        "placeholder",
        "primary",
        "reveal",
        "text",
        "title",
    ),
)

_LETTERS = re.compile(r"[^\W\d_]")
_MARKS = re.compile(r"<[^>]*>|\{[^}]*\}|&\w+;")
"""Elements and the places of values, in a literal that is HTML."""
_TWO_WORDS = re.compile(r"[^\W\d_]{2,}[,.:;!?…]?\s+[^\W\d_]{2,}")
_STYLE = re.compile(r"body\{")  # of a paper that is saved
_TECHNICAL = re.compile(r"\s*<(svg|circle|rect|path|!doctype|div|img)|(body|table)\{|[\w.]+\[|\w+ \| None$")
"""Drawings, documents whose words come in by placeholders, style sheets, types."""
_CLASSES = re.compile(
    r"(eh-[\w-]+|small|quiet|primary|remove|widget-\w+)(\s+(eh-[\w-]+|small|quiet|primary|remove))*"
)


def words_in(value: ast.expr | None) -> Iterator[str]:
    """The literals that become a part of what ``value`` is; keys that a call takes are not."""
    if isinstance(value, ast.Constant):
        if isinstance(value.value, str) and _LETTERS.search(_MARKS.sub("", value.value)):
            yield value.value
        return
    parts = [getattr(value, name, None) for name in ("body", "orelse", "left", "right", "elt")]
    parts += [*getattr(value, "values", ()), *getattr(value, "elts", ())]
    if isinstance(value, ast.Starred):
        parts.append(value.value)
    for part in parts:
        if isinstance(part, ast.expr):
            yield from words_in(part)


def name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def said_to_a_page(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Literals where words of a page go in: the line and the literal."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            places = node.args[PLACES.get(name_of(node), slice(0, 0))]
            named = [keyword.value for keyword in node.keywords if keyword.arg in NAMES]
            for value in (*places, *named):
                yield from ((node.lineno, words) for words in words_in(value))
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in NAMES:
                    yield from ((node.lineno, words) for words in words_in(node.value))


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Literals of two words and more, wherever they stand; what a programmer reads (docstrings, exceptions, logs) is
    left out."""
    inner = set()
    for node in ast.walk(tree):
        internal = isinstance(node, ast.Raise | ast.Assert) or (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOGGING
        )
        if internal:
            inner |= {id(child) for child in ast.walk(node)}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inner.add(id(node.value))
        elif isinstance(node, ast.AnnAssign):
            inner |= {id(child) for child in ast.walk(node.annotation)}
    for node in ast.walk(tree):
        if id(node) in inner or not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        text = node.value
        if _TWO_WORDS.search(_MARKS.sub("|", text)) and not (
            _TECHNICAL.match(text) or _CLASSES.fullmatch(text)
        ):
            yield node.lineno, text


LOGGING = ("debug", "info", "warning", "error", "exception", "critical")


def spoken_by(source: str) -> list[str]:
    """Both, without those that are allowed."""
    tree = ast.parse(source)
    found = dict.fromkeys((*said_to_a_page(tree), *sentences(tree)))
    return [f"{line}: {words!r}" for line, words in found if words not in ALLOWED and not _STYLE.match(words)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_form_has_its_words_from_texts(path: Path) -> None:
    assert spoken_by(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        'paragraph("Nothing is due.")',
        'element("p", "Nothing", class_="eh-note")',
        'panel("ok", texts.get("index.title"), f"{count} keystores")',
        'Button("next", label="Next")',
        'TextField("email", get("contact.email"), hint="name@example.be" if short else "")',
        'field.error = "Too short"',
        'Markup("<b>{}</b> until {}").format(name, day)',
        'title = "Your request was sent"',
        'show(join([element("p", one) for one in lines]), "and more")',
    ],
)
def test_words_in_code_are_found(source: str) -> None:
    assert spoken_by(source) != []


@pytest.mark.parametrize(
    "source",
    [
        'paragraph(texts.get("index.due.none"), "eh-lead eh-note")',
        'Button("next", label=texts.get("wizard.next"), icon="next")',
        'raise ValueError("no record is open")',
        'LOG.warning("no report could be written in %s", path)',
        '"""A docstring of some words."""',
        'Markup("<b>{}</b> · {}").format(name, day)',
        'box.add_class("eh-stack eh-form")',
    ],
)
def test_what_people_do_not_read_may_stand_there(source: str) -> None:
    assert spoken_by(source) == []


# A literal of JavaScript, in any of its three quotes, and what is not code.
_COMMENT = re.compile(r"^\s*//.*$|(?<=[;{}(,\s])//\s.*$", re.MULTILINE)
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`' + r"|'((?:[^'\\\n]|\\.)*)'")
_BROWSER = {
    "CapsLock",
    "Enter",
    "Files",
    "Escape",
    "Space",
    "Tab",
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "ArrowDown",
    "Home",
    "End",
}
"""What the browser calls keys and kinds."""


def spoken_by_script(source: str) -> list[str]:
    """Literals of a script that are words for people: several of them, or one that begins with a capital."""
    found = []
    for literal in _LITERAL.finditer(_COMMENT.sub("", source)):
        text = re.sub(r"\$\{[^}]*\}", "|", next(part for part in literal.groups() if part is not None))
        if text in _BROWSER or re.search(r"[\[\].#=<>]", text):  # a selector, an address, a drawing
            continue
        if _CLASSES.match(text.strip()) or re.fullmatch(r"(application|image|text)/.*", text):
            continue
        if _TWO_WORDS.search(text) or re.match(r"[A-ZÀ-Ý]\w", text):
            found.append(text)
    return found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_has_its_words_from_the_kernel_or_the_page(path: Path) -> None:
    assert spoken_by_script(path.read_text(encoding="utf-8")) == []


def test_words_in_a_script_are_found() -> None:
    source = """
      // Not this one.
      label.textContent = "Choose a file";
      set(button, "aria-label", 'Remove');
      text.append(`${left} tries left`, model.get("label"), h("p", { class: "eh-note eh-sr" }));
    """
    assert spoken_by_script(source) == ["Choose a file", "Remove", "| tries left"]


# A place of a value, a colon, a place of a value. The text in front of it may be code: `"a": {`.
_COLON = re.compile(r"\}\s?: \$?\{|[\"'`]\s: \$?\{")


@pytest.mark.parametrize("path", [*MODULES, *SCRIPTS], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_colon_of_one_language_stands_in_code(path: Path) -> None:
    """French sets a space before it, the others do not: `Translator.labelled`."""
    assert _COLON.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("source", ["f\"{get('a.b')} : {word}\"", 'f"{label}: {text}"', "` : ${one.about}`"])
def test_colons_in_code_are_found(source: str) -> None:
    assert _COLON.search(source)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_template_has_its_words_from_its_caller(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for inside in (r"\{#.*?#\}", r"\{%.*?%\}", r"\{\{.*?\}\}", r"<(style|script)\b.*?</\1>", r"<[^>]*>"):
        source = re.sub(inside, " ", source, flags=re.DOTALL)
    assert set(re.findall(r"[^\W\d_]+", source)) <= ALLOWED.keys()
    labels = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', path.read_text(encoding="utf-8"))
    assert [label for label in labels if not label.startswith("{{")] == []
