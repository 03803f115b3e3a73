"""Hold the vocabulary of the code: one name for one thing, first lines that say what is there.

The words are those of docs/glossary.md, section “Words of the code”.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ehtoolkit"
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
# Private words of before, each with the one that is used: rows of the glossary's table.
GIVEN_UP = dict(re.findall(r"^\| `(\w+)` \| (`.+`) \|$", GLOSSARY, re.MULTILINE))
# What no first line says: the subject is what the code does, or the thing that it is.
UNCLEAR = re.compile(
    r"\b(whoever|nobody|somebody|he|his|him|told)\b|^(what|how|who|is|are|whether|which|where)\b",
    re.IGNORECASE,
)

# Words for people in the place of a value or a program, wherever they stand in a docstring or a comment.
VAGUE = re.compile(
    r"\b(whoever|keeps nobody from|nobody (knows\b(?! this)|said|told|looked|was asked))\b", re.IGNORECASE
)

# What the docstring of a function does not begin with: words that are no verb in the imperative.
NO_VERB = re.compile(
    r"(A|An|The|This|That|These|Those|It|Its|He|His|They|Their|Our|One|Two|Each|Every|Either|Both|All|Some|No|None|Not|"
    r"Now|Nobody|Nothing|Somebody|Something|Everybody|Everything|Another|Other|First|Second|Last|More|Half|"
    r"What|When|Where|Whether|Which|Who|Whose|How|As|At|About|After|Also|Among|And|Around|Because|Beside|But|By|For|"
    r"From|If|In|Like|Of|On|Only|Or|Over|Since|So|Through|To|Under|Until|While|With|Within|Without|Is|Has|Held|Shown|"
    r"Files|Keys|Names|Numbers|Returns|Raises|Yields|Gives|Calls|Shows)"
)

Modules = dict[str, ast.Module]


@pytest.fixture(scope="module")
def modules() -> Modules:
    """The code by module; made here, since every worker imports this file."""
    return {
        path.relative_to(PACKAGE).with_suffix("").as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def definitions(tree: ast.Module) -> Iterator[str]:
    """Public classes and functions at the top of a module."""
    for node in tree.body:
        if isinstance(
            node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and not node.name.startswith("_"):
            yield node.name


def test_a_class_name_is_of_one_class(modules: Modules) -> None:
    homes = defaultdict(list)
    for module, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(module)
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_the_glossary_has_the_words_that_were_given_up() -> None:
    assert len(GIVEN_UP) > 30


def test_no_name_is_a_word_that_was_given_up(modules: Modules) -> None:
    found = [
        (module, name, GIVEN_UP[name])
        for module, tree in modules.items()
        for name in (module.rpartition("/")[2], *definitions(tree))
        if name in GIVEN_UP
    ]
    assert found == []


def test_a_module_says_in_one_line_what_it_is(modules: Modules) -> None:
    assert [
        (module, problem) for module, tree in modules.items() for problem in first_line_problems(tree)
    ] == []


def first_line_problems(tree: ast.Module) -> Iterator[str]:
    document = ast.get_docstring(tree)
    if not document:
        yield "no docstring"
        return
    first, _, rest = document.partition("\n")
    if rest and not rest.startswith("\n"):
        yield f"longer than a line: {first}"
    elif not first.endswith("."):
        yield f"no sentence: {first}"
    if UNCLEAR.search(first):
        yield f"unclear: {first}"


def test_a_function_says_first_what_it_does(modules: Modules) -> None:
    assert [(module, found) for module, tree in modules.items() for found in not_imperative(tree)] == []


def not_imperative(tree: ast.AST) -> Iterator[str]:
    """Yield the functions whose docstring does not begin with a verb in the imperative. Properties are things: they
    may begin with a noun."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        document = ast.get_docstring(node)
        if not document or any(
            re.search(r"property|setter", ast.unparse(one)) for one in node.decorator_list
        ):
            continue
        word = document.split()[0].rstrip(".,;:")
        if NO_VERB.fullmatch(word) or not re.fullmatch(r"[A-Z][a-z]+", word):
            yield f"{node.name}: {document.partition(chr(10))[0]}"


def test_an_unknown_value_is_called_unknown() -> None:
    files = [path for kind in ("*.py", "*.js") for path in sorted(PACKAGE.rglob(kind))]
    assert [
        (path.name, found[0]) for path in files for found in VAGUE.finditer(path.read_text("utf-8"))
    ] == []


@pytest.mark.parametrize(
    "document",
    ["", '"""Who reads this."""', '"""Ask whoever knows."""', '"""Two\nlines."""', '"""No stop"""'],
)
def test_a_first_line_that_says_little_would_be_found(document: str) -> None:
    assert list(first_line_problems(ast.parse(document)))


@pytest.mark.parametrize(
    "first", ["The file.", "Second PIN.", "``key``: which.", "Raises `Error`.", "As `open`."]
)
def test_a_function_that_says_what_it_is_would_be_found(first: str) -> None:
    assert list(not_imperative(ast.parse(f'def work():\n    """{first}"""')))
    assert not list(not_imperative(ast.parse(f'@property\ndef work(self):\n    """{first}"""')))
