"""Steps that several forms share: the conditions, the card with the first PIN, the contract with the second, the
password.

What they say is in the catalogue ``steps``; what depends on the form (why the card is read, what is signed) in the
form's own, under the same names: ``renew.card.lead`` beside ``steps.card.title``.
"""

from __future__ import annotations

from ehtoolkit.forms.steps.card import CardPages
from ehtoolkit.forms.steps.card_reading import CardReading, ReadCard, read_card_of
from ehtoolkit.forms.steps.contact import contact_blocks, contact_data, contact_fields, contact_page
from ehtoolkit.forms.steps.contract import sign_page
from ehtoolkit.forms.steps.new_key import FirstTry, OtherKeyOffer, key_note
from ehtoolkit.forms.steps.new_password import length_rule, matching_password, password_page
from ehtoolkit.forms.steps.sent import Sent
from ehtoolkit.forms.steps.terms import terms_block, terms_page

__all__ = [
    "CardPages",
    "CardReading",
    "FirstTry",
    "OtherKeyOffer",
    "ReadCard",
    "Sent",
    "contact_blocks",
    "contact_data",
    "contact_fields",
    "contact_page",
    "key_note",
    "length_rule",
    "matching_password",
    "password_page",
    "read_card_of",
    "sign_page",
    "terms_block",
    "terms_page",
]
