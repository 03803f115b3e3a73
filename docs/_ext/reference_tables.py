"""Tables of the reference that no library makes: columns, errors, findings, and settings with their variables.

``{reference-table} errors`` in a page is replaced by what the code and the English catalogues have. A column without a
description ends the build.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from docs._ext.finding_tables import findings
from docs._ext.markdown_tables import english_texts, table
from ehtoolkit import errors
from ehtoolkit.auditing.tables.merged_rows import ROWS, MergedRow
from ehtoolkit.auditing.tables.table_row import Kind
from ehtoolkit.settings import Settings

KINDS: Final = {
    "pathlib.Path": "a path",
    "str": "text",
    "bool": "`true` or `false`",
    "int": "a whole number",
    "float": "a number",
}


def columns() -> Iterator[str]:
    for name_of_table, row in ROWS.items():
        if row is MergedRow:  # its columns are those of two others
            continue
        section = inspect.cleandoc(row.__doc__ or "").partition("Attributes:\n")[2]
        described = dict(re.findall(r"^    (\w+): (.+(?:\n     +.+)*)$", section, re.MULTILINE))
        rows = ((f"`{name}`", _dtype(kind), described[name]) for name, kind in row.columns().items())
        yield from (f"\n## {name_of_table}\n", *table(("column", "pandas type", "what it holds"), rows))


def _dtype(kind: Kind) -> str:
    if isinstance(kind, str):
        return f"`{kind}`"
    return "ordered category: " + " < ".join(f"`{word}`" for word in kind)


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
        yield from (*table(("key", "what it says", "what to do"), _sentences(kind.key)), "")


def _errors(
    kind: type[errors.EhToolkitError], depth: int
) -> Iterator[tuple[type[errors.EhToolkitError], int]]:
    yield kind, depth
    for below in kind.__subclasses__():
        yield from _errors(below, depth + 1)


def _sentences(name: str) -> Iterator[tuple[str, ...]]:
    """Yield an error's key and its variants. A variant without a next step has that of the error."""
    texts, own = english_texts("error"), f"error.{name}"
    for key in texts:
        if (key == own or key.startswith(f"{own}.")) and not key.endswith(".next"):
            step = texts.get(f"{key}.next", texts.get(f"{own}.next", ""))
            yield f"`{key.removeprefix('error.')}`", texts[key], step


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
    """Resolve the last part of a Python name, as docstrings have it: ``PlatformStatus``, ``errors.PinWrong``."""
    if node.get("refdomain") != "py" and node.get("reftype") != "obj":
        return None
    python = env.domains.python_domain
    found = python.find_obj(env, "", "", node["reftarget"], None, 1)
    if not found:
        return None
    name, target = min(
        found, key=lambda match: match[0].count(".")
    )  # a function before the method of its name
    return make_refnode(app.builder, node["refdoc"], target.docname, target.node_id, content, name)


def setup(app: Sphinx) -> None:
    app.add_directive("reference-table", ReferenceTable)
    app.connect("missing-reference", find_short_name)
