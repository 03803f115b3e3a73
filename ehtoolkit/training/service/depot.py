"""The depot: the current encryption token of a holder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ehtoolkit.ehealth.certificate_info_xml import EtkStatus
from ehtoolkit.ehealth.soap import operations as op
from ehtoolkit.ehealth.soap.xml import DEPOT, Element, add, add_base64
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.service.element_reader import ElementReader, invalid
from ehtoolkit.training.service.endpoint import Call, Endpoint
from ehtoolkit.training.service.etkra import token_status


@dataclass(frozen=True, slots=True)
class DepotIdentifier:
    """Under what a token is looked up. ``application_id``: None: whichever; empty: the one without."""

    type: str
    number: str
    application_id: str | None


def _read_search(reader: ElementReader) -> tuple[DepotIdentifier, ...]:
    criteria = ElementReader(reader.only("SearchCriteria"), DEPOT)
    names = tuple(_read_name(element) for element in criteria.many("Identifier"))
    criteria.end()
    if not names:
        raise invalid("Identifier")
    return names


def _read_name(element: Element) -> DepotIdentifier:
    reader = ElementReader(element, DEPOT)
    name = DepotIdentifier(reader.text("Type"), reader.text("Value"), reader.maybe_text("ApplicationID"))
    reader.end()
    return name


def _search(call: Call) -> Element:
    names = _read_search(call.reader())
    found = _current(call.platform, names)
    answer = call.success()
    given = add(answer, DEPOT, "GivenSearchCriteria")
    for name in names:
        _add_name(given, name)
    if len(found) == 1:
        add_base64(answer, DEPOT, "ETK", found[0][1])
    for name, _ in found if len(found) > 1 else ():
        _add_name(add(answer, DEPOT, "MatchingEtk"), name)
    if not found:
        error = add(answer, DEPOT, "Error")
        add(error, DEPOT, "Code", "ETK_NOT_FOUND")
        add(error, DEPOT, "Message", "No encryption token matches the search criteria.")
    return answer


def _current(
    platform: EmbeddedPlatform, names: tuple[DepotIdentifier, ...]
) -> list[tuple[DepotIdentifier, bytes]]:
    """Return the current tokens that fit every name, one for each application id, with the name of each: it always has
    an application id, empty for the token without one.

    Only the one that was activated last counts: when it is over, an older one does not come back.
    """
    kind, number = names[0].type, names[0].number
    if any((name.type, name.number) != (kind, number) for name in names):
        return []  # no holder here has two numbers
    rows = platform.database.rows(
        "SELECT token.key_id, token.etk, certificate.application_id FROM token "
        "JOIN certificate USING (key_id) "
        "WHERE identifier_type = ? AND identifier = ? AND activated_at IS NOT NULL "
        "ORDER BY activated_at DESC",
        kind,
        number,
    )
    found = []
    for application_id, row in {row["application_id"] or "": row for row in reversed(rows)}.items():
        wanted = all(name.application_id in (None, application_id) for name in names)
        record = certificate_register.get(platform, row["key_id"]) if wanted else None
        if record is not None and row["etk"] and token_status(platform, record) is EtkStatus.VALID_ACTIVE:
            found.append((DepotIdentifier(kind, number, application_id), row["etk"]))
    return found


def _add_name(parent: Element, name: DepotIdentifier) -> None:
    identifier = add(parent, DEPOT, "Identifier")
    add(identifier, DEPOT, "Type", name.type)
    add(identifier, DEPOT, "Value", name.number)
    if name.application_id is not None:
        add(identifier, DEPOT, "ApplicationID", name.application_id)


ENDPOINTS: Final = (Endpoint(op.GET_ETK, "unsigned", _search),)
