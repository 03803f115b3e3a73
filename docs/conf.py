"""Settings of Sphinx for the documentation; `docs/build_site.py` builds it once for each language."""

from __future__ import annotations

import html
import os
import posixpath
import sys
from pathlib import Path
from typing import Any, Final

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

import ehtoolkit.system.jsonschema_import  # noqa: F401  # before Jupyter: it saves two seconds
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.version import __version__

NAMES: Final = {"en": "English", "fr": "Français", "nl": "Nederlands", "de": "Deutsch"}
STARTS: Final = {"en": "index", **{other: f"start/{other}" for other in ("fr", "nl", "de")}}
"""The first page of each language."""
TITLES: Final = {
    "en": "ehtoolkit: eHealth certificates",
    "fr": "ehtoolkit : certificats eHealth",
    "nl": "ehtoolkit: eHealth-certificaten",
    "de": "ehtoolkit: eHealth-Zertifikate",
}

language = os.environ.get("EHTOOLKIT_DOCS_LANGUAGE", "en")
ROOT: Final = Path(__file__).parents[1]
OUTSIDE: Final = {str(ROOT / "CONTRIBUTING"): "contributing", "CHANGELOG.md": "changelog"}
"""Links to a file outside this folder, and the pages that show it."""
others = sorted(set(LANGUAGES) - {language})

project = "ehtoolkit"
version = release = __version__
root_doc = STARTS[language]
sys.path.insert(0, str(ROOT))
_reference = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]
_ours = ["docs._ext.command_help", "docs._ext.reference_tables"]
extensions = ["myst_nb", *_reference, *_ours] if language == "en" else ["myst_parser"]
templates_path = ["_templates"]

# The guides exist in four languages, everything else in English.
_guides = [f"guide/*/{other}/**" for other in others]
_starts = [f"start/{other}.md" for other in others if other != "en"]
_english = (
    []
    if language == "en"
    else ["*.md", "decisions/**", "gallery/**", "reference/**", "guide/consultants/*.md"]
)
exclude_patterns = ["design/**", "guide/sources/**", *_guides, *_starts, *_english]

myst_enable_extensions = ["colon_fence"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header", "toc.not_included"]
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]
default_role = "py:obj"

nb_custom_formats = {".nblink": "docs._ext.linked_notebooks.read"}
nb_execution_mode = os.environ.get("EHTOOLKIT_DOCS_NOTEBOOKS", "force")
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_execution_show_tb = True

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True

html_theme = "furo"
html_title = TITLES[language]
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_search_summary = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_search_scorer = str(Path(__file__).with_name("search_scores.js"))
html_search_language = language
html_theme_options: dict[str, Any] = {"source_edit_link": ""}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/languages.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}


def in_language(page: str, other: str) -> str:
    """Return the document that has a page in another language: its translation, or else the first page."""
    translated = page.replace(f"/{language}/", f"/{other}/")
    return translated if translated != page or other == language else STARTS[other]


def between(page: str, other: str, target: str) -> str:
    """Return the relative address of a document in the pages of another language."""
    return posixpath.relpath(f"/{other}/{target}.html", posixpath.dirname(f"/{language}/{page}"))


class Mermaid(SphinxDirective):
    """A diagram, which the browser draws: Mermaid is served with the pages, since they ask no other host."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        source = html.escape("\n".join(self.content))
        return [nodes.raw("", f'<pre class="mermaid">{source}</pre>', format="html")]


def complete_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give a page its links to the other languages, and the script of its diagrams."""
    if '<pre class="mermaid">' in context.get("body", ""):
        app.add_js_file("mermaid.tiny.js")
    # A heading without its level is no heading for a screen reader.
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')
    context["languages"] = [
        (name, code, between(page, code, in_language(page, code)), code == language)
        for code, name in NAMES.items()
    ]


class TranslationLinks(SphinxPostTransform):
    """Resolve links to pages that are built with another language, before MyST reports them as missing."""

    default_priority = 8

    def run(self, **options: Any) -> None:
        for node in list(self.document.findall(pending_xref)):
            target = OUTSIDE.get(node["reftarget"], node["reftarget"])
            if target in self.env.found_docs and target == node["reftarget"]:
                continue
            if posixpath.isabs(target):
                node.replace_self(node.children)  # a page outside of this folder
            elif built_with := language_of_page(target):
                address = between(self.env.docname, built_with, target)
                node.replace_self(nodes.reference("", "", *node.children, refuri=address, internal=False))
            elif (ROOT / target).exists():
                node.replace_self(node.children)  # a file that is not on the site


def language_of_page(page: str) -> str | None:
    """Return the language that a page is built with, or None for a page that does not exist."""
    if not (Path(__file__).parent / f"{page}.md").exists():
        return None
    return next((code for code in NAMES if f"/{code}/" in page or page == STARTS[code]), "en")


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", complete_page, priority=900)  # after the theme
    app.add_directive("mermaid", Mermaid)
    app.add_post_transform(TranslationLinks)
