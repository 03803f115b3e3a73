"""Keystores as HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cryptography.x509 import Certificate
from markupsafe import Markup

from ehtoolkit.clock import days_until
from ehtoolkit.finding import calendar_day
from ehtoolkit.html import card, card_facts, card_table, table_row
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.certificates import common_name_of
from ehtoolkit.keystore.entries import KeyEntry
from ehtoolkit.keystore.state import CertificateState
from ehtoolkit.keystore.view import KeystoreView


def holder_text(holder: DistinguishedName | None) -> str:
    """Return name, number and application id of a holder in one line; empty for none."""
    if holder is None:
        return ""
    return ", ".join(part for part in (holder.name, holder.identifier.text, holder.application_id) if part)


def holder_rows(
    texts: Translator,
    state: CertificateState | None,
    owner: str | None,
    environment: str | None,
    validity: tuple[datetime | None, datetime | None],
    now: datetime,
) -> Iterator[tuple[str, str]]:
    """Yield label and value of a certificate's state, holder, environment and dates, as far as they are known.

    ``environment``: the key of its word after ``finding.``. ``now``: aware.
    """
    label, (begin, end) = "finding.label.", validity
    yield texts.get(f"{label}state"), texts.get(f"finding.state.{'unknown' if state is None else state}")
    if owner is not None:
        yield texts.get(f"{label}owner"), owner
    if environment is not None:
        yield texts.get(f"{label}environment"), texts.get(f"finding.{environment}")
    if begin is not None and end is not None:
        yield texts.get(f"{label}from"), _day(begin, texts)
        yield texts.get(f"{label}until"), _day(end, texts)
        yield texts.get(f"{label}days_left"), str(days_until(end, now))


# ── A keystore ───────────────────────────────────────────────────────────────────────────────────────────
_LOOKS: Final = {
    CertificateState.PREPARED: "info",
    CertificateState.NO_ETK: "warning",
    CertificateState.COMPLETE: "ok",
    CertificateState.NOT_YET_VALID: "warning",
    CertificateState.RENEWABLE: "warning",
    CertificateState.EXPIRED: "error",
}
_LONGEST_ALIAS: Final = 16
_KEPT: Final = 6


def keystore_html(keystore: KeystoreView[KeyEntry], texts: Translator, now: datetime) -> str:
    """Return the card as HTML. It shows no key and no password. ``now``: aware."""
    state = keystore.state(now)
    holder = keystore.holder
    title = texts.get("keystore.title") if holder is None else holder.name
    parts = [card_facts(_facts(keystore, state, texts, now)), _keys(keystore, texts)]
    if keystore.chain:
        parts.append(_chain(keystore.chain, texts))
    return card(title, parts, look=_LOOKS[state], language=texts.language)


def _facts(
    keystore: KeystoreView[KeyEntry], state: CertificateState, texts: Translator, now: datetime
) -> Iterator[tuple[str, str]]:
    word = "state.unknown" if keystore.environment is None else f"word.{keystore.environment}"
    leaf = keystore.chain[0] if keystore.chain else None
    yield from holder_rows(
        texts,
        state,
        None if leaf is None else holder_text(keystore.holder) or _name(leaf),
        word if keystore.chain else None,
        (keystore.not_before, keystore.not_after),
        now,
    )
    yield texts.get("finding.label.authentication_key"), str(keystore.authentication.kind)
    yield texts.get("finding.label.key_id"), keystore.key_id


def _keys(keystore: KeystoreView[KeyEntry], texts: Translator) -> Markup:
    labels = (texts.get(f"keystore.label.{name}") for name in ("alias", "role", "until"))
    entries = (keystore.authentication, *keystore.encryption)
    rows = (_key(entry, _role(entry, keystore), texts) for entry in entries)
    return card_table(texts.get("finding.label.keys"), labels, rows)


def _role(entry: KeyEntry, keystore: KeystoreView[KeyEntry]) -> str:
    if entry is keystore.authentication:
        return "authentication"
    return "current" if entry in keystore.current_encryption else "old"


def _key(entry: KeyEntry, role: str, texts: Translator) -> Markup:
    until = _day(entry.chain[0].not_valid_after_utc, texts) if entry.chain else "–"
    return table_row(_short(entry.alias), texts.get(f"keystore.role.{role}"), until, title=entry.alias)


def _short(alias: str) -> str:
    """Return an alias without the middle of a long one: serial numbers have up to 39 digits, and the last ones tell
    them apart as well."""
    if not alias:
        return "–"
    return alias if len(alias) <= _LONGEST_ALIAS else f"{alias[:_KEPT]}…{alias[-_KEPT:]}"


def _chain(chain: tuple[Certificate, ...], texts: Translator) -> Markup:
    labels = (texts.get(f"keystore.label.{name}") for name in ("certificate", "until"))
    rows = (table_row(_name(one), _day(one.not_valid_after_utc, texts)) for one in chain)
    return card_table(texts.get("keystore.label.chain"), labels, rows)


def _name(certificate: Certificate) -> str:
    try:
        return common_name_of(certificate.subject) or certificate.subject.rfc4514_string() or "–"
    except ValueError:  # a name that is no name
        return "–"


def _day(moment: datetime, texts: Translator) -> str:
    return texts.date(calendar_day(moment))
