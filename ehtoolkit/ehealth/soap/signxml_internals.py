"""The undocumented parts of signxml that signatures use, and nothing else of it.

- A key of any class that has ``sign`` and ``key_size``: without it, a card could not sign, whose key never leaves it.
  signxml documents keys of cryptography alone. Upstream: XML-Security/signxml#237.
- The logger ``signxml``: without the limit, the log at level DEBUG has every canonical form, with all the names and
  numbers in it. No upstream issue found.

`tests/unit/ehealth/test_signxml_internals.py` fails when one of them is gone or means something else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import utils

LOGGER: Final = "signxml"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A private key that lives elsewhere, as signxml expects its keys.

    Attributes:
        signs: makes a signature: RSA PKCS#1 v1.5, or r‖s of ECDSA.
        elliptic: whether the key is for ECDSA, whose signature signxml expects as DER.
    """

    signs: Callable[[bytes], bytes]
    key_size: int
    elliptic: bool

    def sign(self, data: bytes, **_: object) -> bytes:
        """Sign ``data``; signxml also names the padding and the digest, as for a key of cryptography."""
        signature = self.signs(data)
        if not self.elliptic:
            return signature
        half = len(signature) // 2
        r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        return utils.encode_dss_signature(r, s)


def log_no_messages() -> None:
    """Keep signed messages out of the log."""
    logging.getLogger(LOGGER).setLevel(logging.WARNING)
