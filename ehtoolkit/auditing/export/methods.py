"""Methods that write an audit as a file: ``to_excel``, ``to_html`` and others, one for each format of `FORMATS`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.export.formats import FORMATS, TABLE, ExportFormat, ExportOptions
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.i18n import LANGUAGES, Translator, language_of
from ehtoolkit.system.files import map_os_errors, require_new, write_exclusively
from ehtoolkit.type_errors import checked_choice, wrong_type

if TYPE_CHECKING:
    StrPath = str | os.PathLike[str]


class TextMethod(Protocol):
    """A method that writes an audit as text, or returns the text."""

    def __call__(
        self,
        path: StrPath | None = None,
        *,
        language: str | None = None,
        full: bool = False,
        table: str = ...,
    ) -> str | None: ...


class BytesMethod(Protocol):
    """A method that writes an audit as a binary file, or returns its content."""

    def __call__(
        self,
        path: StrPath | None = None,
        *,
        language: str | None = None,
        full: bool = False,
        table: str = ...,
    ) -> bytes | None: ...


class ExportableAudit(AuditResult):
    """An audit with a method for each format: ``to_csv``, ``to_excel``, ``to_html``, ``to_ics``, ``to_json``,
    ``to_markdown``, ``to_prometheus`` and ``to_text``."""

    if TYPE_CHECKING:
        to_csv: ClassVar[TextMethod]
        to_excel: ClassVar[BytesMethod]
        to_html: ClassVar[TextMethod]
        to_ics: ClassVar[BytesMethod]
        to_json: ClassVar[TextMethod]
        to_markdown: ClassVar[TextMethod]
        to_prometheus: ClassVar[TextMethod]
        to_text: ClassVar[TextMethod]

    def __str__(self) -> str:
        """Return the sentences that ``ehtoolkit audit -o FILE.txt`` writes; NISS numbers are masked."""
        return str(FORMATS[TABLE].content(self, self.texts, ExportOptions())).removesuffix("\n")


def add_methods(target: type[ExportableAudit], formats: Iterable[ExportFormat]) -> None:
    """Add a method to ``target`` for each of ``formats``."""
    for form in formats:
        method = _method(form)
        method.__name__ = f"to_{form.method or form.name}"
        method.__qualname__ = f"{target.__name__}.{method.__name__}"
        setattr(target, method.__name__, method)


def _method(form: ExportFormat) -> FunctionType:
    def write(
        self: ExportableAudit,
        path: StrPath | None = None,
        *,
        language: str | None = None,
        full: bool = False,
        table: str = "merged",
    ) -> str | bytes | None:
        audit = self if language is None else replace(self, texts=translator_of(language))
        options = ExportOptions(full=full, table=checked_choice("table", table, TABLES))
        if path is None:
            return form.content(audit, audit.texts, options)
        _new_file(path)
        write_new_file(path, form.file(audit, audit.texts, options))
        return None

    write.__doc__ = f"""Write the audit in the format `{form.name}` into a new file, readable by its owner alone.

        Args:
            path: of the file; None returns the content instead.
            language: of the sentences, ``fr``, ``nl``, ``de`` or ``en``; None: that of the audit.
            full: writes whole NISS numbers; they are masked without it.
            table: which one CSV contains.

        Raises `errors.FileExists` and what else `map_os_errors` raises; then no file is written.
        """
    return cast("FunctionType", write)


def translator_of(language: object) -> Translator:
    """Return the sentences in a language that a caller names. Raises `ValueError`, and `TypeError`."""
    return Translator(language_of(checked_choice("language", language, LANGUAGES)))


def write_new_file(path: StrPath, content: bytes) -> None:
    """Write a new file for its owner alone. Raises `errors.FileExists` and what else `map_os_errors` raises, and
    `TypeError` for what is no path."""
    target = _new_file(path)
    with map_os_errors(target):
        write_exclusively(target, content)


def _new_file(path: object) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise wrong_type("path", "str or os.PathLike", path)
    target = Path(path)
    require_new(target)
    return target


add_methods(ExportableAudit, FORMATS.values())
