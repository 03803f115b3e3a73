"""The contract that a signer is shown, in French and Dutch, and the memory of every one that was written."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from html import escape
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import RegisteredContact, add_person
from ehtoolkit.ehealth.soap.xml import CERTRA, CERTRA_CORE, XML, Element, add
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import PERSON_TYPE, DistinguishedName, Person
from ehtoolkit.training.service.actors import RequestActor, read_actor
from ehtoolkit.training.service.answers import LANGUAGES, add_text
from ehtoolkit.training.service.element_reader import ElementReader, invalid, text_of
from ehtoolkit.training.service.endpoint import Call
from ehtoolkit.training.state.certificate_record import Holder
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.platform_texts import template
from ehtoolkit.training.state.refusal_reasons import Refusal

REASONS: Final = ("keyCompromise", "affiliationChanged", "superseded", "cessationOfOperation")
"""Why a certificate may be revoked."""

_FOR_HIMSELF: Final = {"fr": "à mon nom", "nl": "op zijn/haar naam"}
_FOR_ORGANISATION: Final = {"fr": "au nom de {name}", "nl": "op naam van {name}"}

Texts = tuple[tuple[str, str], ...]
"""Pairs of language and text, verbatim."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """What a contract revokes. ``reason``: one of `REASONS`."""

    key_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class WrittenContract:
    """A contract that this platform wrote.

    Attributes:
        texts: language to HTML document, with CRs, as the real platform's have them.
        revocation: None in a contract for a certificate.
    """

    reference: str
    holder: Holder
    signer: Person
    texts: Mapping[str, str]
    revocation: Revocation | None = None


Subject = RegisteredContact | Revocation
"""What a contract is about: a certificate for someone with that contact data, or a revocation."""


def offer_contract(call: Call, holder: Holder, signer: Person, subject: Subject) -> Element:
    """Write a contract, keep it, and return the answer with it, which the client shows to the signer."""
    contract = _written(holder, signer, call.now, subject)
    keep_contract(call.platform.database, contract)
    answer = call.success()
    element = add(answer, CERTRA, "Contract")
    add(element, CERTRA_CORE, "DN", holder.dn.text)
    add_person(element, CERTRA_CORE, "Signer", signer)
    if contract.revocation is not None:
        add(element, CERTRA_CORE, "RevocationReason", contract.revocation.reason)
    add_text(element, CERTRA_CORE, "Text", contract.texts)
    return answer


def _written(holder: Holder, signer: Person, now: datetime, subject: Subject) -> WrittenContract:
    """Return a new contract in each of `LANGUAGES`, with ``holder``, ``signer`` and ``subject`` filled in.
    Everything that a client sent is escaped; the reference makes each text unique."""
    revocation = subject if isinstance(subject, Revocation) else None
    reference = f"FORM-{now.year}-{secrets.token_hex(4).upper()}"
    name = "contract" if revocation is None else "revocation-contract"
    texts: dict[str, str] = {}
    for language in LANGUAGES:
        by_kind = _FOR_HIMSELF if holder.dn.identifier.is_person else _FOR_ORGANISATION
        values = {
            "signer": signer.full_name,
            "ssin": signer.niss.formatted,
            "holder": by_kind[language].format(name=holder.name),
            "dn": holder.dn.text,
            "reference": reference,
            "date": Translator(language).date(now),
            **asdict(subject),
        }
        escaped = {fact: escape(value or "") for fact, value in values.items()}
        document = template(f"{name}-{language}.html").substitute(escaped)
        texts[language] = document.replace("\n", "\r\n")
    return WrittenContract(reference, holder, signer, texts, revocation)


# ── in messages ──────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class ReturnedContract:
    """A contract as it comes back, signed. ``reason``: in one for a revocation."""

    dn: str
    signer: RequestActor
    texts: Texts
    reason: str | None = None


def read_contract(element: Element, *, revokes: bool = False) -> ReturnedContract:
    reader = ElementReader(element, CERTRA_CORE)
    dn = reader.text("DN")
    signer = read_actor(reader.take("Signer"))
    reason = read_reason(reader) if revokes else None
    texts = _read_texts(reader.take("Text"))
    reader.end()
    return ReturnedContract(dn, signer, texts, reason)


def read_reason(reader: ElementReader) -> str:
    reason = reader.text("RevocationReason").strip()
    if reason not in REASONS:
        raise invalid("RevocationReason")
    return reason


def _read_texts(element: Element) -> Texts:
    reader = ElementReader(element, CERTRA_CORE)
    values = tuple((value.get(XML("lang"), ""), text_of(value)) for value in reader.many("Value"))
    reader.end()
    if not values:
        raise invalid("Value")
    return values


# ── in the database ──────────────────────────────────────────────────────────────────────────────────────
def keep_contract(database: TrainingDatabase, contract: WrittenContract) -> None:
    """Keep a contract, with a digest of its texts: what comes back signed must be a contract that was kept."""
    signer, holder, revocation = contract.signer, contract.holder, contract.revocation
    database.insert(
        _table(revokes=revocation is not None),
        text_digest=_digest(tuple(contract.texts.items())),
        reference=contract.reference,
        dn=holder.dn.text,
        signer=signer.niss.digits,
        first_names=signer.first_names,
        name=signer.name,
        holder_first_names=holder.first_names,
        holder_name=holder.name,
        **({} if revocation is None else asdict(revocation)),
    )


def signed_contract(
    database: TrainingDatabase, returned: ReturnedContract
) -> tuple[Holder, Revocation | None]:
    """Return the holder in the contract that was written, and what it revokes, after checking that the contract that
    came back is the same: its texts to the last character, its DN (which may be escaped in another way) and its signer.
    Raises `Refusal`."""
    revokes = returned.reason is not None
    query = f"SELECT * FROM {_table(revokes=revokes)} WHERE text_digest = ?"  # noqa: S608
    row = database.row(query, _digest(returned.texts))
    if row is None:
        raise Refusal("CONTRACT_UNKNOWN")
    holder = Holder(DistinguishedName.parse(row["dn"]), row["holder_first_names"], row["holder_name"])
    if not _is_same(returned.dn, holder.dn):
        raise Refusal("CONTRACT_DN_MISMATCH", Expected=holder.dn.text)
    signer = returned.signer
    named = (signer.type, signer.number, signer.first_names or "", signer.name)
    if named != (PERSON_TYPE, row["signer"], row["first_names"], row["name"]):
        raise Refusal("CONTRACT_SIGNER_MISMATCH")
    return holder, Revocation(row["key_id"], row["reason"]) if revokes else None


def _is_same(returned: str, written: DistinguishedName) -> bool:
    try:
        return DistinguishedName.parse(returned) == written
    except errors.DistinguishedNameInvalid:
        return False


def _table(*, revokes: bool) -> str:
    return "revocation_contract" if revokes else "contract"


def _digest(texts: Texts) -> str:
    digest = hashlib.sha256()
    for part in (part for pair in texts for part in pair):
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
