"""The certificate authorities of the training platform, and what they sign."""

from __future__ import annotations

from typing import Final

STS_NUMBER: Final = "CBE=0999999922"
"""The invented enterprise number in the certificate that signs sessions."""
