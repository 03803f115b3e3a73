"""What columns and values of an audit are called, in the four languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ehtoolkit.i18n import Translator

SHEETS: Final = ("findings", "keystores", "providers", "periods", "merged")
"""The tables of an audit, in the order in which somebody reads them."""

_WORDS: Final[Mapping[str, str]] = {
    "severity": "cli.severity",
    "environment": "finding.word",
    "standing": "export.standing",
    "revocation": "export.revocation",
    "type": "registry.type",
    "conventioned": "registry.conventioned",
}
"""Columns whose values have words, and where those are."""


REPLACED: Final = "replaced"
"""In the place of how a keystore stands that a newer one has replaced: nobody renews it, whatever its end."""


def standing_of(row: Mapping[str, Any]) -> str:
    """How the keystore of a row stands, for people; ``row`` has ``standing`` and ``replaced_by``."""
    return str(row["standing"]) if row["replaced_by"] is None else REPLACED


def title(column: str, texts: Translator) -> str:
    """The heading of a column."""
    ours = f"export.column.{column}"
    return texts.get(ours if texts.has(ours) else f"registry.column.{column}")


def word(column: str, value: str, texts: Translator) -> str:
    """A value as people read it; what is no word of ours, as it is."""
    if column == "types":
        return ", ".join(word("type", one, texts) for one in value.split("/"))
    key = f"{_WORDS[column]}.{value}" if column in _WORDS else ""
    return texts.get(key) if key and texts.has(key) else value
