"""The contract that a signer is shown, in French and Dutch, and the memory of every one that was written."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info import RegisteredContact
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName, Niss, Person
from ehtoolkit.training.service.requests import ReturnedContract
from ehtoolkit.training.state.certificate_record import Holder
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.refusals import Refusal
from ehtoolkit.training.state.templates import template

LANGUAGES: Final = ("fr", "nl")
"""The platform's own languages; contracts and e-mails come in no other."""

_FOR_HIMSELF: Final = {"fr": "à mon nom", "nl": "op zijn/haar naam"}
_FOR_ORGANISATION: Final = {"fr": "au nom de {name}", "nl": "op naam van {name}"}


@dataclass(frozen=True, slots=True)
class ContractText:
    """``texts``: language to HTML document, with CRs, as the real platform's have them."""

    reference: str
    holder: Holder
    signer: Person
    texts: Mapping[str, str]


def write_contract(holder: Holder, signer: Person, contact: RegisteredContact, now: datetime) -> ContractText:
    """Return a new contract for a certificate, in each of `LANGUAGES`."""
    return draw_up("contract", holder, signer, now, {"email": contact.email, "phone": contact.phone})


def draw_up(
    name: str, holder: Holder, signer: Person, now: datetime, more: Mapping[str, str]
) -> ContractText:
    """Return a new contract from the template ``name``, filled in with what is said of ``holder`` and ``signer``, and
    with ``more``. Everything that a client sent is escaped; the reference makes each text unique."""
    reference = f"FORM-{now.year}-{secrets.token_hex(4).upper()}"
    texts = {}
    for language in LANGUAGES:
        by_kind = _FOR_HIMSELF if holder.dn.identifier.is_person else _FOR_ORGANISATION
        facts = {
            "signer": signer.full_name,
            "ssin": signer.niss.formatted,
            "holder": by_kind[language].format(name=holder.name),
            "dn": holder.dn.text,
            "reference": reference,
            "date": Translator("nl" if language == "nl" else "fr").date(now),
            **more,
        }
        escaped = {fact: escape(value) for fact, value in facts.items()}
        document = template(f"{name}-{language}.html").substitute(escaped)
        texts[language] = document.replace("\n", "\r\n")
    return ContractText(reference, holder, signer, texts)


def require_unchanged(contract: ContractText, echoed: ReturnedContract) -> None:
    """Check that the DN and the signer that came back are those that were written; only the DN may be escaped in
    another way.

    Raises `Refusal`.
    """
    try:
        same_dn = DistinguishedName.parse(echoed.dn) == contract.holder.dn
    except errors.DistinguishedNameInvalid:
        same_dn = False
    if not same_dn:
        raise Refusal("CONTRACT_DN_MISMATCH", Expected=contract.holder.dn.text)
    signer = echoed.signer
    if (signer.type, signer.number, signer.first_names or "", signer.name) != (
        "SSIN",
        contract.signer.niss.digits,
        contract.signer.first_names,
        contract.signer.name,
    ):
        raise Refusal("CONTRACT_SIGNER_MISMATCH")


class Contracts:
    """All contracts for certificates that this platform wrote: what comes back signed must be one of them."""

    def __init__(self, database: TrainingDatabase) -> None:
        self._database = database

    def add(self, contract: ContractText) -> None:
        values = contract_values(contract)
        marks = ", ".join("?" * len(values))
        with self._database.writing() as connection:
            connection.execute(f"INSERT INTO contract VALUES ({marks})", values)  # noqa: S608

    def find(self, texts: tuple[tuple[str, str], ...]) -> ContractText | None:
        """Return the contract with exactly these texts; None when a single character differs."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT * FROM contract WHERE text_digest = ?", (text_digest(texts),)
            ).fetchone()
        return None if row is None else contract_of(row, texts)


def contract_values(contract: ContractText) -> tuple[str | None, ...]:
    """Return the values of a contract for the first columns of a table of contracts; of the texts a digest is kept."""
    signer, holder = contract.signer, contract.holder
    return (
        text_digest(tuple(contract.texts.items())),
        contract.reference,
        holder.dn.text,
        signer.niss.digits,
        signer.first_names,
        signer.name,
        holder.first_names,
        holder.name,
    )


def contract_of(row: sqlite3.Row, texts: tuple[tuple[str, str], ...]) -> ContractText:
    """Return the contract in a row of a table of contracts, with its ``texts``."""
    holder = Holder(DistinguishedName.parse(row["dn"]), row["holder_first_names"], row["holder_name"])
    signer = Person(Niss(row["signer"]), row["first_names"], row["name"])
    return ContractText(row["reference"], holder, signer, dict(texts))


def text_digest(texts: tuple[tuple[str, str], ...]) -> str:
    digest = hashlib.sha256()
    for part in (part for pair in texts for part in pair):
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
