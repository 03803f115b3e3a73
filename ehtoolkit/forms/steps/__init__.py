"""Types of steps that forms are declared of.

The conditions, the card with the first PIN, the keystore, contact data, the contract with the second PIN, the
password, sending.

What they say is in the catalogue ``steps``; what depends on the form (why the card is read, what is signed) in the
form's own, under the same names: ``renew.card.lead`` beside ``steps.card.title``.
"""
