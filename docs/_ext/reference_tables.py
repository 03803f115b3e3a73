"""Tables of the reference that no library makes: columns, errors, findings, and settings with their variables.

``{reference-table} errors`` in a page is replaced by what the code and the English catalogues have. A column without a
description ends the build.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

import pandas as pd
from docutils import nodes
from finding_catalogues import CATALOGUES, PACKAGE, severities
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from babel.messages.pofile import read_po
from ehtoolkit import errors
from ehtoolkit.auditing.tables.frames import TABLES
from ehtoolkit.auditing.tables.merged_rows import ROWS
from ehtoolkit.doctor.known_errors import ALL, SYMPTOMS
from ehtoolkit.ehealth.sealing.other_software import SOFTWARE, names_elsewhere
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.i18n import COMMAND
from ehtoolkit.settings import Settings

KINDS: Final = {
    "pathlib.Path": "a path",
    "str": "text",
    "bool": "`true` or `false`",
    "int": "a whole number",
    "float": "a number",
}


def columns() -> Iterator[str]:
    for table, kinds in TABLES.items():
        section = inspect.cleandoc(ROWS[table].__doc__ or "").partition("Attributes:\n")[2]
        described = dict(re.findall(r"^    (\w+): (.+(?:\n     +.+)*)$", section, re.MULTILINE))
        rows = ((f"`{name}`", _dtype(kind), described[name]) for name, kind in kinds.items())
        yield from (f"\n## {table}\n", *_table(("column", "pandas type", "what it holds"), rows))


def _dtype(kind: object) -> str:
    if isinstance(kind, pd.CategoricalDtype):
        return "ordered category: " + " < ".join(f"`{category}`" for category in kind.categories)
    return f"`{kind}`"


def settings() -> Iterator[str]:
    described = ModuleAnalyzer.for_module("ehtoolkit.settings").find_attr_docs()
    for name, field in Settings.model_fields.items():
        kind = inspect.formatannotation(field.annotation)
        words = ", ".join(f"`{word}`" for word in re.findall(r"'([^']+)'", kind))
        kind = words or KINDS.get(re.sub(r"typing\.Optional\[(.*)\]| \| None", r"\1", kind), "JSON")
        given = field.default if isinstance(field.default, int | float | str) else ""
        default = (
            f" Default: `{str(given).lower() if isinstance(given, bool) else given}`." if given != "" else ""
        )
        text = "\n".join(described["Settings", name]).replace("``", "`")
        yield f"\n`````{{envvar}} EHTOOLKIT_{name.upper()}\n{text}\n\nValue: {kind}.{default}\n`````\n"


def error_tree() -> Iterator[str]:
    tree = list(_errors(errors.EhToolkitError, 0))
    yield from ("\n## The tree\n", "```text")
    yield from (f"{'  ' * depth}{kind.__name__}  [{kind.key}]" for kind, depth in tree)
    yield from ("```", "\n## Sentences\n")
    for kind, _ in tree:
        text = inspect.cleandoc(kind.__doc__ or "").replace("``", "`")
        yield f"### {kind.key}\n\n`errors.{kind.__name__}`, exit code {kind.exit_code}. {text}\n"
        yield from (*_table(("key", "what it says", "what to do"), _sentences(kind.key)), "")


def _errors(
    kind: type[errors.EhToolkitError], depth: int
) -> Iterator[tuple[type[errors.EhToolkitError], int]]:
    yield kind, depth
    for below in kind.__subclasses__():
        yield from _errors(below, depth + 1)


def _sentences(name: str) -> Iterator[tuple[str, ...]]:
    """Yield an error's key and its variants. A variant without a next step has that of the error."""
    texts, own = _texts("error"), f"error.{name}"
    for key in texts:
        if (key == own or key.startswith(f"{own}.")) and not key.endswith(".next"):
            step = texts.get(f"{key}.next", texts.get(f"{own}.next", ""))
            yield f"`{key.removeprefix('error.')}`", texts[key], step


