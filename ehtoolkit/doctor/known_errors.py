"""Known errors of other programs: what they mean, who can help, and whether the certificate is at fault.

A user types or pastes what he reads: the code of a practice software's module (``ERR2000xx``), a fault of the platform
or of MyCareNet (``SOA-xxxxx``), a return code of PKCS#11, or a sentence. Sentences are recognised by a few words of
theirs, in whatever case and with or without accents. For trouble that shows no code there is `SYMPTOMS`. The table is
``known_errors.toml``, beside this module.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any, Final

from ehtoolkit.ehealth.sealing.other_software_errors import known_names, named_findings
from ehtoolkit.i18n import Translator


class Contact(StrEnum):
    """Who can help."""

    NOBODY = "nobody"
    """The user can solve it without help."""
    MUNICIPALITY = "municipality"
    VENDOR = "vendor"
    """Of the practice software."""
    EHEALTH = "ehealth"
    """The contact centre of the platform."""
    CONSULTANT = "consultant"
    """The person who looks after the computer."""
    REGISTERS = "registers"
    """Who keeps the registers of professions."""


@dataclass(frozen=True, slots=True)
class KnownError:
    """An error of other software, and how it is recognised.

    Attributes:
        key: its sentences are ``advice.<key>`` (the cause) and ``advice.<key>.next`` (the cure).
        codes, words: what it is recognised by.
        alone: words that say it where nothing else is recognised. Of several such errors, the first in the table
            counts.
        certificate: whether eHealth certificate or keystore may be the cause.
    """

    key: str
    contact: Contact
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    certificate: bool = False

    def cause(self, texts: Translator) -> str:
        return texts.get(f"advice.{self.key}")

    def cure(self, texts: Translator) -> str:
        return texts.get(f"advice.{self.key}.next")

    def call(self, texts: Translator) -> str:
        """Return who can help, and with what in hand."""
        return texts.get(f"doctor.call.{self.contact}")

    def symptom(self, texts: Translator) -> str:
        """Return what a user sees; only of `SYMPTOMS`."""
        return texts.get(f"advice.{self.key}.symptom")


# ── The table ────────────────────────────────────────────────────────────────────────────────────────────
_OTHERS: Final = "others"
"""Instead of findings: all those that no other error names."""
_GENERAL: Final = ("CMSException", "InvalidMessageException", "ASN1ParsingException")
"""Names that accompany others."""
_CODE: Final = re.compile(r"[A-Z_]+")


def _read(rows: list[dict[str, Any]]) -> Iterator[KnownError]:
    """Return the errors of the table, in its order. A name in other software that several errors have counts for the
    first."""
    names: dict[str, list[str]] = {row["key"]: [] for row in rows}
    taken: set[str] = set()
    for row in sorted(rows, key=lambda row: row.get("findings") == [_OTHERS]):
        findings = row.get("findings", ())
        known = known_names(*(named_findings() if findings == [_OTHERS] else findings))
        names[row["key"]] = [name for name in known if name not in taken]
        taken.update(known)
    return (_known_error(row, names[row["key"]]) for row in rows)


def _known_error(row: Mapping[str, Any], names: list[str]) -> KnownError:
    """Return an error of the table. ``names``: what other software says for its findings."""
    codes = [name for name in names if _CODE.fullmatch(name)]
    words = [name.casefold() for name in names if name not in codes and name not in _GENERAL]
    alone = [name.casefold() for name in names if name in _GENERAL]
    return KnownError(
        row["key"],
        Contact(row["contact"]),
        codes=(*row.get("codes", ()), *codes),
        words=(*row.get("words", ()), *words),
        alone=(*row.get("alone", ()), *alone),
        certificate=row.get("certificate", False),
    )


_ROWS: Final = tomllib.loads(files("ehtoolkit.doctor").joinpath("known_errors.toml").read_text("utf-8"))
_TABLE: Final = tuple(_read(_ROWS["error"]))
SYMPTOMS: Final = tuple(_read(_ROWS["symptom"]))
"""Trouble that shows no code: a user chooses what fits."""

UNKNOWN: Final = KnownError("unknown", Contact.VENDOR)
"""For a code of a family that we know, which is not in the table."""

ALL: Final = (*_TABLE, *SYMPTOMS, UNKNOWN)

LONGEST: Final = 100_000
"""Letters of what was pasted that are looked at: half of them at its beginning, where programs say what happened, and
half at its end, where Java says why."""

_FAMILY: Final = re.compile(r"ERR\d{6}|SOA-\d{5}|CKR_[A-Z_]+")


def find_known_error(text: str) -> tuple[KnownError, ...]:
    """Return everything that ``text`` is recognised as, in the order of the table. Where that is nothing, a code of a
    known family gives `UNKNOWN`; other text gives an empty tuple."""
    plain = _plain(text)
    found = tuple(known for known in _TABLE if _fits(known, plain))
    found = found or tuple(known for known in _TABLE if any(word in plain for word in known.alone))[:1]
    # A code of WS-Trust may come without its prefix.
    found = found or tuple(known for known in _TABLE if f":{plain}" in known.words)
    return found or ((UNKNOWN,) if _FAMILY.search(plain.upper()) else ())


def codes_in(text: str) -> tuple[str, ...]:
    """Return the codes in ``text`` that are safe to hand on: those of known families or of the table, and nothing else
    of it."""
    plain = _plain(text).upper()
    ours = (code for known in _TABLE for code in known.codes if _has(code, plain))
    return tuple(dict.fromkeys([*_FAMILY.findall(plain), *ours]))


def _fits(advice: KnownError, plain: str) -> bool:
    upper = plain.upper()
    return any(_has(code, upper) for code in advice.codes) or any(word in plain for word in advice.words)


def _has(code: str, upper: str) -> bool:
    """Return whether the code is there, and not as the beginning of a longer number."""
    return re.search(rf"{re.escape(code)}(?!\d)", upper) is not None


def _plain(text: str) -> str:
    """Return ``text`` in small letters, without accents and invisible characters, with single blanks and straight
    quotes; of a whole log its two ends.

    Letter by letter: normalised in one go, a long row of accents takes a time that grows with its square.
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
    bare: Iterator[str] = (
        part
        for letter in text
        for part in unicodedata.normalize("NFKD", letter)
        if not unicodedata.combining(part) and unicodedata.category(part) != "Cf"
    )
    return " ".join("".join(bare).casefold().replace("’", "'").split())
