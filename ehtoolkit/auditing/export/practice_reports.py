"""Write reports of an audit for clients: a page and a workbook for each practice, and for the unassigned rest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.export.formats import FORMATS, OF_REPORTS, ExportOptions
from ehtoolkit.auditing.export.report_scope import ReportScope
from ehtoolkit.auditing.practice_split import split_by_practice
from ehtoolkit.i18n import Translator
from ehtoolkit.result_display import masked
from ehtoolkit.system.files import make_folder, put_file, require_new

_LONGEST: Final = 60
"""Characters of a name, without date and ending: paths of Windows are short."""
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever ending they have."""


def write_reports(
    audit: AuditResult,
    folder: Path,
    texts: Translator,
    *,
    formats: Sequence[str] = OF_REPORTS,
    author: str | None = None,
    full: bool = False,
    own_languages: bool = False,
    replacing: bool = False,
) -> tuple[Path, ...]:
    """Write a report in each of ``formats`` for each practice, and for what belongs to no practice, into ``folder``,
    which is made where there is none; they are for their owner alone. ``author``: named in them. NISS numbers are whole
    only when ``full``. ``own_languages``: each report is in the language that most records of its practice have.

    Without ``replacing`` nothing is overwritten: raises `errors.FileExists` before anything is written when one of them
    is there already. Raises what `make_folder` and `map_os_errors` raise; then no new report is left.
    """
    make_folder(folder)
    reports = split_by_practice(audit, texts, own_languages=own_languages)
    scopes = [ReportScope(part, author) for part in reports]
    stems = dict(
        zip(_stems([(scope.name(texts), scope.part.practice) for scope in scopes]), scopes, strict=True)
    )
    targets = {
        folder / f"{stem}-{audit.today}.{FORMATS[form].suffix}": (scope, form)
        for stem, scope in stems.items()
        for form in formats
    }
    for path in targets:
        require_new(path, replacing=replacing)
    written: list[Path] = []
    try:
        for path, (scope, form) in targets.items():
            part, is_new = scope.part.audit, not path.exists()
            options = ExportOptions(full=full, scope=scope)
            put_file(path, FORMATS[form].file(part, part.texts, options), replacing=replacing)
            if is_new:
                written.append(path)
    except BaseException:
        for path in written:
            with suppress(OSError):
                path.unlink()
        raise
    return tuple(targets)


def _stems(names: Sequence[tuple[str, str | None]]) -> Iterator[str]:
    """Yield the name of a file for each of ``names``, none of them twice; what belongs to no practice (None) keeps its
    own, whatever practices are called."""
    taken = {safe_name(name) for name, practice in names if practice is None}
    for name, practice in names:
        stem = safe_name(name)
        if practice is not None:
            number, wanted = 1, stem
            while stem in taken:
                number += 1
                stem = f"{wanted}-{number}"
            taken.add(stem)
        yield stem


def safe_name(text: str) -> str:
    """Return ``text`` as a name of a file that every system takes: small letters without accents, digits, and
    dashes."""
    plain = unicodedata.normalize("NFKD", masked(text).casefold())
    ascii_ = "".join(character for character in plain if not unicodedata.combining(character))
    name = re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")[:_LONGEST].rstrip("-")
    return f"practice-{name}".rstrip("-") if not name or _RESERVED.fullmatch(name) else name
