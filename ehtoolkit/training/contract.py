"""The contract that a signer is shown, in French and Dutch, and the memory of every one that was written."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from ehtoolkit.identity import ContactData, DistinguishedName, Niss, Person
from ehtoolkit.texts import Texts
from ehtoolkit.training.register import Holder
from ehtoolkit.training.state import Database

LANGUAGES: Final = ("fr", "nl")
"""The platform's own languages; contracts and e-mails come in no other."""

_FOR_HIMSELF: Final = {"fr": "à mon nom", "nl": "op mijn naam"}
_FOR_ORGANISATION: Final = {"fr": "au nom de {name}", "nl": "op naam van {name}"}


@dataclass(frozen=True, slots=True)
class Contract:
    """``texts``: language to HTML document, with CRs, as the real platform's have them."""

    reference: str
    holder: Holder
    signer: Person
    texts: Mapping[str, str]


@cache
def template(name: str) -> Template:
    """A text of the platform, with its placeholders."""
    source = files("ehtoolkit.training").joinpath("texts", name)
    return Template(source.read_text(encoding="utf-8"))


def write_contract(holder: Holder, signer: Person, contact: ContactData, now: datetime) -> Contract:
    """A new contract. Everything that a client sent is escaped; the reference makes each text unique."""
    reference = f"FORM-{now.year}-{secrets.token_hex(4).upper()}"
    texts = {}
    for language in LANGUAGES:
        by_kind = _FOR_HIMSELF if holder.dn.identifier.is_person else _FOR_ORGANISATION
        facts = {
            "signer": signer.full_name,
            "ssin": signer.niss.formatted,
            "holder": by_kind[language].format(name=holder.name),
            "dn": holder.dn.text,
            "email": contact.email,
            "phone": contact.phone,
            "reference": reference,
            "date": Texts("nl" if language == "nl" else "fr").date(now),
        }
        escaped = {name: escape(value) for name, value in facts.items()}
        document = template(f"contract-{language}.html").substitute(escaped)
        texts[language] = document.replace("\n", "\r\n")
    return Contract(reference, holder, signer, texts)


class Contracts:
    """All contracts that this platform wrote: what comes back signed must be one of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, contract: Contract) -> None:
        signer, holder = contract.signer, contract.holder
        values = (
            _digest(tuple(contract.texts.items())),
            contract.reference,
            holder.dn.text,
            signer.niss.digits,
            signer.first_names,
            signer.name,
            holder.first_names,
            holder.name,
        )
        marks = ", ".join("?" * len(values))
        with self._database.writing() as connection:
            connection.execute(f"INSERT INTO contract VALUES ({marks})", values)  # noqa: S608

    def find(self, texts: tuple[tuple[str, str], ...]) -> Contract | None:
        """The contract with exactly these texts; None when a single character differs."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT * FROM contract WHERE text_digest = ?", (_digest(texts),)
            ).fetchone()
        if row is None:
            return None
        holder = Holder(DistinguishedName.parse(row["dn"]), row["holder_first_names"], row["holder_name"])
        signer = Person(Niss(row["signer"]), row["first_names"], row["name"])
        return Contract(row["reference"], holder, signer, dict(texts))


def _digest(texts: tuple[tuple[str, str], ...]) -> str:
    digest = hashlib.sha256()
    for part in (part for pair in texts for part in pair):
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
