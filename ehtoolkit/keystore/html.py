"""Keystores and diagnoses as cards of HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cryptography.x509 import Certificate
from markupsafe import Markup

from ehtoolkit.clock import SystemClock, days_until
from ehtoolkit.crypto.certificates import name_text, only_common_name
from ehtoolkit.finding import calendar_day
from ehtoolkit.finding_html import findings_table
from ehtoolkit.html import card, card_facts, card_table, table_row
from ehtoolkit.i18n import Translator, texts_of_settings
from ehtoolkit.keystore.codec.contents import Key
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.keystore import Certified, Keystore
from ehtoolkit.keystore.standing import MEANINGS
from ehtoolkit.keystore.state import KeystoreState, State


# ── The holder ───────────────────────────────────────────────────────────────────────────────────────────
def _holder_rows(
    texts: Translator, state: KeystoreState, certified: Certified, now: datetime
) -> Iterator[tuple[str, str]]:
    """Yield label and value of a certificate's state, holder, environment and dates, as far as they are known.
    ``now``: aware."""
    label, leaf, holder = "finding.label.", certified.leaf, certified.holder
    yield texts.get(f"{label}state"), texts.get(f"export.state.{state}")
    if leaf is None:
        return
    words = () if holder is None else (holder.name, holder.identifier.text, holder.application_id)
    yield texts.get(f"{label}owner"), ", ".join(filter(None, words)) or _name(leaf)
    word = "unknown" if certified.environment is None else certified.environment
    yield texts.get(f"{label}environment"), texts.get(f"finding.word.{word}")
    yield texts.get(f"{label}from"), _day(leaf.not_valid_before_utc, texts)
    yield texts.get(f"{label}until"), _day(leaf.not_valid_after_utc, texts)
    yield texts.get(f"{label}days_left"), str(days_until(leaf.not_valid_after_utc, now))


# ── A keystore ───────────────────────────────────────────────────────────────────────────────────────────
_LONGEST_ALIAS: Final = 16
_KEPT: Final = 6


def keystore_card(keystore: Keystore) -> str:
    """Return the card in the language of the settings, by the clock of the computer."""
    return keystore_html(keystore, texts_of_settings(), SystemClock().now())


def keystore_html(keystore: Keystore, texts: Translator, now: datetime) -> str:
    """Return the card as HTML. It shows no key and no password. ``now``: aware."""
    state = keystore.state(now)
    holder = keystore.holder
    title = texts.get("keystore.title") if holder is None else holder.name
    sections = [card_facts(_facts(keystore, state, texts, now)), _keys(keystore, texts)]
    if keystore.chain:
        sections.append(_chain(keystore.chain, texts))
    return card(title, sections, look=MEANINGS[state].severity, language=texts.language)


def _facts(keystore: Keystore, state: State, texts: Translator, now: datetime) -> Iterator[tuple[str, str]]:
    yield from _holder_rows(texts, state, keystore, now)
    yield texts.get("finding.label.authentication_key"), str(keystore.authentication.kind)
    yield texts.get("finding.label.key_id"), keystore.key_id


def _keys(keystore: Keystore, texts: Translator) -> Markup:
    labels = (texts.get(f"keystore.label.{name}") for name in ("alias", "role", "until"))
    keys = (keystore.authentication, *keystore.encryption)
    rows = (_key(key, _role(key, keystore), texts) for key in keys)
    return card_table(texts.get("finding.label.keys"), labels, rows)


def _role(key: Key, keystore: Keystore) -> str:
    if key is keystore.authentication and not keystore.lacks_authentication:
        return "authentication"
    return "current" if key in keystore.current_encryption else "old"


def _key(key: Key, role: str, texts: Translator) -> Markup:
    until, alias = _day(key.chain[0].not_valid_after_utc, texts) if key.chain else "–", key.alias or ""
    return table_row(_short(alias), texts.get(f"keystore.role.{role}"), until, title=alias)


def _short(alias: str) -> str:
    """Return an alias without the middle of a long one: serial numbers have up to 39 digits, and the last ones tell
    them apart as well."""
    if not alias:
        return "–"
    return alias if len(alias) <= _LONGEST_ALIAS else f"{alias[:_KEPT]}…{alias[-_KEPT:]}"


def _chain(chain: tuple[Certificate, ...], texts: Translator) -> Markup:
    labels = (texts.get(f"keystore.label.{name}") for name in ("certificate", "until"))
    rows = (
        table_row(_name(certificate), _day(certificate.not_valid_after_utc, texts)) for certificate in chain
    )
    return card_table(texts.get("keystore.label.chain"), labels, rows)


def _name(certificate: Certificate) -> str:
    return only_common_name(certificate.subject) or name_text(certificate.subject) or "–"


def _day(moment: datetime, texts: Translator) -> str:
    return texts.date(calendar_day(moment))


# ── A diagnosis ──────────────────────────────────────────────────────────────────────────────────────────
def diagnosis_card(diagnosis: Diagnosis) -> str:
    """Return the card in the language of the settings."""
    return diagnosis_html(diagnosis, texts_of_settings())


def diagnosis_html(diagnosis: Diagnosis, texts: Translator) -> str:
    """Return the card as HTML: what the file is and holds, then its findings. Every value is escaped."""
    title = diagnosis.file.shown or texts.get("finding.label.file")
    sections = (card_facts(_diagnosis_facts(diagnosis, texts)), findings_table(diagnosis.findings, texts))
    return card(title, sections, look=diagnosis.severity, language=texts.language)


def _diagnosis_facts(diagnosis: Diagnosis, texts: Translator) -> Iterator[tuple[str, str]]:
    """Yield label and value of what is known."""
    outline, label = diagnosis.outline, "finding.label."
    yield from _holder_rows(texts, diagnosis.standing().state, diagnosis, diagnosis.now)
    if diagnosis.file.size is not None:
        yield texts.get(f"{label}size"), str(diagnosis.file.size)
    if not diagnosis.is_readable:
        return
    yield texts.get(f"{label}keys"), ", ".join(key.alias or "?" for key in diagnosis.keys) or "–"
    if diagnosis.certificates is not None:
        yield texts.get(f"{label}certificates"), str(diagnosis.certificates)
    if diagnosis.authentication_key is not None:
        yield texts.get(f"{label}authentication_key"), diagnosis.authentication_key
    if diagnosis.key_id is not None:
        yield texts.get(f"{label}key_id"), diagnosis.key_id
    if outline is None:
        return
    yield texts.get(f"{label}protection"), ", ".join((*outline.ciphers, f"MAC {outline.mac or '–'}"))
    if outline.last_written is not None:
        yield texts.get(f"{label}last_written"), texts.moment(outline.last_written)
