"""Check this computer: card, reader, platform and folders; and whether it is the certificate."""

from __future__ import annotations

from ehtoolkit.forms.doctor.page import open_doctor

__all__ = ["open_doctor"]
