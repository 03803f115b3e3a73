"""The name of the file: other programs read it, and crash on one that was renamed or copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit.finding import Finding, info, warning
from ehtoolkit.keystore.diagnosis.context import DiagnosisContext
from ehtoolkit.keystore.storage import filenames
from ehtoolkit.system.text_safety import printable

_BACKUP: Final = ".bak"


def naming(context: DiagnosisContext) -> Iterator[Finding]:
    name, named = context.file.name, context.file.named
    if name is None or named is None or named.regular:
        return
    if name.lower().endswith(_BACKUP):
        yield info("name_backup", name=printable(name))
        return
    proper = proper_name(context)
    if proper is not None:
        yield warning("name_renamed", name=printable(name), proper=proper)
    elif context.content.opened:
        yield warning("name_unknown", name=printable(name))
    else:
        yield warning("name_odd", name=printable(name))


def proper_name(context: DiagnosisContext) -> str | None:
    """Return what the official program would call the file; None if its holder is unknown.

    Of the certificate the start, and not when the file was last written: a copy, or another password, would make an old
    keystore the last one.
    """
    if context.identifier is None:
        return None
    leaf = context.content.leaf
    moments = (None if leaf is None else leaf.not_valid_before_utc, context.file.changed, context.now)
    taken = () if context.listing is None else context.listing.names
    holder = (context.identifier, context.application_id)
    return filenames.proper_name(context.file.name or "", holder, context.environment, moments, taken)
