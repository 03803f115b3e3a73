"""Methods that write an audit, or a comparison of two, as a file: ``to_excel``, ``to_html`` and others, one for each
format of `FORMATS`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ehtoolkit.auditing.export.formats import FORMATS, ExportFormat, ExportOptions
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.i18n import LANGUAGES, Translator, language_of
from ehtoolkit.system.files import put_file, require_new
from ehtoolkit.type_errors import checked_choice, wrong_type

StrPath = str | os.PathLike[str]
Content = TypeVar("Content", covariant=True)


class AuditMethod(Protocol[Content]):
    """A method that writes an audit as a file, or returns the content."""

    def __call__(
        self,
        path: StrPath | None = None,
        *,
        language: str | None = None,
        full: bool = False,
        force: bool = False,
        table: str = ...,
    ) -> Content | None: ...


class ComparisonMethod(Protocol[Content]):
    """A method that writes a comparison as a file, or returns the content."""

    def __call__(
        self,
        path: StrPath | None = None,
        *,
        language: str | None = None,
        full: bool = False,
        force: bool = False,
        pressing: bool = False,
    ) -> Content | None: ...


def add_audit_methods(target: type) -> None:
    """Add a method to ``target``, an audit, for each format."""
    for form in FORMATS.values():
        _add(target, form, _audit_method(form), "audit", "table: which one CSV contains.")


def add_comparison_methods(target: type) -> None:
    """Add a method to ``target``, a comparison, for each format that comparisons have."""
    pressing = "pressing: of text, only the changes that somebody has to look at."
    for form in FORMATS.values():
        if form.comparison is not None:
            _add(target, form, _comparison_method(form, form.comparison), "comparison", pressing)


def _add(
    target: type, form: ExportFormat, method: Callable[..., object], subject: str, last_argument: str
) -> None:
    method.__name__ = f"to_{form.method or form.name}"
    method.__qualname__ = f"{target.__name__}.{method.__name__}"
    method.__doc__ = f"""Write the {subject} in the format `{form.name}` into a new file, readable by its owner alone.

        Args:
            path: of the file; None returns the content instead.
            language: of the sentences, ``fr``, ``nl``, ``de`` or ``en``; None: that of the {subject}.
            full: writes whole NISS numbers; they are masked without it.
            force: replaces a file of that name in one step and keeps its permissions.
            {last_argument}

        Raises `errors.FileExists` and what else `map_os_errors` raises; then no file is written.
        """
    setattr(target, method.__name__, method)


def _audit_method(form: ExportFormat) -> Callable[..., object]:
    def write(
        self: Any,
        path: StrPath | None = None,
        *,
        language: str | None = None,
        full: bool = False,
        force: bool = False,
        table: str = "merged",
    ) -> str | bytes | None:
        audit = replace(self, texts=_texts(self, language))
        options = ExportOptions(full=full, table=checked_choice("table", table, TABLES))
        return _put_out(form, lambda: form.content(audit, audit.texts, options), path, force=force)

    return write


def _comparison_method(form: ExportFormat, content: Callable[..., str | bytes]) -> Callable[..., object]:
    def write(
        self: Any,
        path: StrPath | None = None,
        *,
        language: str | None = None,
        full: bool = False,
        force: bool = False,
        pressing: bool = False,
    ) -> str | bytes | None:
        texts, options = _texts(self, language), ExportOptions(full=full, pressing=pressing)
        return _put_out(form, lambda: content(self, texts, options), path, force=force)

    return write


def _texts(found: Any, language: object) -> Translator:
    """Return the sentences of ``found``, or those in a language that a caller names."""
    if language is None:
        texts: Translator = found.texts
        return texts
    return Translator(language_of(checked_choice("language", language, LANGUAGES)))


def _put_out(
    form: ExportFormat, make: Callable[[], str | bytes], path: object, *, force: bool
) -> str | bytes | None:
    """Return what ``make`` makes, or write it into the file ``path``."""
    if path is None:
        return make()
    if not isinstance(path, str | os.PathLike):
        raise wrong_type("path", "str or os.PathLike", path)
    target = Path(path)
    require_new(target, replacing=force)
    put_file(target, form.encoded(make()), replacing=force)
    return None
