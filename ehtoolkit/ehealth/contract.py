"""The contract that must be shown before it is signed, that goes back as it came, and its words on a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from lxml import etree

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.xml import (
    CERTRA,
    CERTRA_CORE,
    COMMONS,
    Element,
    Namespace,
    add,
    child,
    child_text,
    incomplete,
    optional_text,
    texts_by_language,
)
from ehtoolkit.identity import PERSON_TYPE, DistinguishedName, Person
from ehtoolkit.identity.distinguished_name import normalise_name, parse_attributes
from ehtoolkit.system.text_safety import harmless

LONGEST_TEXT: Final = 250_000
"""Characters of a contract in one language; real ones have some ten thousand."""


class RevocationReason(StrEnum):
    """Why a certificate is revoked: the four reasons that the schema has."""

    KEY_COMPROMISE = "keyCompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract for a certificate, or for its revocation.

    Attributes:
        dn: as it came.
        texts: the HTML documents by language (``fr``, ``nl``), from a stranger: show them in a sandboxed frame only.
        element: the whole as it came, for `copy_into`.
        key_id: whose certificate it revokes, as it was asked for: the contract itself does not name the key. None in
            the other kind.
    """

    dn: str
    texts: Mapping[str, str]
    element: Element
    key_id: str | None = None

    @property
    def distinguished_name(self) -> DistinguishedName:
        """The name that the certificate request must have. Raises `errors.DistinguishedNameInvalid`."""
        return DistinguishedName.parse(self.dn)

    @property
    def revocation_reason(self) -> str | None:
        """The reason in a contract for a revocation; None in the other kind."""
        return optional_text(self.element, CERTRA_CORE("RevocationReason"))

    def language_near(self, language: str) -> str:
        """Return ``language`` if there is a text in it, else French or Dutch: the platform writes these two. One of
        them may be empty, and is not what the holder signs."""
        wanted = (language, "fr", "nl", *self.texts)
        return next(each for each in wanted if self.texts.get(each, "").strip())

    def text_in(self, language: str) -> str:
        """Return the HTML in `language_near` to ``language``."""
        return self.texts[self.language_near(language)]

    def copy_into(self, request: Element, namespace: Namespace, *, escape_dn: bool = False) -> None:
        """Add ``{namespace}Contract`` to ``request``, everything inside as it came, entities and CRs too.

        ``escape_dn`` writes ``TYPE=`` inside the DN as ``TYPE\\=``: the proven client does, the schema does
        not want it, and a server has to compare parsed names.
        """
        contract = add(request, namespace, "Contract")
        for each in self.element:
            copy = deepcopy(each)
            copy.tail = None
            contract.append(copy)
        if escape_dn:
            kind = self.distinguished_name.identifier.type
            child(contract, CERTRA_CORE("DN")).text = self.dn.replace(f"={kind}=", f"={kind}\\=")


def read_contract(response: Element) -> Contract:
    """Return the contract in an answer to generateContract or generateRevocationContract.

    Raises `errors.MessageInvalid` without a name, a signer or a text, and for a text longer than `LONGEST_TEXT`.
    """
    element = child(response, CERTRA("Contract"))
    child(element, CERTRA_CORE("Signer"))
    texts = texts_by_language(child(element, CERTRA_CORE("Text")), CERTRA_CORE("Value"))
    if not any(text.strip() for text in texts.values()):
        raise incomplete("Text")
    if any(len(text) > LONGEST_TEXT for text in texts.values()):
        raise errors.MessageInvalid(reason="too_large", element="Text")
    return Contract(child_text(element, CERTRA_CORE("DN")), MappingProxyType(texts), element)


def check_contract(contract: Contract, holder: DistinguishedName | None, signer: Person) -> None:
    """Check that the contract is for ``holder`` and names ``signer``; one person does not sign for another. ``holder``
    is compared by type, number and application id; the order of names is the server's business; None: for any holder.

    Raises `errors.ResponseUntrusted` (reason ``contract``).
    """
    if holder is not None:
        try:
            found = contract.distinguished_name
        except errors.DistinguishedNameInvalid as error:
            raise errors.ResponseUntrusted(reason="contract") from error
        if not found.same_holder(holder):
            raise errors.ResponseUntrusted(reason="contract")
    actor = child(contract.element, CERTRA_CORE("Signer"))
    if not _names(actor, signer):
        raise errors.ResponseUntrusted(reason="contract")


def check_common_name(contract: Contract, kind: str, number: str, application_id: str | None) -> None:
    """Check that the common name in the contract is ``kind`` and ``number``, and ``application_id`` where there is one:
    for a holder of a type that this program does not know.

    Raises `errors.ResponseUntrusted` (reason ``contract``).
    """
    try:
        found = [value for attribute, value in parse_attributes(contract.dn) if attribute == "CN"]
    except errors.DistinguishedNameInvalid as error:
        raise errors.ResponseUntrusted(reason="contract") from error
    wanted = f"{kind}={number}" if application_id is None else f"{kind}={number}, {application_id}"
    if found != [wanted]:
        raise errors.ResponseUntrusted(reason="contract")


def _names(actor: Element, person: Person) -> bool:
    """Return whether an ActorType is ``person``; case and accents may differ, the number may not."""
    identifiers = [(element.get("Type"), element.text) for element in actor.findall(COMMONS("Id"))]
    names = [
        normalise_name(" ".join(element.text or "" for element in actor.findall(COMMONS(tag))))
        for tag in ("FirstName", "Name")
    ]
    return identifiers == [(PERSON_TYPE, person.niss.digits)] and names == [
        normalise_name(person.first_names),
        normalise_name(person.name),
    ]


# ── As text ────────────────────────────────────────────────────────────────────────────────────────────
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SECTIONS = ("p", "div", "section", "article", "br", "ul", "ol", "li", "dl", "dt", "table", "tr")
_BLOCKS = frozenset((*_HEADINGS, *_SECTIONS))
_LABELS = frozenset(("dt", "th"))
"""What stands before its value, in the same line."""
_VALUES = frozenset(("dd", "td"))
_HIDDEN = frozenset(("head", "script", "style", "template", "title"))


class _Reader:
    """Collects the words of a document as `lxml` parses it. `html.parser` takes quadratic time for some documents."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._hidden = 0
        self._last = ""

    def start(self, tag: str, _: object) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _BLOCKS:
            self.pieces.append("\n- " if tag == "li" else "\n")
        elif tag in _VALUES:
            self.pieces.append(" ")

    def end(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _LABELS:
            if self._last != ":":  # some labels have one of their own
                self.pieces.append(":")
        elif tag in _BLOCKS or tag in _VALUES:
            self.pieces.append("\n" if tag != "td" else " ")

    def data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(re.sub(r"\s+", " ", data))
            self._last = data.rstrip()[-1:] or self._last

    def close(self) -> None:
        """Do nothing: `lxml` calls it at the end."""


def plain_text(html: str) -> str:
    """Return the words of ``html``, each paragraph on its own line, without control characters (a terminal obeys
    those)."""
    reader = _Reader()
    parser = etree.HTMLParser(target=reader, no_network=True)  # type: ignore[arg-type]  # the stubs want bytes too
    # A document in a text has no encoding of its own, whatever it claims.
    parser.feed(f"<html><body>{html}")
    parser.close()
    lines = (line.strip() for line in harmless("".join(reader.pieces)).splitlines())
    return "\n".join(line for line in lines if line)
