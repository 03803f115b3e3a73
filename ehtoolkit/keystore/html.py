"""A keystore as a card for Jupyter: whose it is, in which state, until when, its keys and its chain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ehtoolkit.clock import days_until
from ehtoolkit.finding import calendar_day
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.certificates import common_name_of
from ehtoolkit.keystore.entries import KeyEntry
from ehtoolkit.keystore.markup import STYLE, facts, table, text
from ehtoolkit.keystore.state import KeystoreState

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ehtoolkit.keystore.keystore import Keystore

_LOOKS: Final = {
    KeystoreState.PREPARED: "info",
    KeystoreState.NO_ETK: "warning",
    KeystoreState.COMPLETE: "ok",
    KeystoreState.NOT_YET_VALID: "warning",
    KeystoreState.RENEWABLE: "warning",
    KeystoreState.EXPIRED: "error",
}
_LONGEST_ALIAS: Final = 16
_KEPT: Final = 6


def keystore_html(keystore: Keystore, texts: Translator, now: datetime) -> str:
    """The card. It shows no key and no password. ``now``: aware."""
    state = keystore.state(now)
    holder = keystore.holder
    title = texts.get("keystore.title") if holder is None else holder.name
    chain = _chain(keystore.chain, texts) if keystore.chain else ""
    return (
        f'<style>{STYLE}</style><article class="ehd ehd-{_LOOKS[state]}" lang="{texts.language}">'
        f"<h3>{text(title)}</h3>{facts(_facts(keystore, state, texts, now))}{_keys(keystore, texts)}{chain}</article>"
    )


def _facts(
    keystore: Keystore, state: KeystoreState, texts: Translator, now: datetime
) -> Iterator[tuple[str, str]]:
    label = "finding.label."
    yield texts.get(f"{label}state"), texts.get(f"finding.state.{state}")
    if keystore.chain:
        word = "state.unknown" if keystore.environment is None else f"word.{keystore.environment}"
        yield texts.get(f"{label}owner"), _owner(keystore)
        yield texts.get(f"{label}environment"), texts.get(f"finding.{word}")
    if keystore.not_before is not None and keystore.not_after is not None:
        yield texts.get(f"{label}from"), _day(keystore.not_before, texts)
        yield texts.get(f"{label}until"), _day(keystore.not_after, texts)
        yield texts.get(f"{label}days_left"), str(days_until(keystore.not_after, now))
    yield texts.get(f"{label}authentication_key"), str(keystore.authentication.kind)
    yield texts.get(f"{label}key_id"), keystore.key_id


def _owner(keystore: Keystore) -> str:
    holder = keystore.holder
    if holder is None:
        return _name(keystore.chain[0])
    return ", ".join(part for part in (holder.name, holder.identifier.text, holder.application_id) if part)


def _keys(keystore: Keystore, texts: Translator) -> str:
    labels = (texts.get(f"keystore.label.{name}") for name in ("alias", "role", "until"))
    entries = (keystore.authentication, *keystore.encryption)
    rows = (_key(entry, _role(entry, keystore), texts) for entry in entries)
    return table(texts.get("finding.label.keys"), labels, rows)


def _role(entry: KeyEntry, keystore: Keystore) -> str:
    if entry is keystore.authentication:
        return "authentication"
    return "current" if entry in keystore.current_encryption else "old"


def _key(entry: KeyEntry, role: str, texts: Translator) -> str:
    until = _day(entry.chain[0].not_valid_after_utc, texts) if entry.chain else "–"
    return (
        f'<tr><th scope="row" title="{text(entry.alias)}">{text(_short(entry.alias))}</th>'
        f"<td>{text(texts.get(f'keystore.role.{role}'))}</td><td>{text(until)}</td></tr>"
    )


def _short(alias: str) -> str:
    """Serial numbers have up to 39 digits, and the last ones tell them apart as well."""
    if not alias:
        return "–"
    return alias if len(alias) <= _LONGEST_ALIAS else f"{alias[:_KEPT]}…{alias[-_KEPT:]}"


def _chain(chain: tuple[Certificate, ...], texts: Translator) -> str:
    labels = (texts.get(f"keystore.label.{name}") for name in ("certificate", "until"))
    rows = (
        f'<tr><th scope="row">{text(_name(one))}</th><td>{text(_day(one.not_valid_after_utc, texts))}</td></tr>'
        for one in chain
    )
    return table(texts.get("keystore.label.chain"), labels, rows)


def _name(certificate: Certificate) -> str:
    try:
        return common_name_of(certificate.subject) or certificate.subject.rfc4514_string() or "–"
    except ValueError:  # a name that is no name
        return "–"


def _day(moment: datetime, texts: Translator) -> str:
    return texts.date(calendar_day(moment))
