"""Messages to the training platform, and the codes of its answers."""

from __future__ import annotations

from datetime import UTC, datetime

from lxml import etree

from ehtoolkit.card.port import CardKey
from ehtoolkit.ehealth.certra import build_get_actor_qualities
from ehtoolkit.ehealth.soap.signature import sign_element
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.ehealth.soap.xml import unwrap
from ehtoolkit.identity import ContactData
from tests.training.conftest import Client

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
CERTRA_URL = "http://training.invalid/CertRa/v2"
ETKRA_URL = "http://training.invalid/EtkRa/v2"
CONTACT = ContactData("elise@example.be", "+32 4 555 01 42")


def codes(answer: Response) -> list[str]:
    """The codes in a refusal, or the one of a fault; empty for a success."""
    message = unwrap(answer.body)
    return [element.text or "" for element in message.iter("Code") if not element.xpath("parent::Status")]


def qualities(client: Client) -> etree._Element:
    """A signed GetActorQualitiesRequest."""
    request = build_get_actor_qualities(NOW, client.person)
    return sign_element(request, client.signer(CardKey.AUTHENTICATION))
