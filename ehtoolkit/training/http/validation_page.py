"""The validation page: log in without an identity card, and confirm a request.

On the real platform the login is that of a digital key. In training the people are invented: one button stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from ehtoolkit.training.service.answers import LANGUAGES
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.platform_texts import template

PAGE_HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def page_texts(accept_language: str | None) -> Translator:
    """Return texts in Dutch when the browser asks for it before French, else in French; the platform speaks no other
    language."""
    accepted = [part.strip()[:2].lower() for part in (accept_language or "").split(",")]
    wanted: LanguageName = next(
        (language for part in accepted for language in LANGUAGES if part == language), "fr"
    )
    return Translator(wanted, on_pages=True)


def waiting_page(record: CertificateRecord, texts: Translator) -> str:
    """Return the page that says who requests what, with the button that stands for the holder's login. Everything a
    client sent is escaped."""
    facts = (
        (texts.get("validation.holder"), record.holder.full_name),
        (texts.get("validation.number"), record.holder.dn.identifier.value),
        (texts.get("validation.key_id"), record.key_id),
    )
    listed = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in facts)
    until = "" if record.validate_by is None else texts.moment(record.validate_by)
    content = (
        f"<p>{escape(texts.get('validation.question', until=until))}</p><dl>{listed}</dl>"
        f'<form method="post"><button>{escape(texts.get("validation.button"))}</button></form>'
    )
    return _page(content, texts)


def done_page(record: CertificateRecord, texts: Translator) -> str:
    """Return the page that says that the request is confirmed, now or before."""
    ready = texts.get("validation.done", ready=record.deliver_at)
    return _page(f'<p role="status">{escape(ready)}</p>', texts)


def refused_page(error: errors.ValidationImpossible, texts: Translator) -> str:
    """Return the page that says why nothing can be confirmed here."""
    sentences = escape(texts.error(error)), escape(texts.next_step(error))
    return _page(f'<p role="alert">{sentences[0]} {sentences[1]}</p>', texts)


def _page(content: str, texts: Translator) -> str:
    return template("validation.html").substitute(
        language=texts.language,
        title=escape(texts.get("validation.title")),
        warning=escape(texts.get("validation.warning")),
        content=content,
    )