def findings() -> Iterator[str]:
    for catalogue, about in CATALOGUES.items():
        texts = _texts(catalogue)
        levels = severities(catalogue, {key.split(".")[1] for key in texts})
        yield f"\n## {about.title}\n\nShown by {about.shown}.\n"
        yield from _table(
            ("key", "severity", "what it says", "what to do"), _findings(catalogue, texts, levels)
        )
        if catalogue == "message":
            yield "\nWhat other software calls them:\n"
            yield from _table(("key", *SOFTWARE), _elsewhere(levels))
    yield "\n## What the errors of other programs mean\n\nShown by `doctor --says TEXT` and by Check this computer.\n"
    yield from _table(("key", "recognised by", "cause", "what to do", "who helps"), map(_advice, ALL))


def _findings(
    domain: str, texts: Mapping[str, str], levels: Mapping[str, set[str]]
) -> Iterator[tuple[str, ...]]:
    for key in sorted(texts):
        name, _, variant = key.removeprefix(f"{domain}.").partition(".")
        if name in levels and not key.endswith(".next") and (not variant or f"{key}.next" in texts):
            ordered = ", ".join(f"`{severity}`" for severity in Severity if severity in levels[name])
            yield f"`{key.removeprefix(f'{domain}.')}`", ordered, texts[key], texts.get(f"{key}.next", "")


def _elsewhere(keys: Iterable[str]) -> Iterator[tuple[str, ...]]:
    layers = {"algorithm_not_allowed": ("outer", "inner", "envelope", "key_transport")}
    for key in sorted(keys):
        for layer in layers.get(key, ("outer",)):
            if names := names_elsewhere(Finding(key, Severity.ERROR, {"layer": layer})):
                cells = (
                    ", ".join(f"`{name}`" for name in names.get(program, ())) or "–" for program in SOFTWARE
                )
                yield f"`{key}`", *cells


def _advice(known: Any) -> tuple[str, ...]:
    texts, key = _texts("advice"), f"advice.{known.key}"
    signs = [f"`{code}`" for code in known.codes] + [f"“{words}”" for words in (*known.words, *known.alone)]
    recognised = texts[f"{key}.symptom"] if known in SYMPTOMS else ", ".join(signs) or "–"
    return f"`{known.key}`", recognised, texts[key], texts[f"{key}.next"], str(known.contact)


@cache
def _texts(catalogue: str) -> dict[str, str]:
    """Return the keys and English texts of a catalogue, as the command line shows them."""
    with (PACKAGE / "locale/en/LC_MESSAGES" / f"{catalogue}.po").open("rb") as source:
        messages = {
            str(message.id): str(message.string) for message in read_po(source, locale="en") if message.id
        }
    return {key: COMMAND.sub(r"\2", text) for key, text in messages.items() if not key.endswith(".page")}


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield from (f"| {' | '.join(head)} |", "|" + "---|" * len(head))
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(text: str) -> str:
    """Return a text for a cell: a bar ends a cell, in code too, and an angle bracket begins a tag."""
    text = re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))
    return text if "`" in text else text.replace("<", "&lt;")


TABLE_OF: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "columns": columns,
    "errors": error_tree,
    "findings": findings,
    "settings": settings,
}


class ReferenceTable(SphinxDirective):
    """A part of the reference. Each error becomes the target of links from the Python pages."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        if self.arguments[0] == "errors":
            for kind, _ in _errors(errors.EhToolkitError, 0):
                name, anchor = f"ehtoolkit.errors.{kind.__name__}", nodes.make_id(kind.key)
                self.env.domains.python_domain.note_object(name, "exception", anchor)
        text = "\n".join(TABLE_OF[self.arguments[0]]())
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def find_short_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Resolve the last part of a Python name, as docstrings and annotations have it: ``Standing``, `errors.PinWrong`."""
    if node.get("refdomain") != "py" and node.get("reftype") != "obj":
        return None
    python = env.domains.python_domain
    found = python.find_obj(env, "", "", node["reftarget"], None, 1)
    if not found:
        return None
    name, entry = min(found, key=lambda match: match[0].count("."))  # a function before the method of its name
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, content, name)


def setup(app: Sphinx) -> None:
    app.add_directive("reference-table", ReferenceTable)
    app.connect("missing-reference", find_short_name)
