"""Sealed messages between holders of eHealth certificates (ETEE, end-to-end encryption): seal and unseal them.

What is done and checked is in docs/SEALING.md.
"""

from ehtoolkit.ehealth.sealing.authorities import TrustedAuthorities
from ehtoolkit.ehealth.sealing.message import (
    AddressedKey,
    DecryptionKey,
    LayerSignature,
    MessageState,
    SealedMessage,
    SenderCredentials,
    UnsealedMessage,
)
from ehtoolkit.ehealth.sealing.other_software import names_elsewhere
from ehtoolkit.ehealth.sealing.participants import check_recipient, check_sender
from ehtoolkit.ehealth.sealing.seal import seal
from ehtoolkit.ehealth.sealing.unseal import read_addresses, unseal

__all__ = [
    "AddressedKey",
    "DecryptionKey",
    "LayerSignature",
    "MessageState",
    "SealedMessage",
    "SenderCredentials",
    "TrustedAuthorities",
    "UnsealedMessage",
    "check_recipient",
    "check_sender",
    "names_elsewhere",
    "read_addresses",
    "seal",
    "unseal",
]
