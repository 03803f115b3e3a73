"""Types of steps that forms are declared of.

The conditions, the card with the first PIN, the keystore, contact data, the contract with the second PIN, the
password, sending.

What they say is in the catalogue ``steps``; what depends on the form (why the card is read, what is signed) in the
form's own, under the same names: ``renew.card.lead`` beside ``steps.card.title``.
"""

from __future__ import annotations

from ehtoolkit.forms.steps.card import CardStep
from ehtoolkit.forms.steps.contact import ContactStep, contact_data, contact_fields, contact_lines
from ehtoolkit.forms.steps.keystore import KeystoreStep
from ehtoolkit.forms.steps.new_password import PasswordStep, new_password_fields, password_page
from ehtoolkit.forms.steps.opened_card import CardFormModel, read_card_of
from ehtoolkit.forms.steps.opened_keystore import KeystoreFormModel
from ehtoolkit.forms.steps.sending import (
    CheckStep,
    SendingModel,
    SendStep,
    SubmittedRequest,
    sent_page,
    sent_rows,
)
from ehtoolkit.forms.steps.signing import SignStep
from ehtoolkit.forms.steps.terms import TermsStep

__all__ = [
    "CardFormModel",
    "CardStep",
    "CheckStep",
    "ContactStep",
    "KeystoreFormModel",
    "KeystoreStep",
    "PasswordStep",
    "SendStep",
    "SendingModel",
    "SignStep",
    "SubmittedRequest",
    "TermsStep",
    "contact_data",
    "contact_fields",
    "contact_lines",
    "new_password_fields",
    "password_page",
    "read_card_of",
    "sent_page",
    "sent_rows",
]
